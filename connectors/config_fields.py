"""How single settings are spelled: addresses, ports, numbers, sections; marshmallow says what is wrong.

For every schema of settings; it reads no file.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as ma

_LARGEST_PORT: Final = 65535
FILLED: Final = validate.Length(1, 500)


def base_url(value: str) -> None:
    """Raise ValidationError unless it is an https address without an end of its own."""
    parts = urlsplit(value)
    local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if not parts.netloc or parts.query or parts.fragment or value.endswith("/"):
        raise ValidationError("Write an address like https://accord.example.org (no / at the end).")
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ValidationError("Write an https address; plain http is taken on this machine only.")


def bind(value: str) -> None:
    """Raise ValidationError unless it is HOST:PORT."""
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) <= _LARGEST_PORT:
        raise ValidationError("Write HOST:PORT, like 127.0.0.1:8750.")


def number(least: int, most: int, default: int) -> ma.Integer:
    """Make a whole number within limits."""
    return ma.Integer(validate=validate.Range(least, most), load_default=default)


def nested(schema: type[Schema], *, optional: bool = False) -> ma.Nested:
    """Make a section whose unknown keys are refused; an optional one has its own schema's defaults."""
    if optional:
        return ma.Nested(schema, unknown=RAISE, load_default=lambda: schema().load({}))
    return ma.Nested(schema, unknown=RAISE, required=True)

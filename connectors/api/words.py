"""The words that several resources answer with: each shape once, as a schema that stands in the
description.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields as ma

from schemas.instant import format as spell
from schemas.instant import from_ms
from schemas.messages import fields
from schemas.messages.fields import Strict

AnyJson = ma.Dict(keys=ma.String())
"""A document that has its own schema elsewhere."""


class Empty(Strict):
    """No body is needed."""


class Posted(Strict):
    """A message was signed and waits to be sent."""

    message = ma.String(required=True)


class BecauseOf(Strict):
    """Why; shown to those it concerns."""

    reason = fields.Text(longest=200)


def at(milliseconds: int | None) -> str | None:
    """Spell an instant of the store."""
    return None if milliseconds is None else spell(from_ms(milliseconds))


def posted(message: str) -> dict[str, str]:
    """Say which message waits to be sent."""
    return {"message": message}


def without_nothing(**members: Any) -> dict[str, Any]:
    """Leave out what was not said."""
    return {name: value for name, value in members.items() if value is not None}


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a plain copy for JSON."""
    return dict(document)

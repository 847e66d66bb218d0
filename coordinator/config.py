"""The coordinator's settings: one TOML file with an environment overlay, checked by one schema, then frozen.

Takes a path and the environment, gives a complete `Config` or raises `ConfigError` that names the key, the
file and what to do. It reads no keys and opens no database.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import RAISE, Schema, ValidationError, validate
from marshmallow import fields as ma

PREFIX = "ACCORD_COORDINATOR__"
"""Environment variables that replace a key: ACCORD_COORDINATOR__LIMITS__ATTACHMENT_BYTES=1000000."""
FILE_NAME = "coordinator.toml"


class ConfigError(Exception):
    """The settings are incomplete or wrong; the message names the key, the file and the remedy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may ask for; the message size itself is the protocol's and no setting."""

    batch_messages: int = 128
    attachment_bytes: int = 25 * 1024 * 1024
    long_poll_s: int = 25
    page_messages: int = 200
    connections: int = 1000


@dataclass(frozen=True, slots=True)
class Rates:
    """How often; 0 switches one off. Those about tokens and codes are counted in the database."""

    requests_per_member_per_minute: int = 6000
    requests_per_address_per_minute: int = 180_000
    """3,000 a second, twice what one process admits one by one: it stops a flood, and not a busy proxy that
    speaks for many members. Connectors send in batches, each of which is one request."""
    tokens_per_address_per_minute: int = 120
    code_guesses_per_address_per_hour: int = 20


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that the coordinator can be told, complete and checked."""

    database_url: str
    origin: str
    name: str
    keys_dir: Path
    bind: str
    public_url: str
    workers: int = 2
    token_ttl_s: int = 600
    trusted_proxies: int = 0
    graceful_s: int = 2
    limits: Limits = Limits()
    rates: Rates = Rates()

    @property
    def embedded(self) -> bool:
        """Whether the database is SQLite, which has one writing process."""
        return self.database_url.startswith("sqlite")

    @property
    def processes(self) -> int:
        """How many worker processes serve: one with SQLite, `workers` with PostgreSQL."""
        return 1 if self.embedded else self.workers

    def shown(self) -> dict[str, Any]:
        """Give the settings for people, without the password of the database."""
        return {
            **asdict(self),
            "database_url": _without_password(self.database_url),
            "keys_dir": str(self.keys_dir),
        }


def _positive(maximum: int, minimum: int = 1, **options: Any) -> ma.Integer:
    return ma.Integer(validate=validate.Range(minimum, maximum), **options)


def _one_line(value: str) -> None:
    if not re.fullmatch(r"[!-*,-~]+", value):
        raise ValidationError("Write printable ASCII without spaces and '+' (C2SP checkpoint origin).")


def _base_url(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or value.endswith("/"):
        raise ValidationError(
            "Write the address as clients see it, like https://accord.example.org (no / at the end)."
        )


def _address(value: str) -> None:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004 - the largest TCP port
        raise ValidationError("Write HOST:PORT, like 127.0.0.1:8080.")


def _database(value: str) -> None:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValidationError("Write sqlite:///FILE or postgresql://USER@HOST/DATABASE.")


class _LimitsSchema(Schema):
    batch_messages = _positive(128)
    attachment_bytes = _positive(25 * 1024 * 1024)
    long_poll_s = _positive(25, minimum=0)
    page_messages = _positive(200)
    connections = _positive(100_000)


class _RatesSchema(Schema):
    requests_per_member_per_minute = _positive(10**9, minimum=0)
    requests_per_address_per_minute = _positive(10**9, minimum=0)
    tokens_per_address_per_minute = _positive(10**6, minimum=0)
    code_guesses_per_address_per_hour = _positive(10**6, minimum=0)


class _ConfigSchema(Schema):
    database_url = ma.String(required=True, validate=_database)
    origin = ma.String(required=True, validate=[validate.Length(1, 200), _one_line])
    name = ma.String(required=True, validate=validate.Length(1, 200))
    keys_dir = ma.String(required=True, validate=validate.Length(1))
    bind = ma.String(required=True, validate=_address)
    public_url = ma.String(required=True, validate=_base_url)
    workers = _positive(64)
    token_ttl_s = _positive(600, minimum=30)
    trusted_proxies = _positive(8, minimum=0)
    graceful_s = _positive(60)
    limits = ma.Nested(_LimitsSchema, unknown=RAISE)
    rates = ma.Nested(_RatesSchema, unknown=RAISE)


def load(path: Path, environment: Mapping[str, str]) -> Config:
    """Read, overlay, check and freeze; raise ConfigError."""
    return from_mapping(_overlay(_read(path), environment), source=str(path), folder=path.resolve().parent)


def from_mapping(values: Mapping[str, Any], *, source: str, folder: Path) -> Config:
    """Check settings that were read already; relative paths are below `folder`."""
    try:
        checked: dict[str, Any] = _ConfigSchema(unknown=RAISE).load(values)
    except ValidationError as error:
        raise ConfigError(_explain(error.messages_dict, source)) from error
    checked["keys_dir"] = folder / checked["keys_dir"]
    checked["database_url"] = _anchored(checked["database_url"], folder)
    checked["limits"] = Limits(**checked.get("limits", {}))
    checked["rates"] = Rates(**checked.get("rates", {}))
    return Config(**checked)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no file {path}. Make one with: accord coordinator init {path.parent}"
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}. Correct it, or make a new one with init."
        ) from error


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Let the environment replace keys; what it names must exist in the schema like a key of the file."""
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX):
            continue
        *sections, key = variable.removeprefix(PREFIX).lower().split("__")
        table: Any = values
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise ConfigError(
                    f"{variable}: {section} is a key and has no keys below it. Unset the variable."
                )
        table[key] = value
    return values


def _explain(messages: Mapping[str, Any], source: str) -> str:
    lines = [f"{source} is not complete or not right:"]
    lines += [f"  {key}: {problem} (in the file, or as {_variable(key)})" for key, problem in _flat(messages)]
    return "\n".join(
        [*lines, "Correct these keys; `accord coordinator init` writes a file with each one explained."]
    )


def _flat(messages: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in messages.items():
        name = f"{above}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, dict) else [(name, " ".join(map(str, value)))]
    return found


def _variable(key: str) -> str:
    return PREFIX + key.upper().replace(".", "__")


def _anchored(url: str, folder: Path) -> str:
    """Make the path of an SQLite file absolute, so that the working directory does not matter."""
    file = url.removeprefix("sqlite:///")
    return url if file == url or file.startswith("/") else f"sqlite:///{folder / file}"


def _without_password(url: str) -> str:
    return re.sub(r"(?<=://)([^:/@]+):[^@]*(?=@)", r"\1:***", re.sub(r"(?i)(password=)[^&]+", r"\1***", url))

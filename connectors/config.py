"""The connector's settings: one TOML file with an environment overlay, checked by one schema, then frozen.

Takes a path and the environment, gives a complete `Config` or raises ConfigRefused that names the file, the
key and what to do. It reads no keys, opens no database and does not look inside a source system's own table.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args

from marshmallow import RAISE, Schema, ValidationError, validate, validates_schema
from marshmallow import fields as ma

from connectors.config_fields import FILLED, base_url, bind, nested, number
from connectors.errors import ConfigRefused
from connectors.portal.settings import PortalSchema, PortalSettings, portal_settings

PREFIX: Final = "ACCORD_CONNECTOR__"
"""Environment variables that replace a key: ACCORD_CONNECTOR__STORAGE__URL=postgresql://…"""
FILE_NAME: Final = "connector.toml"
MemberKind = Literal["public", "charity", "company", "portal", "oversight"]
_SECRET = re.compile(r"(?i)password|passwd|secret|token$|api_key|credential|authorization")
"""Keys of a source system whose value `config show` does not print."""
_HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """Who this connector speaks for."""

    id: str
    kind: MemberKind
    name: str


@dataclass(frozen=True, slots=True)
class CoordinatorSettings:
    """Where the coordinator is, and the file with the public keys that were compared by a person."""

    url: str
    keys: Path


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """The database, and the folder of private keys."""

    url: str
    keys: Path


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Where the local API listens, and the file with its token."""

    bind: str = "127.0.0.1:8750"
    token_file: Path = Path("api-token")

    @property
    def host(self) -> str:
        """The address without the port."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port alone."""
        return int(self.bind.rpartition(":")[2])


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Where the agency's own release rules are."""

    folder: Path = Path("policy")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much and how long; the defaults are right for most."""

    mailbox_wait_s: int = 25
    mailbox_page: int = 200
    api_body_bytes: int = 1024 * 1024
    api_threads: int = 8
    wrong_tokens: int = 10
    lockout_s: int = 60
    disk_free_mb: int = 500


_USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a connector can be told, complete and checked."""

    member: MemberSettings
    coordinator: CoordinatorSettings
    storage: StorageSettings
    api: ApiSettings
    policy: PolicySettings
    limits: Limits
    file: Path
    systems: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    portal: PortalSettings | None = None
    """The citizens' pages; without it a portal has its API and commands alone."""

    @property
    def is_portal(self) -> bool:
        """Whether this connector acts for citizens."""
        return self.member.kind == "portal"

    @property
    def folder(self) -> Path:
        """Where the settings are; relative paths in them start here."""
        return self.file.parent

    def shown(self) -> dict[str, Any]:
        """Give the settings for people: no password, no token, no key."""
        plain = asdict(self)
        plain["storage"]["url"] = _without_password(self.storage.url)
        plain["systems"] = {name: _without_secrets(table) for name, table in self.systems.items()}
        plain["file"] = self.file
        return {name: _text_paths(value) for name, value in plain.items()}


def load(path: Path, environment: Mapping[str, str]) -> Config:
    """Read, overlay, check and freeze; raise ConfigRefused."""
    return from_mapping(_overlay(_read(path), environment), file=path.resolve())


def from_mapping(values: Mapping[str, Any], *, file: Path) -> Config:
    """Check settings that were read already; relative paths are below the folder of `file`."""
    try:
        checked: dict[str, Any] = _ConfigSchema(unknown=RAISE).load(values)
    except ValidationError as error:
        raise _explained(error.messages_dict, file) from error
    folder, storage = file.parent, checked["storage"]
    coordinator, api = checked["coordinator"], checked["api"]
    return Config(
        member=MemberSettings(**checked["member"]),
        coordinator=CoordinatorSettings(coordinator["url"], folder / coordinator["keys"]),
        storage=StorageSettings(_anchored(storage["url"], folder), folder / storage["keys"]),
        api=ApiSettings(api["bind"], folder / api["token_file"]),
        policy=PolicySettings(folder / checked["policy"]["folder"]),
        limits=Limits(**checked["limits"]),
        systems=checked["systems"],
        portal=None if checked["portal"] is None else portal_settings(checked["portal"], folder),
        file=file,
    )


# --- the schema -------------------------------------------------------------------------------------


def _database(value: str) -> None:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValidationError("Write sqlite:///FILE or postgresql://USER@HOST/DATABASE.")


def _member_id(value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,39}", value, re.ASCII) or value in {"coordinator", "citizen"}:
        raise ValidationError("Write a lower-case letter, then 1 to 39 letters, digits or hyphens.")


def _system_name(value: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,39}", value, re.ASCII):
        raise ValidationError("Name a source system by lower-case letters, digits, - and _.")


class _MemberSchema(Schema):
    id = ma.String(required=True, validate=_member_id)
    kind = ma.String(required=True, validate=validate.OneOf(get_args(MemberKind)))
    name = ma.String(required=True, validate=validate.Length(1, 200))


class _CoordinatorSchema(Schema):
    url = ma.String(required=True, validate=base_url)
    keys = ma.String(load_default="coordinator-keys.json", validate=FILLED)


class _StorageSchema(Schema):
    url = ma.String(load_default="sqlite:///connector.db", validate=_database)
    keys = ma.String(load_default="keys", validate=FILLED)


class _ApiSchema(Schema):
    bind = ma.String(load_default="127.0.0.1:8750", validate=bind)
    token_file = ma.String(load_default="api-token", validate=FILLED)


class _PolicySchema(Schema):
    folder = ma.String(load_default="policy", validate=FILLED)


class _LimitsSchema(Schema):
    mailbox_wait_s = number(0, 25, _USUAL.mailbox_wait_s)
    mailbox_page = number(1, 200, _USUAL.mailbox_page)
    api_body_bytes = number(10_000, 64 * 1024 * 1024, _USUAL.api_body_bytes)
    api_threads = number(1, 64, _USUAL.api_threads)
    wrong_tokens = number(1, 1000, _USUAL.wrong_tokens)
    lockout_s = number(1, 3600, _USUAL.lockout_s)
    disk_free_mb = number(1, 1_000_000, _USUAL.disk_free_mb)


class _ConfigSchema(Schema):
    member = nested(_MemberSchema)
    coordinator = nested(_CoordinatorSchema)
    storage = nested(_StorageSchema, optional=True)
    api = nested(_ApiSchema, optional=True)
    policy = nested(_PolicySchema, optional=True)
    limits = nested(_LimitsSchema, optional=True)
    # What is inside a system's table is checked where that kind of system is known: connectors/systems.
    systems = ma.Dict(
        keys=ma.String(validate=_system_name), values=ma.Dict(keys=ma.String()), load_default=dict
    )
    portal = ma.Nested(PortalSchema, unknown=RAISE, load_default=None)

    @validates_schema(skip_on_field_errors=True)
    def has_pages_for_citizens_only_as_a_portal(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse citizens' pages at an agency: nobody there may decide for a citizen."""
        if data["portal"] is not None and data["member"]["kind"] != "portal":
            raise ValidationError("Only a member of kind portal has pages for citizens.", "portal")


# --- reading ----------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise ConfigRefused(
            f"There is no file {path}.",
            remedy=f"Make one with `accord connector init {path.parent}`, or name it with --config.",
            file=str(path),
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigRefused(
            f"{path} cannot be read: {error}",
            remedy="Correct it there; `accord connector init` writes a fresh one to compare with.",
            file=str(path),
        ) from error


def _overlay(values: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Let the environment replace keys; what it names must exist in the schema like a key of the file."""
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX):
            continue
        *sections, key = variable.removeprefix(PREFIX).lower().split("__")
        table = values
        for section in sections:
            below = table.setdefault(section, {})
            if not isinstance(below, dict):
                raise ConfigRefused(
                    f"{variable} looks for a section where the file has a value.",
                    remedy=f"Unset {variable}, or correct its name: {PREFIX}SECTION__KEY.",
                )
            table = below
        table[key] = value
    return values


def _explained(messages: Mapping[str, Any], file: Path) -> ConfigRefused:
    found = _flat(messages)
    lines = [f"{key}: {problem} (in the file, or as {_variable(key)})" for key, problem in found]
    return ConfigRefused(
        f"{file} is not complete or not right:\n  " + "\n  ".join(lines),
        remedy="Correct these keys; `accord connector init` writes a file with each one explained.",
        file=str(file),
        keys=", ".join(key for key, _ in found),
    )


def _flat(messages: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    """Give one line per key; the levels that marshmallow adds for dictionaries are no part of the path."""
    found: list[tuple[str, str]] = []
    for key, value in messages.items():
        name = (
            above if key in {"key", "value"} and above.startswith("systems.") else f"{above}.{key}".strip(".")
        )
        found += _flat(value, name) if isinstance(value, dict) else [(name, " ".join(map(str, value)))]
    return found


def _variable(key: str) -> str:
    return PREFIX + key.upper().replace(".", "__")


def _anchored(url: str, folder: Path) -> str:
    """Make the path of an SQLite file absolute, so that the working directory does not matter."""
    file = url.removeprefix("sqlite:///")
    return url if file in {url, ":memory:"} or file.startswith("/") else f"sqlite:///{folder / file}"


# --- showing ----------------------------------------------------------------------------------------


def _without_password(text: str) -> str:
    hidden = re.sub(r"(?<=://)([^:/@\s]*):[^@\s]*(?=@)", rf"\1:{_HIDDEN}", text)
    return re.sub(r"(?i)((?:password|passwd|pwd)=)[^&;\s]+", rf"\1{_HIDDEN}", hidden)


def _without_secrets(value: Any, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {name: _without_secrets(below, name) for name, below in value.items()}
    if isinstance(value, list):
        return [_without_secrets(each, key) for each in value]
    if _SECRET.search(key):
        return _HIDDEN
    return _without_password(value) if isinstance(value, str) else value


def _text_paths(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _text_paths(below) for name, below in value.items()}
    return str(value) if isinstance(value, Path) else value

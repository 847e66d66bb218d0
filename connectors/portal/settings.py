"""The section `[portal]` of connector.toml: the citizens' pages, their sign-in and their e-mail.

Takes what the file says, gives frozen settings or ValidationError by key. Secrets are in files of their own,
which are read where they are used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, validate, validates_schema
from marshmallow import fields as ma

from connectors.config_fields import FILLED, base_url, bind, number
from connectors.portal.mail.address import check_address
from schemas.errors import Invalid

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """The identity provider at which citizens sign in (OpenID Connect)."""

    issuer: str
    client_id: str
    client_secret_file: Path
    scope: str = "openid profile"
    acr_step_up: str | None = None
    """The level of assurance that granting asks for, beyond ordinary sign-in."""
    name: Mapping[str, str] = field(default_factory=dict)

    def client_secret(self) -> str:
        """Read the secret; raise OSError."""
        return self.client_secret_file.read_text("utf-8").strip()


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes e-mail, and from whom it comes."""

    host: str
    port: int
    sender: str
    security: Security
    username: str | None = None
    password_file: Path | None = None

    def password(self) -> str | None:
        """Read the password; raise OSError."""
        return None if self.password_file is None else self.password_file.read_text("utf-8").strip()


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Everything that the citizens' pages are told, complete and checked."""

    public_url: str
    name: Mapping[str, str]
    contact: Mapping[str, str]
    """phone, email, address: the second way to take a permission back (CDR rule 4.13)."""
    oidc: OidcSettings
    bind: str = "127.0.0.1:8760"
    logo: Path | None = None
    colour: str = "#1d4f91"
    exit_url: str = "https://www.wikipedia.org/"
    smtp: SmtpSettings | None = None
    session_hours: int = 8
    sign_in_fresh_minutes: int = 60
    timezone: str = "UTC"
    """In which times of day are shown, by its name in the time zone database."""
    trusted_proxy: str | None = None
    """The address of the web server before the pages, whose word is taken for where visitors come from."""
    live_connections: int = 32
    threads: int = 48

    @property
    def host(self) -> str:
        """The address without the port."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port alone."""
        return int(self.bind.rpartition(":")[2])

    @property
    def domain(self) -> str:
        """The name under which browsers reach the pages; also that of passkeys (WebAuthn's RP ID)."""
        return urlsplit(self.public_url).hostname or ""

    def called(self, language: str) -> str:
        """Give the service's name in a language."""
        return self.name.get(language) or self.name["en"]


def portal_settings(checked: Mapping[str, Any], folder: Path) -> PortalSettings:
    """Freeze what PortalSchema let through; relative paths are below `folder`."""
    oidc, smtp, logo = dict(checked["oidc"]), checked["smtp"], checked["logo"]
    proxy = checked["trusted_proxy"]
    oidc["client_secret_file"] = folder / oidc["client_secret_file"]
    return PortalSettings(
        **{
            **checked,
            "oidc": OidcSettings(**oidc),
            "trusted_proxy": None if proxy is None else str(proxy),
            "smtp": None if smtp is None else _smtp(smtp, folder),
            "logo": None if logo is None else folder / logo,
            "contact": {kind: text for kind, text in checked["contact"].items() if text},
        }
    )


def _smtp(checked: Mapping[str, Any], folder: Path) -> SmtpSettings:
    file = checked["password_file"]
    port = checked["port"] or _PORTS[checked["security"]]
    return SmtpSettings(**{**checked, "port": port, "password_file": None if file is None else folder / file})


# --- the schema -------------------------------------------------------------------------------------


def _page_address(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.netloc:
        raise ValidationError("Write an https address.")


def _origin(value: str) -> None:
    """An origin: session cookies and passkeys are bound to the whole name, so no path below it can be one."""
    base_url(value)
    if urlsplit(value).path or urlsplit(value).username:
        raise ValidationError("Write the address alone, without a path: https://portal.example.org.")


def _issuer(value: str) -> None:
    """Take an issuer as its provider spells it, an end `/` included: it is compared letter by letter."""
    base_url(value.removesuffix("/"))


def _time_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError("Write the name of a time zone, like Europe/Paris.")


def _address(value: str) -> None:
    try:
        check_address(value)
    except Invalid as refusal:
        raise ValidationError(refusal.detail) from refusal


class _InBothLanguages(Schema):
    en = ma.String(required=True, validate=validate.Length(1, 200))
    fr = ma.String(required=True, validate=validate.Length(1, 200))


class _ContactSchema(Schema):
    phone = ma.String(load_default=None, validate=FILLED)
    email = ma.String(load_default=None, validate=_address)
    address = ma.String(load_default=None, validate=FILLED)

    @validates_schema
    def has_one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        """Insist on a way besides the pages (CDR rule 4.13: a simple alternative channel)."""
        if not any(data.get(kind) for kind in ("phone", "email", "address")):
            raise ValidationError("Give at least one of phone, email, address.", "phone")


class _OidcSchema(Schema):
    issuer = ma.String(required=True, validate=_issuer)
    client_id = ma.String(required=True, validate=FILLED)
    client_secret_file = ma.String(load_default="oidc-secret", validate=FILLED)
    scope = ma.String(load_default="openid profile", validate=validate.ContainsNoneOf("\r\n"))
    acr_step_up = ma.String(load_default=None, allow_none=True, validate=FILLED)
    name = ma.Nested(_InBothLanguages, unknown=RAISE, required=True)

    @validates_schema
    def asks_for_openid(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a scope without `openid`: no word about who signed in would come (OIDC Core §3.1.2.1)."""
        if "openid" not in data.get("scope", "").split():
            raise ValidationError("The scope has to hold openid.", "scope")


class _SmtpSchema(Schema):
    host = ma.String(required=True, validate=FILLED)
    port = ma.Integer(load_default=None, validate=validate.Range(1, 65535))
    sender = ma.String(required=True, validate=_address)
    security = ma.String(load_default="starttls", validate=validate.OneOf(tuple(_PORTS)))
    username = ma.String(load_default=None, validate=FILLED)
    password_file = ma.String(load_default=None, validate=FILLED)

    @validates_schema
    def keeps_its_password(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse half a login, and one that would go over the line in clear."""
        if (data.get("username") is None) is not (data.get("password_file") is None):
            raise ValidationError("A login has username and password_file.", "username")
        if data.get("username") and data.get("security") == "none":
            raise ValidationError("A password is not sent in clear: use starttls or tls.", "security")


class PortalSchema(Schema):
    """The section as it is written."""

    bind = ma.String(load_default="127.0.0.1:8760", validate=bind)
    public_url = ma.String(required=True, validate=_origin)
    name = ma.Nested(_InBothLanguages, unknown=RAISE, required=True)
    logo = ma.String(load_default=None, validate=FILLED)
    colour = ma.String(
        load_default="#1d4f91",
        validate=validate.Regexp(_COLOUR.pattern + r"\Z", error="Write six hex digits, like #1d4f91."),
    )
    exit_url = ma.String(load_default="https://www.wikipedia.org/", validate=_page_address)
    contact = ma.Nested(_ContactSchema, unknown=RAISE, required=True)
    oidc = ma.Nested(_OidcSchema, unknown=RAISE, required=True)
    smtp = ma.Nested(_SmtpSchema, unknown=RAISE, load_default=None)
    session_hours = number(1, 24, 8)
    sign_in_fresh_minutes = number(1, 24 * 60, 60)
    timezone = ma.String(load_default="UTC", validate=_time_zone)
    trusted_proxy = ma.IP(load_default=None, allow_none=True)
    live_connections = number(0, 1000, 32)
    threads = number(2, 256, 48)

    @validates_schema
    def leaves_threads_for_pages(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse as many live updates as threads: each holds one, and pages would find none."""
        if data.get("live_connections", 0) >= data.get("threads", 0):
            raise ValidationError("Have more threads than live_connections.", "threads")

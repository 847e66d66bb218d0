"""Signing people in with OpenID Connect, by Authlib; the one file here that knows it (it has no types).

Authorization code with PKCE (S256), state and nonce (OpenID Connect Core §3.1, RFC 9700). Gives who the
identity provider says somebody is, how surely, and when they signed in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app
from werkzeug.wrappers import Response

from schemas.errors import NotPermitted, Unavailable

_CLIENT: Final = "accord.sign_in"
_TIMEOUT_S: Final = 10
_AHEAD_S: Final = 60
"""How far an identity provider's clock may run ahead of ours."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The identity provider, and what we are there."""

    issuer: str
    client_id: str
    client_secret: str
    scope: str = "openid profile"
    acr_values: str | None = None
    """Levels of assurance to ask for, the best first (OpenID Connect Core §3.1.2.1)."""
    name: Mapping[str, str] = field(default_factory=dict)

    def called(self, language: str) -> str:
        """Give its name in a language."""
        return self.name.get(language) or self.origin

    @property
    def origin(self) -> str:
        """Scheme and host, for the content policy."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who somebody is, by the identity provider's word."""

    issuer: str
    subject: str
    name: str | None
    email: str | None
    acr: str
    auth_time: datetime


class SignInRefused(NotPermitted):
    """The identity provider did not confirm who you are."""

    code = "sign_in_refused"


class SignInUnavailable(Unavailable):
    """The identity provider cannot be reached."""

    code = "sign_in_unavailable"


def use(app: Flask, provider: Provider) -> None:
    """Let the application sign people in at this provider."""
    registry: Any = OAuth(app)
    arguments: dict[str, Any] = {"scope": provider.scope, "code_challenge_method": "S256"}
    client = registry.register(
        "provider",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={**arguments, "timeout": _TIMEOUT_S},
    )
    app.extensions[_CLIENT] = (client, provider)


def begin(callback: str, *, language: str, again: bool = False) -> Response:
    """Send the visitor to the provider; `again` asks them to prove themselves anew, however lately."""
    client, provider = current_app.extensions[_CLIENT]
    asked: dict[str, Any] = {"ui_locales": language}
    if provider.acr_values:
        asked["acr_values"] = provider.acr_values
    if again:
        asked |= {"prompt": "login", "max_age": 0}
    try:
        found: Response = client.authorize_redirect(callback, **asked)
    except (requests.RequestException, OAuthError, ValueError) as error:
        raise SignInUnavailable from error
    return found


def complete() -> SignedIn:
    """Take the visitor who comes back; raise SignInRefused or SignInUnavailable."""
    client, provider = current_app.extensions[_CLIENT]
    try:
        token = client.authorize_access_token()
    except requests.RequestException as error:
        raise SignInUnavailable from error
    except Exception as error:
        # Authlib and the library below it raise many kinds: all mean that this sign-in does not hold.
        raise SignInRefused from error
    return _read(provider, token.get("userinfo") or {})


def _read(provider: Provider, claims: Mapping[str, Any]) -> SignedIn:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise SignInRefused
    signed_in = claims.get("auth_time") or claims.get("iat") or time.time()
    if not isinstance(signed_in, int | float) or signed_in > time.time() + _AHEAD_S:
        raise SignInRefused
    return SignedIn(
        issuer=provider.issuer,
        subject=subject,
        name=_text(claims.get("name")),
        email=_text(claims.get("email")) if claims.get("email_verified", True) else None,
        acr=_text(claims.get("acr")) or "0",
        auth_time=datetime.fromtimestamp(int(signed_in), UTC),
    )


def _text(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) and value else None

"""Sign-in at the coordinator: OAuth 2 client credentials with `private_key_jwt`, bound to a key by DPoP.

Gives headers for one request at a time (RFC 7523, RFC 9449). The messages themselves carry their own
signature; this only says whose mailbox is asked for.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.jwk import OKPKey

from schemas.keys import SigningKey
from schemas.wire import b64u

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_LIFE = timedelta(seconds=60)
_RENEW_BEFORE = timedelta(seconds=60)
"""Renew while the old token is still good, so that no request meets an expired one."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and when to stop using it (by our own clock)."""

    value: str
    renew_at: datetime

    @classmethod
    def granted(cls, value: str, expires_in: int, now: datetime) -> Token:
        """Take what the token endpoint answered."""
        life = timedelta(seconds=expires_in)
        return cls(value, now + max(life - _RENEW_BEFORE, life / 2))


def assertion(member: str, audience: str, key: SigningKey, now: datetime) -> str:
    """Sign the JWT by which the member identifies itself at the token endpoint (RFC 7523 §3)."""
    issued = int(now.timestamp())
    claims: dict[str, str | int] = {
        "iss": member,
        "sub": member,
        "aud": audience,
        "jti": secrets.token_urlsafe(16),
        "exp": issued + int(_ASSERTION_LIFE.total_seconds()),
    }
    return _sign({"alg": "Ed25519", "typ": "JWT", "kid": key.kid}, claims, key)


def proof(method: str, url: str, key: SigningKey, now: datetime, token: str | None = None) -> str:
    """Sign the DPoP proof for exactly this method and address (RFC 9449 §4.2)."""
    claims: dict[str, str | int] = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": url,
        "iat": int(now.timestamp()),
    }
    if token is not None:
        claims["ath"] = b64u(hashlib.sha256(token.encode()).digest())
    return _sign({"alg": "Ed25519", "typ": "dpop+jwt", "jwk": key.public.jwk}, claims, key)


def _sign(header: Mapping[str, object], claims: Mapping[str, str | int], key: SigningKey) -> str:
    private = OKPKey.import_key({**key.public.jwk, "d": b64u(key.to_raw())})
    return jwt.encode(dict(header), dict(claims), private, algorithms=["Ed25519"])

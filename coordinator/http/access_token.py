"""The access token: a JWT of RFC 9068, signed by the coordinator and bound to the caller's key (RFC 9449 §6).

Takes member and key thumbprint, gives a token; takes a token, gives what it says. It does not check the proof
that goes with it, nor whether member and key are still in force.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.errors import NotSignedIn, Refusal, UnknownKey
from schemas.keys import SigningKey, VerifyingKey
from schemas.signed import sign_typed, verify_typed

TYP = "at+jwt"
_CLAIMS = frozenset({"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "cnf", "key"})
TOKEN_LIMIT = 2048
"""Bytes of a token; ours have about 600."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may ask until the token ends: whoever proves `jkt`, while the member's key `kid` is in force."""

    member: str
    jkt: str
    kid: str


def issue(grant: Grant, *, issuer: str, key: SigningKey, now: datetime, lifetime_s: int) -> str:
    """Sign a token that only the holder of the key `jkt` can use.

    `key` names the member's key that asked for it, so that ending that key ends its tokens at once.
    """
    issued = int(now.timestamp())
    claims = {
        "iss": issuer,
        "sub": grant.member,
        "client_id": grant.member,
        "aud": issuer,
        "iat": issued,
        "exp": issued + lifetime_s,
        "jti": secrets.token_urlsafe(16),
        "cnf": {"jkt": grant.jkt},
        "key": grant.kid,
    }
    return sign_typed(claims, key, typ=TYP).decode("ascii")


def check(token: str, *, issuer: str, keys: Mapping[str, VerifyingKey], now: datetime) -> Grant:
    """Check signature, issuer, audience, time and binding; raise NotSignedIn.

    An unbound token is refused: it would be a bearer token, good for whoever finds it.
    """
    claims = _claims(token, keys)
    if set(claims) != _CLAIMS or claims["iss"] != issuer or claims["aud"] != issuer:
        raise NotSignedIn("The access token is not one for this coordinator.")
    if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
        raise NotSignedIn("The access token has expired.", remedy="Ask for a new one at /v1/token.")
    bound = claims["cnf"]
    if not isinstance(bound, dict) or not isinstance(bound.get("jkt"), str):
        raise NotSignedIn("The access token is bound to no key.")
    return Grant(str(claims["sub"]), bound["jkt"], str(claims["key"]))


def _claims(token: str, keys: Mapping[str, VerifyingKey]) -> Mapping[str, Any]:
    def key_for(kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
        if kid not in keys:
            raise UnknownKey
        return keys[kid]

    if len(token) > TOKEN_LIMIT or not token.isascii():
        raise NotSignedIn("The access token is not one of this coordinator.")
    try:
        return verify_typed(token.encode("ascii"), key_for, typ=TYP).payload
    except Refusal as error:
        raise NotSignedIn("The access token is not one of this coordinator.") from error

"""Checks that a request was made by the holder of a key: DPoP (RFC 9449), by hand and strict.

Takes the proof, the method and address that it must name, and the time; gives the key and what must be
remembered. Whether the proof was used before, and whose key it is, is the caller's to check.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from schemas.errors import NotSignedIn, Refusal
from schemas.keys import VerifyingKey
from schemas.wire import b64u, parse, split_compact, unb64u

TYP = "dpop+jwt"
WINDOW_S = 60
"""Seconds that a proof may be older or younger than this clock (RFC 9449 §11.1)."""
_PROOF_LIMIT = 4096
_JTI = re.compile(r"[A-Za-z0-9_.~-]{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof whose signature and claims were checked; `once` is to be remembered until `until_ms`."""

    jkt: str
    once: str
    until_ms: int


def check(
    compact: str, *, method: str, address: str, now: datetime, access_token: str | None = None
) -> Proof:
    """Check one proof (RFC 9449 §4.3).

    1. bounded, three parts, strict base64url, strict JSON   (malleable spellings, duplicate names)
    2. the header is exactly typ, alg and jwk                (alg none, key references, crit)
    3. jwk is a public Ed25519 key of full order             (one signature that fits everything)
    4. the signature fits
    5. htm and htu are this request's                        (a proof moved to another address)
    6. iat is within a minute of now                         (proofs made ahead, proofs kept)
    7. ath is the hash of the access token                   (a proof moved to another token)
    """
    try:
        header_text, claims_text, signature = split_compact(compact.encode("ascii"), 3, limit=_PROOF_LIMIT)
        header = parse(unb64u(header_text), limit=_PROOF_LIMIT)
        claims = parse(unb64u(claims_text), limit=_PROOF_LIMIT)
        key = _key(header)
        key.verify(unb64u(signature), f"{header_text}.{claims_text}".encode("ascii"))
    except UnicodeEncodeError as error:
        raise _refused("The DPoP proof is not ASCII.") from error
    except NotSignedIn:
        raise
    except Refusal as error:
        raise _refused("The DPoP proof is not one, or its signature does not fit.") from error
    if claims.get("htm") != method or claims.get("htu") != address:
        raise _refused("The DPoP proof was made for another method or address.")
    issued = _issued(claims.get("iat"), now)
    _check_token(claims.get("ath"), access_token)
    jti = claims.get("jti")
    if not isinstance(jti, str) or not _JTI.fullmatch(jti):
        raise _refused("The DPoP proof has no jti of 16 to 128 unreserved characters.")
    once = b64u(hashlib.sha256(f"dpop\0{key.kid}\0{jti}".encode()).digest())
    return Proof(key.kid, once, (issued + WINDOW_S + 1) * 1000)


def _key(header: dict[str, object]) -> VerifyingKey:
    if set(header) != {"typ", "alg", "jwk"} or header["typ"] != TYP or header["alg"] != "Ed25519":
        raise _refused("The header of a DPoP proof is exactly typ dpop+jwt, alg Ed25519 and jwk.")
    jwk = header["jwk"]
    if not isinstance(jwk, dict):
        raise _refused("The jwk of a DPoP proof is an object.")
    return VerifyingKey.from_jwk(jwk)


def _issued(value: object, now: datetime) -> int:
    if type(value) is not int:
        raise _refused("The DPoP proof says in iat, in whole seconds, when it was made.")
    ahead = value - int(now.timestamp())
    if abs(ahead) > WINDOW_S:
        raise NotSignedIn(
            f"The DPoP proof was made {abs(ahead)} s {'after' if ahead > 0 else 'before'} the time here.",
            remedy="Set your clock by NTP, and make a proof for each request.",
            error="invalid_dpop_proof",
            clock="yours",
            ahead_s=ahead,
        )
    return value


def _check_token(claimed: object, access_token: str | None) -> None:
    expected = None if access_token is None else b64u(hashlib.sha256(access_token.encode()).digest())
    if claimed != expected:
        raise _refused("The DPoP proof was made for another access token.")


def _refused(detail: str) -> NotSignedIn:
    return NotSignedIn(detail, remedy="Make a proof for each request (RFC 9449).", error="invalid_dpop_proof")

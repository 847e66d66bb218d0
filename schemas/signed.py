"""Signed JSON of one kind: a compact JWS with an exact header, made and checked in one place.

Reading is strict, because libraries accept duplicate header names, an empty `crit` and any `typ` (RFC 8725
§3.1, §3.11); with one header and one algorithm, writing is two joins and a signature. A test reads what is
written here with a JOSE library. Takes bytes, gives the payload; not what it means.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from schemas.errors import BadSignature, UnknownKey, WrongHeader
from schemas.keys import SigningKey, VerifyingKey, check_signature_form
from schemas.wire import MESSAGE_LIMIT, b64u, canonical, parse, split_compact, unb64u

KeyFor = Callable[[str, Mapping[str, Any]], VerifyingKey]
"""Finds the key of a thumbprint; also sees the unverified payload; raises UnknownKey."""

KID = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""A SHA-256 thumbprint in base64url: checked before it is looked up anywhere."""

_TOKEN_LIMIT = MESSAGE_LIMIT * 4 // 3 + 1024
"""A message of MESSAGE_LIMIT bytes after base64url, with its header and signature."""


@dataclass(frozen=True, slots=True)
class Verified:
    """Bytes whose signature was checked, with the parsed payload beside them (schema not checked)."""

    raw: bytes
    kid: str
    payload: Mapping[str, Any]
    sha256: bytes


def sign_typed(payload: Mapping[str, Any], key: SigningKey, *, typ: str) -> bytes:
    """Sign the canonical form of the payload under the header `{alg, typ, kid}` (RFC 7515 §5.1)."""
    signed = f"{_header(key.kid, typ)}.{b64u(canonical(payload))}"
    return f"{signed}.{b64u(key.sign(signed.encode('ascii')))}".encode("ascii")


def verify_typed(raw: bytes, key_for: KeyFor, *, typ: str) -> Verified:
    """Check one signed JSON.

    1. bounded, three parts, strict base64url         (malleable spellings, size)
    2. the header is exactly alg, typ and kid          (alg none, key injection, crit, b64, type confusion)
    3. the payload is strict JSON                      (duplicate names, parser differences)
    4. the key comes from the caller, by thumbprint    (keys in the message)
    5. R and S in canonical form, signature fits       (small order points, malleability)
    Whether the key was in force and what the payload means is the caller's duty.
    Raises Malformed, WrongHeader, UnknownKey, BadSignature or one of their kinds.
    """
    header, body, signature = split_compact(raw, 3, limit=_TOKEN_LIMIT)
    kid = _kid(header, typ)
    payload = parse(unb64u(body))
    made = unb64u(signature)
    check_signature_form(made)
    key = key_for(kid, payload)
    if key.kid != kid:
        raise UnknownKey("The key that was found is not the one that the header names.", kid=kid)
    try:
        # Nothing is left for a JOSE library to read: these are the octets that were signed (RFC 7515 §5.2).
        key.verify(made, raw[: raw.rindex(b".")])
    except BadSignature as error:
        raise BadSignature(kid=kid) from error
    return Verified(raw, kid, payload, hashlib.sha256(raw).digest())


@lru_cache(maxsize=4096)
def _kid(header: str, typ: str) -> str:
    """Read the thumbprint out of a header that has exactly the three members of this kind."""
    members = parse(unb64u(header), limit=512)
    if set(members) != {"alg", "typ", "kid"}:
        raise WrongHeader("The protected header has exactly alg, typ and kid.")
    if members["alg"] != "Ed25519" or members["typ"] != typ:
        raise WrongHeader(f"The protected header says alg Ed25519 and typ {typ} here.")
    kid = members["kid"]
    if not isinstance(kid, str) or not KID.fullmatch(kid):
        raise WrongHeader("The kid is a SHA-256 thumbprint in base64url (RFC 7638).")
    return kid


@lru_cache(maxsize=4096)
def _header(kid: str, typ: str) -> str:
    """Write the protected header, always in these same bytes."""
    return b64u(json.dumps({"alg": "Ed25519", "typ": typ, "kid": kid}, separators=(",", ":")).encode())

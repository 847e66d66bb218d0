"""What an authenticator does: confirms a challenge. For vectors and tests, with keys that all know."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256

from schemas.vectors.known_keys import PASSKEY_ED25519, PASSKEY_ES256, rs256
from schemas.wire import b64u

PRESENT_AND_VERIFIED = 0x05


def signs_es256(data: bytes) -> bytes:
    """Sign with the P-256 passkey, deterministically (RFC 6979)."""
    return PASSKEY_ES256.sign(data, ec.ECDSA(SHA256(), deterministic_signing=True))


def signs_ed25519(data: bytes) -> bytes:
    """Sign with the Ed25519 passkey."""
    return PASSKEY_ED25519.sign(data)


def signs_rs256(data: bytes) -> bytes:
    """Sign with the RSA passkey."""
    return rs256().sign(data, padding.PKCS1v15(), SHA256())


def assertion(
    challenge: bytes,
    *,
    rp_id: str,
    origin: str,
    sign: Callable[[bytes], bytes] = signs_es256,
    credential: bytes = b"credential-1",
    flags: int = PRESENT_AND_VERIFIED,
    counter: int = 0,
    extra: bytes = b"",
    **client: Any,
) -> dict[str, str]:
    """Give a passkey proof as a consent carries it; `client` replaces or adds members of the client data."""
    members = {"type": "webauthn.get", "challenge": b64u(challenge), "origin": origin, "crossOrigin": False}
    client_data = json.dumps({**members, **client}, separators=(",", ":")).encode()
    authenticator = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4) + extra
    return {
        "kind": "passkey",
        "credential": b64u(credential),
        "client_data": b64u(client_data),
        "authenticator_data": b64u(authenticator),
        "signature": b64u(sign(authenticator + hashlib.sha256(client_data).digest())),
    }

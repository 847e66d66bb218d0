"""The signed message: what one member hands to the coordinator for others.

Signs the payload and verifies the bytes that arrived; the envelope's schema is checked in
`schemas.messages.envelope`, the key's time in force where the message is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.keys import SigningKey
from schemas.signed import KeyFor, Verified, sign_typed, verify_typed

TYP = "accord+jws"

__all__ = ["TYP", "Verified", "sign", "verify"]


def sign(payload: Mapping[str, Any], key: SigningKey) -> bytes:
    """Sign a message payload; a retry must send these same bytes again."""
    return sign_typed(payload, key, typ=TYP)


def verify(raw: bytes, key_for: KeyFor) -> Verified:
    """Check the signature of a message; neither its schema nor the key's time in force is checked."""
    return verify_typed(raw, key_for, typ=TYP)

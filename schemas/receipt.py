"""The coordinator's receipt: a signed promise that a message is durable and will be in the log.

The salt in it is what ties the message to its log entry; it is erased with the record, and then nobody can
tell any more which message an entry stood for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from schemas import instant
from schemas.errors import Invalid, ReceiptMismatch
from schemas.keys import SigningKey
from schemas.signed import KeyFor, sign_typed, verify_typed
from schemas.wire import b64u, unb64u

TYP = "accord-receipt+jws"
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the coordinator promised about one message."""

    id: str
    sha256: bytes
    salt: bytes
    admitted_at: datetime
    raw: bytes

    @property
    def commitment(self) -> bytes:
        """The log entry that stands for the message."""
        return commitment(self.salt, self.sha256)


def commitment(salt: bytes, sha256: bytes) -> bytes:
    """Give the log entry of a message: SHA-256(salt ‖ SHA-256(message bytes))."""
    return hashlib.sha256(salt + sha256).digest()


def issue(*, id: str, sha256: bytes, salt: bytes, admitted_at: datetime, key: SigningKey) -> bytes:
    """Sign a receipt; only after the decision, only given out after the commit."""
    payload = {
        "id": id,
        "sha256": sha256.hex(),
        "salt": b64u(salt),
        "admitted_at": instant.format(admitted_at),
    }
    return sign_typed(payload, key, typ=TYP)


def check(raw: bytes, key_for: KeyFor, *, id: str, sha256: bytes) -> Receipt:
    """Check a receipt and that it speaks of these bytes; raise Unverified, Invalid or ReceiptMismatch."""
    payload = verify_typed(raw, key_for, typ=TYP).payload
    if set(payload) != {"id", "sha256", "salt", "admitted_at"} or not all(
        isinstance(value, str) for value in payload.values()
    ):
        raise Invalid("A receipt has exactly id, sha256, salt and admitted_at, all strings.")
    if payload["id"] != id or payload["sha256"] != sha256.hex():
        raise ReceiptMismatch(id=id)
    salt = unb64u(payload["salt"])
    if len(salt) != SALT_BYTES:
        raise Invalid(f"The salt of a receipt has {SALT_BYTES} bytes.")
    return Receipt(id, sha256, salt, instant.parse(payload["admitted_at"]), raw)

"""One-time codes for enrolment: issued by the operator, handed over outside this system, used once.

Only the HMAC key that is made from a code is stored, so that the table does not give the codes away. A code
is 80 bits of randomness, which no one can try out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from coordinator.database.one_of import one_of
from coordinator.database.tables import enrolment_codes
from schemas.errors import WrongCode
from schemas.instant import from_ms, to_ms

CODE_BYTES = 10
"""80 bits (protocol, "A case")."""
CODE_LIFE = timedelta(days=14)
"""Long enough for a letter."""


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code that waits for its member, or was used."""

    key_hash: bytes
    member: str
    kind: str
    expires_at: datetime
    used_at: datetime | None

    def check(self, *, kind: str, now: datetime) -> None:
        """Raise WrongCode if it was used, has expired or is for another kind of member."""
        if self.used_at is not None or now >= self.expires_at or self.kind != kind:
            raise WrongCode(member=self.member)


_FOR = select(enrolment_codes).where(one_of(enrolment_codes.c.member, "members"))
_USED = (
    update(enrolment_codes)
    .where(enrolment_codes.c.key_hash == bindparam("which"))
    .values(used_at=bindparam("used"))
)
_EXPIRED = delete(enrolment_codes).where(enrolment_codes.c.expires_at <= bindparam("now"))


def code_key(code: str) -> bytes:
    """Give the HMAC key of a code: SHA-256("accord/enrol/1" ‖ 0x00 ‖ code)."""
    return hashlib.sha256(b"accord/enrol/1\x00" + code.encode()).digest()


def code_proof(key: bytes, sign_kid: str, seal_kid: str) -> bytes:
    """Give the HMAC that binds a code to the two keys that are enrolled with it."""
    return hmac.digest(key, f"{sign_kid}.{seal_kid}".encode(), "sha256")


def issue_code(connection: Connection, *, member: str, kind: str, now: datetime) -> str:
    """Make a code for one member to come; it is shown once and not stored."""
    code = base64.b32encode(os.urandom(CODE_BYTES)).decode().lower()
    connection.execute(
        insert(enrolment_codes),
        {
            "key_hash": code_key(code),
            "member": member,
            "kind": kind,
            "expires_at": to_ms(now + CODE_LIFE),
            "used_at": None,
        },
    )
    return code


def load_codes(connection: Connection, members: Iterable[str]) -> dict[bytes, EnrolmentCode]:
    """Give the codes that were issued for these members, in any state."""
    return {
        bytes(row.key_hash): EnrolmentCode(
            bytes(row.key_hash),
            row.member,
            row.kind,
            from_ms(row.expires_at),
            None if row.used_at is None else from_ms(row.used_at),
        )
        for row in connection.execute(_FOR, {"members": list(members)})
    }


def save_used(connection: Connection, used: Iterable[EnrolmentCode]) -> None:
    """Write down when codes were used."""
    rows = [{"which": code.key_hash, "used": to_ms(code.used_at)} for code in used if code.used_at]
    if rows:
        connection.execute(_USED, rows)


def forget_expired_codes(connection: Connection, now: datetime) -> None:
    """Remove codes whose time has passed, used or not."""
    connection.execute(_EXPIRED, {"now": to_ms(now)})

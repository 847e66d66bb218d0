"""Sealed attachments: stored by their digest before a message names them, given to those who may have them.

Who may fetch one is written down when a message that names it is delivered. What is inside is sealed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from coordinator.database.one_of import one_of
from coordinator.database.tables import attachment_uses, attachments
from coordinator.register.rows import write
from schemas.errors import AttachmentMissing, Malformed, TooLarge
from schemas.instant import to_ms
from schemas.seal import ATTACHMENT_LIMIT

SEALED_LIMIT = ATTACHMENT_LIMIT + 64
"""A sealed attachment: its content with nonce and tag."""

_SIZES = select(attachments.c.sha256, attachments.c.size).where(one_of(attachments.c.sha256, "digests"))
_THERE = select(attachments.c.size).where(attachments.c.sha256 == bindparam("digest"))
_FETCH = select(attachments.c.data).where(
    attachments.c.sha256 == bindparam("digest"),
    select(attachment_uses.c.member)
    .where(attachment_uses.c.sha256 == bindparam("digest"), attachment_uses.c.member == bindparam("member"))
    .exists(),
)


def load_uploaded(connection: Connection, digests: Iterable[str]) -> dict[str, int]:
    """Give the sizes of those attachments that were uploaded."""
    rows = connection.execute(_SIZES, {"digests": list(digests)})
    return {row.sha256: row.size for row in rows}


def put_attachment(connection: Connection, data: bytes, *, sha256: str, member: str, now: datetime) -> bool:
    """Store a blob under its digest and say whether it is new; raise Malformed or TooLarge.

    Whoever uploads the bytes had them, so a second uploader may fetch them like the first.
    """
    if len(data) > SEALED_LIMIT:
        raise TooLarge(
            f"A sealed attachment has at most {SEALED_LIMIT} bytes.", limit=SEALED_LIMIT, size=len(data)
        )
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Malformed("The bytes are not those of the digest in the address.", remedy="Upload them again.")
    save_uses(connection, [(sha256, member)])
    if connection.execute(_THERE, {"digest": sha256}).first() is not None:
        return False
    row = {"sha256": sha256, "size": len(data), "data": data, "by": member, "at": to_ms(now)}
    write(connection, attachments, [row])
    return True


def get_attachment(connection: Connection, sha256: str, *, member: str) -> bytes:
    """Give a blob to one who uploaded it, or who sent or received a message that names it.

    Raises AttachmentMissing: for a stranger the same as for one that does not exist, so that digests cannot
    be tried out.
    """
    row = connection.execute(_FETCH, {"digest": sha256, "member": member}).first()
    if row is None:
        raise AttachmentMissing("There is no such attachment for you.", sha256=sha256)
    return bytes(row.data)


def save_uses(connection: Connection, uses: Iterable[tuple[str, str]]) -> None:
    """Write down who may fetch which attachment: pairs of digest and member."""
    write(connection, attachment_uses, [{"sha256": digest, "member": member} for digest, member in uses])

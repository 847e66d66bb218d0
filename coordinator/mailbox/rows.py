"""The statements of the way out: what waits, marking it, reading it, the cursor.

A row is given out only after it was marked as collected, and is marked only if its consent is in force and
its recipient sits in the case in that same statement; a withdrawal that commits first wins, one that comes
later finds it collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from coordinator.database.tables import consents, mailbox, mailbox_cursors, messages, seats
from schemas.instant import to_ms


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in a mailbox, before its bytes are read."""

    index: int
    collected: bool
    in_force: bool
    """Whether what it rests on still holds; what rests on no consent always does."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a member has acknowledged, and the newest that it has: -1 for nothing."""

    acked: int
    last: int
    last_consent: int


@dataclass(frozen=True, slots=True)
class Given:
    """A message as it is stored."""

    index: int
    raw: bytes
    receipt: bytes


_MINE = mailbox.c.member == bindparam("who")
_IN_FORCE = (
    select(consents.c.id)
    .where(
        consents.c.id == mailbox.c.consent,
        consents.c.status == "granted",
        consents.c.valid_until > bindparam("now"),
        seats.c.case == consents.c.case,
        seats.c.member == mailbox.c.member,
        seats.c.status == "active",
    )
    .exists()
)
_HOLDS = or_(mailbox.c.consent.is_(None), _IN_FORCE)
_WAITING = (
    select(mailbox.c.index, mailbox.c.collected_at, func.length(messages.c.raw), _HOLDS)
    .join(messages, messages.c.seq == mailbox.c.seq)
    .where(_MINE, mailbox.c.index > bindparam("after"), mailbox.c.withdrawn_at.is_(None))
    .order_by(mailbox.c.index)
    .limit(bindparam("most"))
)
_COLLECT = (
    update(mailbox)
    .where(
        and_(
            _MINE,
            mailbox.c.index >= bindparam("first"),
            mailbox.c.index <= bindparam("last"),
            mailbox.c.collected_at.is_(None),
            mailbox.c.withdrawn_at.is_(None),
            _HOLDS,
        )
    )
    .values(collected_at=bindparam("now"))
    .returning(mailbox.c.index)
)
_REOPEN = (
    update(mailbox)
    .where(
        _MINE,
        mailbox.c.index > bindparam("acked"),
        mailbox.c.collected_at.is_not(None),
        mailbox.c.withdrawn_at.is_(None),
        ~_HOLDS,
    )
    .values(collected_at=None)
)
_LETTERS = (
    select(mailbox.c.index, messages.c.raw, messages.c.receipt)
    .join(messages, messages.c.seq == mailbox.c.seq)
    .where(
        _MINE,
        mailbox.c.index >= bindparam("first"),
        mailbox.c.index <= bindparam("last"),
        mailbox.c.collected_at.is_not(None),
    )
    .order_by(mailbox.c.index)
)
_CURSOR = select(mailbox_cursors.c.acked, mailbox_cursors.c.last, mailbox_cursors.c.last_consent).where(
    mailbox_cursors.c.member == bindparam("who")
)
_ACKNOWLEDGE = (
    update(mailbox_cursors)
    .where(
        mailbox_cursors.c.member == bindparam("who"),
        mailbox_cursors.c.acked < bindparam("place"),
        mailbox_cursors.c.last >= bindparam("place"),
    )
    .values(acked=bindparam("place"), seen_at=bindparam("now"))
)


def waiting(
    connection: Connection, member: str, *, after: int | None, limit: int, most_bytes: int, now: datetime
) -> list[Waiting]:
    """Give the next messages, as many as fit on a page, and at least one if there is one."""
    start = cursor(connection, member).acked if after is None else after
    found: list[Waiting] = []
    size = 0
    asked = {"who": member, "after": start, "most": limit, "now": to_ms(now)}
    for index, collected_at, length, holds in connection.execute(_WAITING, asked):
        size += length
        if found and size > most_bytes:
            break
        found.append(Waiting(index, collected_at is not None, bool(holds)))
    return found


def mark_collected(
    connection: Connection, member: str, first: int, last: int, now: datetime
) -> frozenset[int]:
    """Mark what may be given out; what is missing in the answer may not (taken back, consent over)."""
    values = {"who": member, "first": first, "last": last, "now": to_ms(now)}
    return frozenset(connection.execute(_COLLECT, values).scalars())


def reopen(connection: Connection, member: str, now: datetime) -> None:
    """Count as not collected what was given, not acknowledged, and rests on nothing any more.

    Whoever did not acknowledge may never have got it, and must not get it now; it can be taken back. If it
    was stored there after all, its holder erases it by the same withdrawal.
    """
    acked = cursor(connection, member).acked
    connection.execute(_REOPEN, {"who": member, "acked": acked, "now": to_ms(now)})


def letters(connection: Connection, member: str, first: int, last: int) -> Iterator[Given]:
    """Read the messages that were collected from `first` to `last`."""
    rows = connection.execute(_LETTERS, {"who": member, "first": first, "last": last})
    for index, raw, receipt in rows:
        yield Given(index, bytes(raw), bytes(receipt))


def cursor(connection: Connection, member: str) -> Cursor:
    """Give the member's cursor; a member that never got anything has none yet."""
    row = connection.execute(_CURSOR, {"who": member}).first()
    return Cursor(*row) if row else Cursor(-1, -1, -1)


def acknowledge(connection: Connection, member: str, index: int, now: datetime) -> None:
    """Move the cursor forward, never back, and never behind what the member has got."""
    connection.execute(_ACKNOWLEDGE, {"who": member, "place": index, "now": to_ms(now)})

"""Takes out of the mailboxes what rests on nothing any more, and tells sender and citizen.

Takes ids of consents and seats that ended. Whether one ended is read from the register's tables again, so
that a consent which was resumed meanwhile, or a seat that was taken again, keeps its messages. What was
collected is not taken back: it is erased with a receipt by its recipient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from coordinator.database.one_of import one_of
from coordinator.database.tables import consents, held_back, mailbox, messages, seats
from coordinator.intake.announce import announce
from coordinator.intake.journal import Journal
from coordinator.register.cases import load_seats
from coordinator.register.register import Register
from coordinator.register.said import content
from coordinator.register.shelf import Shelf
from schemas.instant import to_ms
from schemas.keys import SigningKey
from schemas.messages.fields import CITIZEN

MOST = 500
"""Messages taken back in one transaction by the clock: a bound for its length."""
_OPEN = (
    mailbox.c.consent.is_not(None),
    mailbox.c.collected_at.is_(None),
    mailbox.c.withdrawn_at.is_(None),
)
"""As in the index of what is open under a consent."""
_NOT_IN_FORCE = or_(consents.c.status != "granted", consents.c.valid_until <= bindparam("now"))
_NOT_SITTING = seats.c.status != "active"
_TAKEN = (mailbox.c.seq, mailbox.c.consent, mailbox.c.member)

_UNDER = (
    update(mailbox)
    .where(*_OPEN, one_of(mailbox.c.consent, "consents"))
    .where(
        mailbox.c.consent.in_(select(consents.c.id).where(one_of(consents.c.id, "consents"), _NOT_IN_FORCE))
    )
    .values(withdrawn_at=bindparam("now"))
    .returning(*_TAKEN)
)
_FOR = (
    update(mailbox)
    .where(*_OPEN, mailbox.c.member == bindparam("who"))
    .where(mailbox.c.consent.in_(select(consents.c.id).where(consents.c.case == bindparam("which"))))
    .where(
        select(seats.c.case)
        .where(seats.c.case == bindparam("which"), seats.c.member == bindparam("who"), _NOT_SITTING)
        .exists()
    )
    .values(withdrawn_at=bindparam("now"))
    .returning(*_TAKEN)
)
_FORGOTTEN = (
    select(mailbox.c.consent)
    .join(consents, consents.c.id == mailbox.c.consent)
    .where(*_OPEN, _NOT_IN_FORCE)
    .distinct()
    .limit(MOST)
)
_FORGOTTEN_SEATS = (
    select(seats.c.case, seats.c.member)
    .select_from(mailbox)
    .join(consents, consents.c.id == mailbox.c.consent)
    .join(seats, and_(seats.c.case == consents.c.case, seats.c.member == mailbox.c.member))
    .where(*_OPEN, _NOT_SITTING)
    .distinct()
    .limit(MOST)
)
_ABOUT = select(
    *(messages.c.id, messages.c.sender, messages.c.case, messages.c.raw),
    exists().where(held_back.c.seq == messages.c.seq).label("is_held_back"),
).where(messages.c.seq == bindparam("seq"))
_STATUS = select(consents.c.status).where(consents.c.id == bindparam("consent"))
_WHY = {"suspended": "suspended", "expired": "expired", "superseded": "superseded", "granted": "expired"}
"""State of the consent → what is said of it. Granted and not in force means that its time has passed;
a consent that was invalidated, or a seat that ended, is the citizen's withdrawal in other words."""


def take_back(
    connection: Connection,
    register: Register,
    journal: Journal,
    *,
    consents: Iterable[str] = (),
    seats: Iterable[tuple[str, str]] = (),
    key: SigningKey,
    now: datetime,
) -> int:
    """Take back what waits under these consents and for these seats; give how many it was."""
    taken: dict[int, tuple[str, str]] = {}
    boxes: dict[int, set[str]] = defaultdict(set)
    listed = sorted(consents)
    if listed:
        for row in connection.execute(_UNDER, {"consents": listed, "now": to_ms(now)}):
            taken[row.seq] = (row.consent, _why(connection, row.consent))
            boxes[row.seq].add(row.member)
    for case, member in sorted(seats):
        for row in connection.execute(_FOR, {"who": member, "which": case, "now": to_ms(now)}):
            taken[row.seq] = (row.consent, "withdrawn")
            boxes[row.seq].add(row.member)
    for seq, (consent, why) in sorted(taken.items()):
        said = {"consent": consent, "why": why}
        _tell(connection, register, journal, (seq, boxes[seq]), said, key, now)
    return len(taken)


def forgotten(connection: Connection, now: datetime) -> set[str]:
    """Give consents not in force under which something waits: after a crash, or late sequencing."""
    return {row.consent for row in connection.execute(_FORGOTTEN, {"now": to_ms(now)})}


def forgotten_seats(connection: Connection) -> set[tuple[str, str]]:
    """Give case and member of seats in which nobody sits and for which something waits all the same."""
    return {(row.case, row.member) for row in connection.execute(_FORGOTTEN_SEATS)}


def _tell(  # noqa: PLR0917 - one transaction's parts
    connection: Connection,
    register: Register,
    journal: Journal,
    taken: tuple[int, set[str]],
    said: Mapping[str, str],
    key: SigningKey,
    now: datetime,
) -> None:
    seq, boxes = taken
    about: Any = connection.execute(_ABOUT, {"seq": seq}).one()
    if about.case not in register.seats:
        register.seats[about.case] = Shelf(load_seats(connection, [about.case]).get(about.case))
    citizen = register.citizen_seat(about.case)
    is_citizen = citizen is not None and citizen.member == about.sender
    # Of what is held back from the citizen they do not hear in this way either.
    both = [about.sender] if about.is_held_back else [about.sender, CITIZEN]
    announce(
        register,
        journal,
        type="delivery.withdrawn/1",
        to=[CITIZEN] if is_citizen else both,
        case=about.case,
        body={"message": about.id, **said, **_out_of(boxes, bytes(about.raw))},
        re=about.id,
        key=key,
        now=now,
    )


def _out_of(boxes: set[str], raw: bytes) -> dict[str, list[str]]:
    """Name the mailboxes, unless it was taken out of those of all who were to get it."""
    to = {party for party in content(raw)["to"] if party != CITIZEN}
    return {} if to <= boxes else {"mailboxes": sorted(boxes)}


def _why(connection: Connection, consent: str) -> str:
    return _WHY.get(str(connection.execute(_STATUS, {"consent": consent}).scalar_one()), "withdrawn")

"""What the clock does: consents end, delayed notices are told, reviews become overdue, and more.

Each of these runs often, in any process, and does nothing when nothing is due; what another process did
first is not done again. Bounded a time, so that no transaction is long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update

from coordinator.database.tables import dpop_seen, emergencies, held_back, messages
from coordinator.intake.announce import announce
from coordinator.intake.effects.consent import move
from coordinator.intake.journal import Journal
from coordinator.intake.rules.access import REVIEW_WITHIN
from coordinator.mailbox.withdraw import forgotten, forgotten_seats, take_back
from coordinator.register.cases import load_seats
from coordinator.register.codes import forget_expired_codes
from coordinator.register.consents import load_consents, load_expired
from coordinator.register.emergencies import emergency_of
from coordinator.register.locks import lock, locks_of_cases
from coordinator.register.register import Register
from coordinator.register.shelf import Shelf
from schemas.consent import Event, Status
from schemas.instant import to_ms
from schemas.keys import SigningKey
from schemas.messages.fields import CITIZEN

MOST = 200
"""Of one kind in one transaction."""

_TO_TELL = (
    select(emergencies)
    .where(emergencies.c.told_at.is_(None), emergencies.c.tell_at <= bindparam("now"))
    .order_by(emergencies.c.tell_at)
    .limit(MOST)
)
_HELD_TO_TELL = (
    select(held_back)
    .where(held_back.c.tell_at <= bindparam("now"))
    .where(
        or_(
            held_back.c.emergency.is_(None),
            # Admitted in the very moment in which its emergency was told by another process.
            held_back.c.emergency.in_(select(emergencies.c.id).where(emergencies.c.told_at.is_not(None))),
        )
    )
    .order_by(held_back.c.seq)
    .limit(MOST)
)
_HELD_WITH = select(held_back).where(held_back.c.emergency == bindparam("with")).order_by(held_back.c.seq)
_TOLD = delete(held_back).where(held_back.c.seq == bindparam("told"))
_SAID = select(messages.c.raw, messages.c.receipt).where(messages.c.seq == bindparam("seq"))
_OVERDUE = (
    update(emergencies)
    .where(emergencies.c.reviewed == "open", emergencies.c.opened_at <= bindparam("opened"))
    .values(reviewed="overdue")
)
_OLD_PROOFS = delete(dpop_seen).where(dpop_seen.c.until <= bindparam("now"))


def expire_consents(
    connection: Connection, register: Register, journal: Journal, now: datetime, *, key: SigningKey
) -> None:
    """End the consents whose time has passed, and take back what waits under them."""
    found = load_expired(connection, now, MOST)
    if not found:
        return
    lock(connection, locks_of_cases({consent.case for consent in found.values()}))
    # Read again under the lock: the citizen may have decided in between.
    register.consents = Shelf(load_consents(connection, found))
    for consent in register.consents.values():
        if consent.status in {Status.GRANTED, Status.SUSPENDED}:
            move(consent, Event.EXPIRE, register)
    register.flush(connection)
    take_back(connection, register, journal, consents=register.ended_consents, key=key, now=now)


def tell_delayed(
    connection: Connection, register: Register, journal: Journal, now: datetime, *, key: SigningKey
) -> None:
    """Tell citizens what was held back from them until now: first emergencies, each with what rests on it."""
    statement = _TO_TELL.with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
    due = [emergency_of(row) for row in connection.execute(statement, {"now": to_ms(now)})]
    tell = partial(_tell, connection, register, journal, key=key, now=now)
    for emergency in due:
        tell(emergency.case, emergency.seq, emergency.id)
        register.emergencies.put(emergency.id, replace(emergency, told_at=now))
        for row in connection.execute(_HELD_WITH, {"with": emergency.id}).all():
            _tell_held(connection, tell, row)
    held = _HELD_TO_TELL.with_for_update(skip_locked=True)
    for row in connection.execute(held, {"now": to_ms(now)}).all():
        _tell_held(connection, tell, row)


def _tell_held(connection: Connection, tell: Callable[[str, int, str], None], row: Row[Any]) -> None:
    tell(row.case, row.seq, row.id)
    connection.execute(_TOLD, {"told": row.seq})


def _tell(  # noqa: PLR0917 - one transaction's parts
    connection: Connection,
    register: Register,
    journal: Journal,
    case: str,
    seq: int,
    message: str,
    *,
    key: SigningKey,
    now: datetime,
) -> None:
    """Show the citizen a message whole, with the receipt that says when it was admitted."""
    if case not in register.seats:
        register.seats[case] = Shelf(load_seats(connection, [case]).get(case))
    said = connection.execute(_SAID, {"seq": seq}).one()
    announce(
        register,
        journal,
        type="delivery.delayed/1",
        to=[CITIZEN],
        case=case,
        body={"message": bytes(said.raw).decode(), "receipt": bytes(said.receipt).decode()},
        re=message,
        key=key,
        now=now,
    )


def mark_overdue(
    connection: Connection, _register: Register, _journal: Journal, now: datetime, *, key: SigningKey
) -> None:
    """Mark emergencies that nobody has reviewed in time."""
    del key
    connection.execute(_OVERDUE, {"opened": to_ms(now - REVIEW_WITHIN)})


def take_back_forgotten(
    connection: Connection, register: Register, journal: Journal, now: datetime, *, key: SigningKey
) -> None:
    """Take back what a crash, or sequencing after a withdrawal, left in the mailboxes."""
    consents, seats = forgotten(connection, now), forgotten_seats(connection)
    if consents or seats:
        take_back(connection, register, journal, consents=consents, seats=seats, key=key, now=now)


def forget(
    connection: Connection, _register: Register, _journal: Journal, now: datetime, *, key: SigningKey
) -> None:
    """Remove what is kept only until a date: used proofs, codes."""
    del key
    connection.execute(_OLD_PROOFS, {"now": to_ms(now)})
    forget_expired_codes(connection, now)


DUE: tuple[Callable[..., None], ...] = (
    expire_consents,
    tell_delayed,
    mark_overdue,
    forget,
)

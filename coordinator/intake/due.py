"""What the clock does: consents end, delayed notices are told, reviews become overdue, and more.

Each of these runs often, in any process, and does nothing when nothing is due; what another process did
first is not done again. Bounded a time, so that no transaction is long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from coordinator.database.tables import dpop_seen, emergencies, messages
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
    """Tell citizens of emergencies whose notice was put off until now."""
    statement = _TO_TELL.with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
    due = [emergency_of(row) for row in connection.execute(statement, {"now": to_ms(now)})]
    for emergency in due:
        seats = load_seats(connection, [emergency.case]).get(emergency.case)
        register.seats[emergency.case] = Shelf(seats)
        said = connection.execute(_SAID, {"seq": emergency.seq}).one()
        announce(
            register,
            journal,
            type="delivery.delayed/1",
            to=[CITIZEN],
            case=emergency.case,
            body={"message": bytes(said.raw).decode(), "receipt": bytes(said.receipt).decode()},
            re=emergency.id,
            key=key,
            now=now,
        )
        register.emergencies.put(emergency.id, replace(emergency, told_at=now))


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

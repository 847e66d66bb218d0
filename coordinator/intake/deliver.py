"""Step 5 of the way in: whose mailboxes an entry goes to.

Takes an Entry, gives a Delivery. The entry waits in the queue until it has its index in the log; only then is
it in any mailbox, so whatever anybody uses is already logged.
"""

from __future__ import annotations

from dataclasses import dataclass

from coordinator.intake.hold_back import hold_back
from coordinator.intake.journal import Journal, Route
from coordinator.intake.record import Entry
from coordinator.register.register import Register
from schemas.messages.fields import CITIZEN, COORDINATOR
from schemas.messages.shape import Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """An entry that is on its way to these mailboxes."""

    entry: Entry
    routes: tuple[Route, ...]


def deliver(entry: Entry, register: Register, journal: Journal) -> Delivery:
    """Queue the entry for the log and for the mailboxes of its recipients."""
    hold_back(entry, register)
    routes = tuple(_routes(entry, register))
    journal.add_routes(entry.seq, entry.commitment, routes)
    if entry.message.attachments:
        journal.add_uses(entry.message, [entry.message.sender, *(member for member, _, _ in routes)])
    return Delivery(entry, routes)


def _routes(entry: Entry, register: Register) -> list[Route]:
    message = entry.message
    kind = "consent" if message.type.startswith("consent.") else "other"
    # What is sealed waits under its consent and is taken back with it; the citizen's own copy is theirs.
    consent = entry.permit.reason.consent if message.sealed else None
    found: dict[str, Route] = {}
    for recipient in message.to:
        member = _mailbox_of(recipient, message, register)
        if member is not None and member not in found:
            found[member] = (member, None if recipient == CITIZEN else consent, kind)
    return list(found.values())


def _mailbox_of(recipient: str, message: Message, register: Register) -> str | None:
    """Give the member whose mailbox this is; none for the coordinator, or a citizen who is told later."""
    if recipient == COORDINATOR:
        return None
    if recipient != CITIZEN:
        return recipient
    seat = register.citizen_seat(message.case)
    if seat is None or seat.status == "invited" or seat.member == message.sender:
        return None
    return None if _told_later(message, register) else seat.member


def _told_later(message: Message, register: Register) -> bool:
    """An emergency whose notice a clause puts off, or what is held back with one; the clock tells it."""
    if register.held_back.get((message.case or "", message.id)) is not None:
        return True
    return message.type == "access.emergency/1" and (message.body or {})["notice"]["kind"] == "delayed"

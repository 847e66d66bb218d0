"""Effects of the family `consent`: what permits from now on, and what permits no longer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from coordinator.intake.effects.effect import Effect
from coordinator.intake.rules.consent import EVENTS, decided_on
from coordinator.intake.rules.offer import replaces
from coordinator.register.consents import GrantedConsent
from coordinator.register.register import Register
from schemas.consent import Event, Status, load_consent, next_status
from schemas.messages.shape import Message
from schemas.wire import canonical


def grant(message: Message, register: Register, seq: int, _now: datetime) -> None:
    """Add the consent, and end the one that it supersedes."""
    document = (message.body or {})["consent"]
    terms = load_consent(document)
    register.consents.put(
        terms.id,
        GrantedConsent(
            id=terms.id,
            case=terms.case,
            status=str(Status.GRANTED),
            agreement=terms.agreement,
            purpose=terms.purpose,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            granted_by=message.sender,
            seq=seq,
            terms=terms,
            document=canonical(document).decode(),
        ),
    )
    if terms.supersedes is not None:
        move(register.consent(terms.supersedes, message.case), Event.SUPERSEDE, register)


def request(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Close the request in whose place this one asks for what the citizen had offered."""
    replaced = replaces(message, register)
    if replaced is not None:
        register.replaced.put((replaced.id, replaced.sender), replaced)


def change(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Withdraw, suspend or resume."""
    move(decided_on(message, register), EVENTS[message.type], register)


def move(consent: GrantedConsent, event: Event, register: Register) -> None:
    """Bring a consent into the state after an event; if it permits no more, note that for the mailboxes."""
    status = next_status(consent.status, event)
    register.consents.put(consent.id, replace(consent, status=str(status)))
    if status is Status.GRANTED:
        register.ended_consents.discard(consent.id)
    else:
        register.ended_consents.add(consent.id)


def end_all(cases: Collection[str], register: Register) -> None:
    """Invalidate every consent of these cases that still lives."""
    for consent in register.consents.values():
        if consent.case in cases and consent.status in {Status.GRANTED, Status.SUSPENDED}:
            move(consent, Event.INVALIDATE, register)


EFFECTS: dict[str, Effect] = {
    "consent.request/1": request,
    "consent.grant/1": grant,
    "consent.withdraw/1": change,
    "consent.suspend/1": change,
    "consent.resume/1": change,
}

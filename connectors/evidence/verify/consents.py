"""Check 12: the life of each consent in the order of the log, and the proof that the citizen decided it.

A consent ends with the citizen's seat, whoever's word ended that: nobody could take it back any more.
A grant counts when it comes from the portal that holds the citizen's attested seat and its proofs hold
under the keys of that seat as they are at its place in the log; a passkey that ends later changes nothing.
Whether it also covers a given release is check 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from connectors.evidence.verify.agreements import Agreements
from connectors.evidence.verify.seats import Seats
from schemas.consent import (
    Consent,
    Event,
    Status,
    check_agreed,
    check_granted,
    load_consent,
    next_status,
    seat_keys,
    verify_proof,
)
from schemas.consent_succession import Fate, Held, Link, chain, check_succeeds, fate
from schemas.errors import UnknownConsent
from schemas.messages.envelope import Message

GRANT: Final = "consent.grant/1"
_EVENTS: Final[Mapping[str, Event]] = {
    "consent.withdraw/1": Event.WITHDRAW,
    "consent.suspend/1": Event.SUSPEND,
    "consent.resume/1": Event.RESUME,
}


@dataclass(slots=True)
class HeldConsent:
    """A consent and where it is in its life; `grant` is its message."""

    consent: Consent
    grant: str
    status: Status = Status.GRANTED
    ended_by: str | None = None
    proven: bool = True


@dataclass(slots=True)
class Consents:
    """The consents of one case at one place of the log."""

    seats: Seats
    agreements: Agreements
    held: dict[str, HeldConsent] = field(default_factory=dict)

    def take(self, message: Message, admitted_at: datetime) -> None:
        """Follow one message of the family `consent`; raise what is wrong with it."""
        body = message.body or {}
        if message.type == GRANT:
            self._grant(message, body, admitted_at)
        elif message.type in _EVENTS:
            self.seats.check_speaks_for_citizen(message.sender)
            self._move(body["consent"], _EVENTS[message.type], message.id)

    def end_all(self, message: str) -> None:
        """End what still lives, by the message with which the citizen's seat ended: nobody can govern it."""
        for consent, held in self.held.items():
            if held.status in {Status.GRANTED, Status.SUSPENDED}:
                self._move(consent, Event.INVALIDATE, message)

    def granted(self, consent: str) -> Consent:
        """Give a consent that is granted at this place; raise UnknownConsent or ConsentNotInForce."""
        held = self._find(consent)
        check_granted(consent, held.status)
        if not held.proven:
            raise UnknownConsent("The grant of this consent did not hold; see check 12.", consent=consent)
        return held.consent

    def fate(self, consent: str, held: Held) -> Fate:
        """Say what has become, up to this place, of what was got by a consent of this case."""
        return fate(held, chain(self._link(consent), self._successor))

    def _successor(self, link: Link) -> Link | None:
        ended_by = self.held[link.id].ended_by
        found = (id for id, each in self.held.items() if each.grant == ended_by)
        return next((self._link(id) for id in found), None)

    def _link(self, consent: str) -> Link:
        held = self.held[consent]
        return Link(held.consent.document, held.status)

    def _grant(self, message: Message, body: Mapping[str, Any], admitted_at: datetime) -> None:
        """Take a grant, even a doubtful one, so that what rests on it is named as resting on nothing."""
        consent = load_consent(body["consent"])
        held = self.held[consent.id] = HeldConsent(consent, message.id, proven=False)
        seat = self.seats.check_speaks_for_citizen(message.sender)
        agreement = self.agreements.in_force(consent.agreement, admitted_at)
        check_agreed(consent, agreement)
        keys = seat_keys(seat.portal, self.seats.passkeys.now())
        verify_proof(consent, keys, agreement, sent_by=message.sender, at=message.at)
        # Who is named only by the new one was never told of the old one: their file cannot show it.
        old = self.held.get(str(consent.supersedes))
        if old is not None:
            check_succeeds(consent.document, old.consent.document)
        held.proven = True
        if old is not None:
            self._move(old.consent.id, Event.SUPERSEDE, message.id)

    def _move(self, consent: str, event: Event, message: str) -> None:
        held = self._find(consent)
        held.status = next_status(held.status, event)
        if event in {Event.WITHDRAW, Event.SUPERSEDE, Event.INVALIDATE}:
            held.ended_by = message

    def _find(self, consent: str) -> HeldConsent:
        if consent not in self.held:
            raise UnknownConsent("No grant of this consent stands before this in the file.", consent=consent)
        return self.held[consent]

"""Check 13: every release rests on what it says it rests on, at its place in the order of the log.

The same two locks as at admission: an agreement in force has the flow, and the basis holds at that moment – a
consent granted and not withdrawn, a clause, or an open emergency. What goes to the citizen alone needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from connectors.evidence.verify import findings as checks
from connectors.evidence.verify.agreements import Agreements
from connectors.evidence.verify.consents import Consents
from connectors.evidence.verify.findings import Findings
from connectors.evidence.verify.seats import Seats
from schemas import instant
from schemas.agreement import Agreement
from schemas.consent import covers
from schemas.errors import (
    AgreementDoesNotCover,
    NoEmergency,
    NoStatute,
    NotPassedOn,
    NotPermitted,
    UnknownAgreement,
)
from schemas.messages.access_v1 import check_reviewer
from schemas.messages.coordination_v1 import PARTS
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN

_RELEASE: Final = "record.release/1"
_CORRECT: Final = "record.correct/1"
RELEASES: Final = frozenset({_RELEASE, _CORRECT, *PARTS})
_OPENED: Final = "access.emergency/1"
EMERGENCIES: Final = frozenset({_OPENED, "access.emergency.review/1"})
WORD: Final = "record.pass/1"


@dataclass(slots=True)
class Releases:
    """What was released up to one place of the log, and the emergencies that were opened."""

    seats: Seats
    agreements: Agreements
    consents: Consents
    made: list[Message] = field(default_factory=list)
    emergencies: dict[str, Message] = field(default_factory=dict)
    reviewed: set[str] = field(default_factory=set)
    """The emergencies of which the file has a review."""
    passed: set[str] = field(default_factory=set)
    """Releases to the citizen alone that they have passed on."""

    def follow_emergency(self, message: Message) -> None:
        """Remember an emergency, or its review.

        Raises NoSeat when a stranger opened it, NoEmergency when another agency reviews it, and SamePerson
        when who opened it does. Who joined later has the review alone, and nothing to hold it against.
        """
        if message.type == _OPENED:
            self.emergencies[message.id] = message
            self.seats.check_agency(message.sender)
            return
        body = message.body or {}
        opened = self.emergencies.get(body["emergency"])
        if opened is None:
            return
        if opened.sender != message.sender:
            raise NoEmergency("Another agency opened it.", emergency=opened.id)
        check_reviewer(opened.body or {}, body["reviewer"])
        self.reviewed.add(opened.id)

    def report(self, findings: Findings) -> None:
        """Note the emergencies that nobody has reviewed up to the end of the file."""
        for id in self.emergencies.keys() - self.reviewed:
            findings.add(
                checks.BASIS,
                "emergency_not_reviewed",
                "The file has no review of this emergency by somebody else than who opened it.",
                severity="note",
                message=id,
            )

    def pass_on(self, message: Message) -> None:
        """Remember the citizen's word about a record that they have seen first."""
        self.seats.check_speaks_for_citizen(message.sender)
        if (message.body or {})["decision"] == "pass":
            self.passed.add(str((message.body or {})["release"]))

    def take(self, message: Message, decided_at: datetime) -> None:
        """Check one release; raise what it lacks."""
        self.made.append(message)
        recipients = [party for party in message.to if party != CITIZEN]
        if not recipients:
            return
        if message.authority is not None and message.authority.basis == "seat":
            self._by_seat(message, recipients)
            return
        self.seats.check_agency(message.sender)
        agreement = self._agreement(message, decided_at)
        for recipient in recipients:
            self.seats.check_agency(recipient)
            self._check(message, recipient, agreement, decided_at)

    def _agreement(self, message: Message, decided_at: datetime) -> Agreement:
        if message.agreement is None or message.purpose is None or not message.categories:
            raise UnknownAgreement("The release names no agreement, purpose or category.")
        return self.agreements.in_force(message.agreement, decided_at)

    def _check(self, message: Message, recipient: str, agreement: Agreement, at: datetime) -> None:
        """Check agreement and basis for one recipient; an unknown basis permits nothing."""
        basis = message.authority.basis if message.authority else "none"
        for category in message.categories:
            flow = agreement.flows_for(message.sender, recipient, message.purpose or "", category)
            if flow.basis != basis:
                raise AgreementDoesNotCover(
                    f"The agreement has this flow by {flow.basis}, not by {basis}.", agreement=agreement.ref
                )
            part = PARTS.get(message.type)
            if part is not None and part not in flow.fields:
                raise AgreementDoesNotCover(
                    "The agreement opens other parts of the shared work.", agreement=agreement.ref
                )
        check = _BASES.get(basis)
        if check is None:
            raise NotPermitted("Records are not released to an agency on this basis.", basis=basis)
        check(self, message, recipient, agreement, at)

    def _by_seat(self, message: Message, recipients: list[str]) -> None:
        """The citizen may hand on what is theirs to any agency of the case; an agency may not."""
        self.seats.check_speaks_for_citizen(message.sender)
        for recipient in recipients:
            self.seats.check_agency(recipient)

    def _by_consent(self, message: Message, recipient: str, agreement: Agreement, at: datetime) -> None:
        consent = self.consents.granted(_basis_id(message))
        covers(
            consent,
            source=message.sender,
            recipient=recipient,
            purpose=message.purpose or "",
            categories=message.categories,
            agreement=agreement.ref,
            at=at,
        )
        if consent.preview:
            self._check_passed(message)

    def _check_passed(self, message: Message) -> None:
        """Raise NotPassedOn if the file shows the first look and not the word that let the record go on.

        Who asked has neither, and their file cannot show it: the citizen's own and the source's can.
        """
        about = (message.re, message.sender, message.categories)
        shown = [
            each.id
            for each in self.made
            if each.to == (CITIZEN,) and (each.re, each.sender, each.categories) == about
        ]
        if shown and not self.passed.intersection(shown):
            raise NotPassedOn(request=message.re or "")

    def _by_statute(self, message: Message, _recipient: str, agreement: Agreement, _at: datetime) -> None:
        clause = agreement.clause(_basis_id(message))
        if agreement.purpose(message.purpose or "").clause != clause.id:
            raise NoStatute("The purpose rests on another clause.", clause=clause.id)

    def _by_emergency(self, message: Message, recipient: str, _agreement: Agreement, at: datetime) -> None:
        opened = self.emergencies.get(_basis_id(message))
        if opened is None or opened.sender != recipient:
            raise NoEmergency(
                "No emergency of this recipient stands before this in the file.", recipient=recipient
            )
        body = opened.body or {}
        over = at >= instant.parse(body["until"]) and not self._corrects_in_time(message)
        if over or not set(message.categories) <= set(body["categories"]):
            raise NoEmergency("The emergency had ended, or was about other categories.", emergency=opened.id)

    def _corrects_in_time(self, message: Message) -> bool:
        """Say whether this corrects what came in time: then it may come at any time (GDPR art. 19)."""
        if message.type != _CORRECT:
            return False
        same = (message.sender, message.authority, message.categories)
        return any(
            (each.sender, each.authority, each.categories) == same and set(message.to) <= {*each.to, CITIZEN}
            for each in self.made
            if each.id == message.re and each.type == _RELEASE
        )


_BASES: Final[Mapping[str, Callable[[Releases, Message, str, Agreement, datetime], None]]] = {
    "consent": Releases._by_consent,  # noqa: SLF001 - the table of the class above
    "statute": Releases._by_statute,  # noqa: SLF001 - the table of the class above
    "emergency": Releases._by_emergency,  # noqa: SLF001 - the table of the class above
}


def _basis_id(message: Message) -> str:
    return (message.authority.id if message.authority else None) or ""

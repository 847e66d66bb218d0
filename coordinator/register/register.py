"""What is in force, for one batch in one transaction: loaded once, changed in memory, written once.

`load` looks up everything that the batch may need with a handful of statements; decisions read it, effects
put changed values in; `flush` writes those. A later message of the batch sees what an earlier one did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from coordinator.database.one_of import Lookup, looked_up_ahead
from coordinator.register import (
    agreements,
    cases,
    codes,
    consents,
    emergencies,
    held_back,
    members,
    passes,
    said,
    uploads,
)
from coordinator.register.agreements import KnownAgreement, Signature
from coordinator.register.cases import Case, Seat
from coordinator.register.codes import EnrolmentCode
from coordinator.register.consents import GrantedConsent
from coordinator.register.emergencies import Emergency
from coordinator.register.held_back import HeldBack
from coordinator.register.members import Key, Member
from coordinator.register.needs import Needs
from coordinator.register.passes import Pass, PassUse, Replaced
from coordinator.register.said import Refused, Said
from coordinator.register.shelf import Shelf
from schemas.errors import (
    NoEmergency,
    UnknownAgreement,
    UnknownCase,
    UnknownConsent,
    UnknownKey,
    UnknownMember,
)


@dataclass(slots=True)
class Register:
    """The part of the register that a batch needs. What is asked for and not there is refused by name."""

    members: Shelf[str, Member] = field(default_factory=Shelf)
    keys: Shelf[str, Key] = field(default_factory=Shelf)
    codes: Shelf[bytes, EnrolmentCode] = field(default_factory=Shelf)
    agreements: Shelf[str, KnownAgreement] = field(default_factory=Shelf)
    signatures: Shelf[tuple[str, str], Signature] = field(default_factory=Shelf)
    cases: Shelf[str, Case] = field(default_factory=Shelf)
    seats: dict[str, Shelf[str, Seat]] = field(default_factory=dict)
    consents: Shelf[str, GrantedConsent] = field(default_factory=Shelf)
    emergencies: Shelf[str, Emergency] = field(default_factory=Shelf)
    held_back: Shelf[tuple[str, str], HeldBack] = field(default_factory=Shelf)
    passes: Shelf[str, Pass] = field(default_factory=Shelf)
    pass_uses: Shelf[str, PassUse] = field(default_factory=Shelf)
    replaced: Shelf[tuple[str, str], Replaced] = field(default_factory=Shelf)
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    refused: dict[tuple[str, str], Refused] = field(default_factory=dict)
    contents: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    uploaded: dict[str, int] = field(default_factory=dict)
    sealed_for: dict[str, str] = field(default_factory=dict)
    ended_consents: set[str] = field(default_factory=set)
    """Consents on which nothing rests any more: what waits under them is taken out of the mailboxes."""
    ended_seats: set[tuple[str, str]] = field(default_factory=set)
    """Case and member of seats that ended: what waits for them is taken out of their mailbox."""

    @classmethod
    def load(cls, connection: Connection, needs: Needs) -> Register:
        """Look up what the batch needs; statements for what it does not need are left out."""
        if needs.seats_of:
            held, as_citizen = cases.cases_of(connection, needs.seats_of)
            needs = replace(needs, cases=needs.cases | held, consents_of=needs.consents_of | as_citizen)
        with looked_up_ahead(connection, _usual(needs)):
            return cls._load(connection, needs)

    @classmethod
    def _load(cls, connection: Connection, needs: Needs) -> Register:
        found = cls(sealed_for=needs.sealed_for)
        found.said = said.load_said(connection, needs.said)
        found.refused = said.load_refused(connection, needs.said)
        if needs.read:
            found.contents = said.load_contents(connection, needs.read)
        found.members = Shelf(members.load_members(connection, needs.members))
        keys = members.load_keys(connection, needs.kids)
        if needs.keys_of:
            keys |= members.load_keys_of(connection, needs.keys_of)
        found.keys = Shelf(keys)
        if needs.codes_for:
            found.codes = Shelf(codes.load_codes(connection, needs.codes_for))
        if needs.cases:
            found.cases = Shelf(cases.load_cases(connection, needs.cases))
            seats = cases.load_seats(connection, needs.cases)
            found.seats = {case: Shelf(seats.get(case)) for case in needs.cases}
        if needs.attachments:
            found.uploaded = uploads.load_uploaded(connection, needs.attachments)
        found._load_bases(connection, needs)
        return found

    def _load_bases(self, connection: Connection, needs: Needs) -> None:
        granted = consents.load_consents(connection, needs.consents) if needs.consents else {}
        if needs.consents_of:
            granted |= consents.load_consents_of(connection, needs.consents_of)
        self.consents = Shelf(granted)
        known = agreements.load_agreements(connection, needs.agreements) if needs.agreements else {}
        if needs.versions_of:
            known |= agreements.load_versions(connection, needs.versions_of)
        self.agreements = Shelf(known)
        if needs.signatures_of:
            self.signatures = Shelf(agreements.load_signatures(connection, needs.signatures_of))
        if needs.emergencies:
            self.emergencies = Shelf(emergencies.load_emergencies(connection, needs.emergencies))
        if needs.spoken_of:
            self.held_back = Shelf(held_back.load_held_back(connection, needs.spoken_of))
        if needs.answered:
            # Who accepts an offer replaces the request to which it was made.
            offers = (each for each in self.contents.values() if each["type"] == "consent.offer/1")
            asked = needs.answered | {str(each["re"]) for each in offers}
            self.replaced = Shelf(passes.load_replaced(connection, asked))
        self._load_passes(connection, needs)

    def _load_passes(self, connection: Connection, needs: Needs) -> None:
        """Look up previews where there are any: most consents have none, and cost nothing here."""
        decided = passes.load_passes(connection, needs.passes) if needs.passes else {}
        if needs.passed and any(consent.terms.preview for consent in self.consents.values()):
            found, uses = passes.load_passes_for(connection, needs.passed)
            decided |= found
            self.pass_uses = Shelf(uses)
        self.passes = Shelf(decided)

    def flush(self, connection: Connection) -> None:
        """Write what changed, parents before children."""
        members.save_members(connection, self.members.take_changed())
        members.save_keys(connection, self.keys.take_changed())
        codes.save_used(connection, self.codes.take_changed())
        agreements.save_agreements(connection, self.agreements.take_changed())
        agreements.save_signatures(connection, self.signatures.take_changed())
        cases.save_cases(connection, self.cases.take_changed())
        cases.save_seats(connection, [seat for shelf in self.seats.values() for seat in shelf.take_changed()])
        consents.save_consents(connection, self.consents.take_changed())
        emergencies.save_emergencies(connection, self.emergencies.take_changed())
        held_back.save_held_back(connection, self.held_back.take_changed())
        passes.save_passes(connection, self.passes.take_changed(), self.pass_uses.take_changed())
        passes.save_replaced(connection, self.replaced.take_changed())

    def member(self, member: str) -> Member:
        """Give a member that takes part; raise UnknownMember or MemberNotActive."""
        found = self.members.get(member)
        if found is None:
            raise UnknownMember(member=member)
        found.check_active()
        return found

    def key(self, kid: str) -> Key:
        """Give a key; raise UnknownKey."""
        found = self.keys.get(kid)
        if found is None:
            raise UnknownKey(kid=kid)
        return found

    def agreement(self, ref: str | None) -> KnownAgreement:
        """Give an agreement in any state; raise UnknownAgreement."""
        found = self.agreements.get(ref) if ref else None
        if found is None:
            raise UnknownAgreement(agreement=ref or "")
        return found

    def case(self, case: str | None) -> Case:
        """Give a case in any state; raise UnknownCase."""
        found = self.cases.get(case) if case else None
        if found is None:
            raise UnknownCase(case=case or "")
        return found

    def seat(self, case: str | None, member: str) -> Seat | None:
        """Give the seat that a member has or had in a case."""
        seats = self.seats.get(case or "")
        return seats.get(member) if seats else None

    def seats_of(self, case: str | None) -> list[Seat]:
        """Give all seats that a case has or had."""
        seats = self.seats.get(case or "")
        return seats.values() if seats else []

    def seats_held_by(self, member: str) -> list[Seat]:
        """Give the seats of a member that have not ended, in the cases that were looked up."""
        held = (shelf.get(member) for shelf in self.seats.values())
        return [seat for seat in held if seat is not None and seat.status != "ended"]

    def citizen_seat(self, case: str | None) -> Seat | None:
        """Give the citizen's seat in a case, unless it has ended."""
        for seat in self.seats_of(case):
            if seat.kind == "citizen" and seat.status != "ended":
                return seat
        return None

    def put_seat(self, seat: Seat) -> None:
        """Add or replace a seat."""
        self.seats.setdefault(seat.case, Shelf()).put(seat.member, seat)

    def consent(self, consent: str | None, case: str | None) -> GrantedConsent:
        """Give a consent of this case in any state; one of another case is as unknown as none."""
        found = self.consents.get(consent) if consent else None
        if found is None or found.case != case:
            raise UnknownConsent(consent=consent or "")
        return found

    def emergency(self, emergency: str | None, case: str | None) -> Emergency:
        """Give an emergency of this case; one of another case is as unknown as none."""
        found = self.emergencies.get(emergency) if emergency else None
        if found is None or found.case != case:
            raise NoEmergency(emergency=emergency or "")
        return found

    def said_in(self, case: str | None, message: str | None) -> list[Said]:
        """Give the messages of this id in this case: two senders may have chosen the same id."""
        return [said for said in self.said.values() if said.id == message and said.case == case]

    def content_of(self, said: Said) -> Mapping[str, Any]:
        """Give what an earlier message said, also one of this batch."""
        found = self.contents.get((said.id, said.sender))
        return found if found is not None else {}


def _usual(needs: Needs) -> Iterator[tuple[Lookup, Iterable[str]]]:
    """Name what nearly every batch looks up, so that it can be asked for at once."""
    yield said.SAID, needs.said
    yield said.REFUSED, needs.said
    yield members.MEMBERS, needs.members
    yield members.KEYS, needs.kids
    yield cases.CASES, needs.cases
    yield cases.SEATS, needs.cases
    yield consents.BY_ID, needs.consents
    yield agreements.BY_REF, needs.agreements

"""Check 11: who sat in the case, since whose word, and with which keys the citizen signs and reads.

Follows opening, invitation, joining, attestation and later passkeys in the order of the log. The one-time
code itself is known to nobody here; what is checked is that the inviting agency attested exactly the keys
that joined, and that each later passkey rests on an earlier one or on the word of an agency in the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.exchange import seats as exchange
from connectors.exchange.seats import ProvenSeat
from schemas.errors import NoSeat, UnknownInvitation
from schemas.messages import case_v1
from schemas.messages.envelope import Message
from schemas.seat_keys import Said, SeatPasskeys


@dataclass(slots=True)
class Seats:
    """The seats of one case at one place of the log."""

    case: str
    agencies: set[str] = field(default_factory=set)
    citizen: ProvenSeat | None = None
    passkeys: SeatPasskeys = field(default_factory=SeatPasskeys)
    """Those of the citizen's seat, as they are at this place of the log."""
    on_trust: set[str] = field(default_factory=set)
    """Agencies whose opening of the case is not in the file: whoever joined later was never sent it."""
    _messages: list[Message] = field(default_factory=list)

    def take(self, message: Message) -> None:
        """Follow one message of the family `case`; raise what is wrong with it."""
        body = message.body or {}
        self._messages.append(message)
        if message.type == case_v1.OPEN and "seat" not in body:
            self.agencies.add(message.sender)
        elif message.type == case_v1.INVITE and not self._sits(message.sender):
            # Only who sits in a case may invite; here the coordinator's admission is all that shows it.
            self.on_trust.add(message.sender)
            self.agencies.add(message.sender)
        elif message.type == case_v1.JOIN:
            self._join(message, body)
        elif message.type == case_v1.LEAVE:
            self._leave(message, body)
        elif message.type == case_v1.KEYS:
            self._change_passkeys(message, body)
        elif message.type == case_v1.ATTEST and "keys" in body:
            self._attest_passkeys(message, body)
            return
        self._prove_citizen(message, body)

    def check_agency(self, member: str) -> None:
        """Raise NoSeat unless the agency sits in the case."""
        if member not in self.agencies:
            raise NoSeat(f"{member} has no seat in the case at this place of the log.", member=member)

    def check_speaks_for_citizen(self, member: str) -> ProvenSeat:
        """Give the citizen's seat when this portal holds it, attested; raise NoSeat."""
        if self.citizen is None or self.citizen.portal != member:
            raise NoSeat(f"{member} does not hold an attested seat of the citizen here.", member=member)
        return self.citizen

    def end(self, member: str) -> None:
        """End the seat of a member; the citizen's with the portal that holds it."""
        self.agencies.discard(member)
        if self.citizen is not None and self.citizen.portal == member:
            self.citizen = None

    def _sits(self, member: str) -> bool:
        return member in self.agencies or (self.citizen is not None and self.citizen.portal == member)

    def _join(self, message: Message, body: Mapping[str, Any]) -> None:
        invitation = self._find(body["invitation"], case_v1.INVITE)
        invitee = (invitation.body or {})["invitee"]
        if message.sender != invitee.get("portal", invitee.get("member")):
            raise UnknownInvitation("The invitation was for another.", member=message.sender)
        if invitee["kind"] == "agency":
            self.agencies.add(message.sender)

    def _leave(self, message: Message, body: Mapping[str, Any]) -> None:
        leaving = body.get("member", message.sender)
        if leaving != message.sender:
            self.check_speaks_for_citizen(message.sender)
        self.end(leaving)

    def _prove_citizen(self, message: Message, body: Mapping[str, Any]) -> None:
        """Look at the seat anew when something was said about its keys."""
        if message.type == case_v1.ATTEST:
            join = self._find(body["join"], case_v1.JOIN)
            exchange.check_attested(join, message)
            self._sit(exchange.prove(self.case, join.sender, self._messages))
        elif message.type == case_v1.OPEN and "seat" in body:
            self._sit(exchange.prove(self.case, message.sender, self._messages))

    def _sit(self, proven: ProvenSeat | None) -> None:
        """Begin with the passkeys of the joining, unless it is the seat that is known already."""
        if proven is not None and (self.citizen is None or self.citizen.join_id != proven.join_id):
            self.passkeys = SeatPasskeys.begin(proven.passkeys, brought_by=proven.join_id)
        self.citizen = proven

    def _change_passkeys(self, message: Message, body: Mapping[str, Any]) -> None:
        """Follow the portal that holds the seat; what it ends has ended even if the rest does not hold."""
        seat = self.check_speaks_for_citizen(message.sender)
        said, before = self._said(message), self.passkeys
        self.passkeys = before.ended(body["end"], place=said.place)
        alone = seat.attested_by == seat.portal
        self.passkeys = before.changed(body, case=self.case, said=said, own_word=alone)

    def _attest_passkeys(self, message: Message, body: Mapping[str, Any]) -> None:
        """Follow an agency that sits in the case at this place of the log."""
        self.check_agency(message.sender)
        self.passkeys = self.passkeys.attested(body, said=self._said(message))

    def _said(self, message: Message) -> Said:
        """The messages come in the order of the log, so their number is a place in it."""
        return Said(message.id, message.sender, message.at, len(self._messages))

    def _find(self, message: str, type_name: str) -> Message:
        for each in self._messages:
            if each.id == message and each.type == type_name:
                return each
        raise UnknownInvitation(f"The {type_name} that this answers does not stand before it in the file.")

"""Check 10: which agreements all of their parties had signed at one place of the log.

A signature counts when it names the digest of the proposed document and comes from a member whose first key
is the one that the document names. Messages whose place in the log the file's maker does not know are
looked at when the agreement is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from connectors.exchange.agreements import PROPOSE, RETIRE, SIGN
from schemas.agreement import Agreement, agreement_sha256, load_agreement
from schemas.errors import AgreementNotInForce, BadSignature, NotAParty, UnknownAgreement
from schemas.messages.envelope import Message

FirstKid = Callable[[str], str]
"""Gives a member's first key, as known at this place of the log."""


@dataclass(slots=True)
class _Held:
    agreement: Agreement
    signed: set[str] = field(default_factory=set)
    retired: bool = False


@dataclass(slots=True)
class Agreements:
    """The agreements at one place of the log."""

    first_kid: FirstKid
    _held: dict[str, _Held] = field(default_factory=dict)
    _waiting: list[Callable[[], Message]] = field(default_factory=list)

    def take(self, message: Message) -> None:
        """Follow one message of the family `agreement`; raise what is wrong with it."""
        body = message.body or {}
        if message.type == PROPOSE:
            agreement = load_agreement(body["agreement"])
            self._held.setdefault(agreement.ref, _Held(agreement))
            return
        held = self._find(body["agreement"])
        if message.sender not in held.agreement.members():
            raise NotAParty(agreement=held.agreement.ref, member=message.sender)
        if message.type == RETIRE:
            held.retired = True
        elif message.type == SIGN:
            self._sign(held, message)

    def take_later(self, read: Callable[[], Message]) -> None:
        """Keep a message without a place until its signature can be checked."""
        self._waiting.append(read)

    def settle(self) -> None:
        """Look at the messages that were waiting, proposals first; raise what is wrong with the first bad
        one.
        """
        waiting, self._waiting = self._waiting, []
        messages = [read() for read in waiting]
        for message in sorted(messages, key=lambda each: each.type != PROPOSE):
            self.take(message)

    def in_force(self, ref: str, at: datetime) -> Agreement:
        """Give an agreement that all had signed; raise UnknownAgreement or AgreementNotInForce."""
        self.settle()
        held = self._find(ref)
        missing = held.agreement.members() - held.signed
        if missing:
            raise AgreementNotInForce(
                f"At this place of the log, {', '.join(sorted(missing))} had not signed the agreement.",
                agreement=ref,
            )
        if held.retired:
            raise AgreementNotInForce("The agreement was retired before this.", agreement=ref)
        held.agreement.check_in_force(at)
        return held.agreement

    def _sign(self, held: _Held, message: Message) -> None:
        if (message.body or {})["sha256"] != agreement_sha256(held.agreement.document):
            raise BadSignature("The signature is under another document of this agreement.")
        party = next(each for each in held.agreement.parties if each.member == message.sender)
        if self.first_kid(message.sender) != party.kid:
            raise NotAParty(
                "The agreement names another first key for this party.",
                agreement=held.agreement.ref,
                member=message.sender,
            )
        held.signed.add(message.sender)

    def _find(self, ref: str) -> _Held:
        if ref not in self._held:
            raise UnknownAgreement(
                "The agreement's document does not stand before this in the file.", agreement=ref
            )
        return self._held[ref]

    def __len__(self) -> int:
        return len(self._held)

"""Check 8: whose key is whose, replayed from the enrolments and key changes that the file holds.

Grows with the order of the log: a key speaks only after the message that brought it, and until the one that
ended it. The chain itself is proved by the code with which a connector proves it when it is online.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from connectors.exchange.directory import ENROL, KEYS, LEAVE, prove
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.store.members import PinnedMember
from schemas.errors import UnknownKey, UnknownMember
from schemas.keys import VerifyingKey
from schemas.messages.envelope import Message
from schemas.messages.fields import COORDINATOR
from schemas.statement import Statement

TYPES: Final = frozenset({ENROL, KEYS, LEAVE})


class History:
    """The members and their keys as they are at one place of the log."""

    def __init__(self, pinned: PinnedKeys) -> None:
        """Start from the trusted keys of the coordinator alone."""
        self._pinned = pinned
        self._chains: dict[str, list[dict[str, str]]] = {}
        self._members: dict[str, PinnedMember] = {}

    def key_for(self, kid: str, payload: Mapping[str, Any]) -> VerifyingKey:
        """Find the key that signed a message or statement; an enrolment brings its own."""
        who = payload.get("from", payload.get("iss"))
        if who == COORDINATOR:
            return self._pinned.key_for(kid, payload)
        if payload.get("type") == ENROL:
            return _own(payload, kid)
        if not isinstance(who, str):
            raise UnknownKey("It does not say who signed it.", kid=kid)
        return self.member(who).verifying_key(kid)

    def member(self, member: str) -> PinnedMember:
        """Give a member as known so far; raise UnknownMember when the file has no enrolment before this."""
        if member not in self._members:
            raise UnknownMember(f"No enrolment of {member} stands before this in the file.", member=member)
        return self._members[member]

    def check_in_force(self, message: Message, admitted_at: datetime) -> None:
        """Raise KeyNotInForce unless the sender's key spoke for it, signing and when it was admitted."""
        if message.sender == COORDINATOR or message.type == ENROL:
            return
        self.member(message.sender).check_in_force(message.kid, message.at, admitted_at)

    def check_statement_key(self, shown: Statement) -> None:
        """Raise KeyNotInForce unless the issuer's key spoke for it when the statement was made."""
        self.member(shown.iss).check_in_force(shown.kid, shown.at, shown.at)

    def take(self, message: Message, receipt: str) -> None:
        """Take a link of a member's chain, after proving the chain up to it."""
        link = {"message": message.raw.decode("ascii"), "receipt": receipt}
        chain = [*self._chains.get(message.sender, ()), link]
        proven = prove(message.sender, {"messages": chain}, self._pinned.key_for)
        self._chains[message.sender], self._members[message.sender] = chain, proven

    def __len__(self) -> int:
        return len(self._members)


def _own(payload: Mapping[str, Any], kid: str) -> VerifyingKey:
    try:
        return VerifyingKey.from_jwk(payload["body"]["keys"]["sign"])
    except (KeyError, TypeError) as error:
        raise UnknownKey("The enrolment names no signing key.", kid=kid) from error

"""Step 4 of the way in: what was permitted becomes an entry, with its receipt, and changes what it changes.

Takes a Permit, gives an Entry. The receipt is signed here, after the decision, and given out only after the
commit: it promises that the message is durable.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.intake.authorise import Permit
from coordinator.intake.effects.table import EFFECTS
from coordinator.intake.journal import Journal
from coordinator.register.register import Register
from coordinator.register.said import Said
from schemas import receipt
from schemas.keys import SigningKey
from schemas.messages.shape import Message

_ASKING = frozenset({"consent.request/1", "consent.offer/1", "access.emergency/1"})
"""What an answer in the same batch may be about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message with its place in the order of decisions."""

    permit: Permit
    seq: int
    receipt: bytes
    commitment: bytes

    @property
    def message(self) -> Message:
        """The message that was admitted."""
        return self.permit.message


def record(permit: Permit, register: Register, journal: Journal, *, key: SigningKey, now: datetime) -> Entry:
    """Give the message its place, sign the receipt, and let its effect change the register."""
    message, consent = permit.message, permit.reason.consent
    seq, salt = journal.next_place(), journal.new_salt()
    signed = receipt.issue(id=message.id, sha256=message.sha256, salt=salt, admitted_at=now, key=key)
    journal.add_message(message, seq=seq, salt=salt, receipt=signed, consent=consent, now=now)
    _remember(message, seq, signed, register)
    effect = EFFECTS.get(message.type)
    if effect is not None:
        effect(message, register, seq, now)
    return Entry(permit, seq, signed, receipt.commitment(salt, message.sha256))


def _remember(message: Message, seq: int, signed: bytes, register: Register) -> None:
    """Let the rest of the batch see it: a second copy gets the same receipt, an answer finds its question."""
    key = (message.id, message.sender)
    register.said[key] = Said(seq, *key, message.type, message.case, message.sha256, signed)
    if message.type in _ASKING:
        said = {"type": message.type, "to": list(message.to), "body": message.body}
        register.contents[key] = said if message.re is None else {**said, "re": message.re}

"""Types of the family `delivery`: what the coordinator itself tells the parties of a case."""

from __future__ import annotations

from typing import Final

from schemas.messages import fields as words
from schemas.messages.fields import CITIZEN, Several, Strict
from schemas.messages.type_rule import COORDINATOR, opened

DELAYED: Final = "delivery.delayed/1"
WITHDRAWN_WHY = ("withdrawn", "suspended", "expired", "superseded")
_WHY = "Only the coordinator knows what it did with a mailbox; an agency may not send this either."


class WithdrawnBody(Strict):
    """`delivery.withdrawn/1`: a message was taken out of a mailbox before it was collected.

    `mailboxes` names out of whose, where others had collected it already; without it, nobody had.
    """

    message = words.MessageId(required=True)
    consent = words.Uuid(required=True)
    why = words.Choice(*WITHDRAWN_WHY, required=True)
    mailboxes = Several(words.MemberId(), most=32)


class DelayedBody(Strict):
    """`delivery.delayed/1`: what was held back from the citizen, once its time has come."""

    message = words.Compact(required=True)
    receipt = words.Compact(required=True)


RULES = (
    opened("delivery.withdrawn/1", COORDINATOR, WithdrawnBody, why_not_citizen=_WHY),
    opened(DELAYED, COORDINATOR, DelayedBody, to=(CITIZEN,), why_not_citizen=_WHY),
)

"""Step 3 of the way in: may this be, now? Pure, and the only maker of a Permit.

Takes a Message (verified and validated), gives a Permit that names the agreement, consent or clause on
which it rests, or raises the Refusal. What a permitted message changes is `effects`' business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.intake.rules.parties import check_sender
from coordinator.intake.rules.reason import BY_SEAT, Reason
from coordinator.intake.rules.table import RULES
from coordinator.intake.rules.time import check_timely
from coordinator.register.register import Register
from schemas.errors import NotYourTurn, UnknownType
from schemas.messages.fields import COORDINATOR
from schemas.messages.shape import Message
from schemas.messages.table import TYPES

ENROL = "member.enrol/1"


@dataclass(frozen=True, slots=True)
class Permit:
    """A message that may be, and why."""

    message: Message
    reason: Reason


def authorise(message: Message, register: Register, now: datetime) -> Permit:
    """Judge one message.

    1. it is in time
    2. its sender takes part and its key is in force (but for who enrols with this very message)
    3. the rule of its type finds nothing to refuse; a type without a rule is refused
    """
    check_timely(message, now)
    if message.type != ENROL:
        check_sender(message, register, now)
    rule = RULES.get(message.type)
    if rule is None:
        raise UnknownType(type=message.type)
    return Permit(message, rule(message, register, now))


def permit_own(message: Message) -> Permit:
    """Permit what the coordinator says itself; from anyone else the same types are refused by their rule."""
    if message.sender != COORDINATOR or COORDINATOR not in TYPES[message.type].by:
        raise NotYourTurn("Only the coordinator sends this.", type=message.type)
    return Permit(message, BY_SEAT)

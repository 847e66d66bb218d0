"""The rule of `message.reject`: only the one to whom a message was delivered can reject it."""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.rules.parties import former_seat
from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.register import Register
from coordinator.register.said import Said
from schemas.errors import NotDelivered, WrongRecipients
from schemas.messages.fields import CITIZEN, COORDINATOR
from schemas.messages.shape import Message


def reject(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `message.reject`: to the sender of what is rejected and, if that is another, to the citizen."""
    former_seat(message, register)
    rejected = (message.body or {})["message"]
    told = [
        _called(said, message, register)
        for said in register.said_in(message.case, rejected)
        if said.sender not in {message.sender, COORDINATOR} and _was_for(said, message, register)
    ]
    if not told:
        raise NotDelivered(message=rejected)
    if message.to[0] not in told and message.to[-1] not in told:
        raise WrongRecipients("The sender of what is rejected is told.", recipient=told[0])
    strangers = set(message.to) - {CITIZEN, *told}
    if strangers:
        raise WrongRecipients("This one did not send what is rejected.", recipient=min(strangers))
    return BY_SEAT


def _was_for(said: Said, message: Message, register: Register) -> bool:
    """Whether a message was delivered to the one who rejects it."""
    citizen = register.citizen_seat(message.case)
    is_citizen = citizen is not None and citizen.member == message.sender
    return (CITIZEN if is_citizen else message.sender) in register.content_of(said).get("to", ())


def _called(said: Said, message: Message, register: Register) -> str:
    """Give the name by which the sender of a message is written to in this case."""
    citizen = register.citizen_seat(message.case)
    return CITIZEN if citizen is not None and citizen.member == said.sender else said.sender


RULES: dict[str, Rule] = {"message.reject/1": reject}

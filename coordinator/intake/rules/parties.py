"""Who speaks and who is spoken to: keys in force, seats active, recipients that sit in the case.

Every rule of a type in a case begins here. What the parties may say to each other is not decided here.
"""

from __future__ import annotations

from datetime import datetime

from coordinator.register.cases import Seat
from coordinator.register.register import Register
from schemas.errors import (
    AttachmentMissing,
    CitizenNotJoined,
    KeyNotInForce,
    NoSeat,
    NotAttested,
    NotYourTurn,
    UnknownKey,
    WrongRecipients,
)
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message
from schemas.messages.table import TYPES

AGENCY_KINDS = frozenset({"public", "charity", "company"})
"""Members that may hold an agency's seat; a portal acts for citizens, oversight reads the log."""


def check_sender(message: Message, register: Register, now: datetime) -> None:
    """Raise unless the sender takes part and signed with a key of its own that is in force."""
    register.member(message.sender)
    key = register.key(message.kid)
    if key.member != message.sender:
        raise UnknownKey("The key is not one of the sender's.", kid=message.kid)
    key.check_in_force(use="sign", at=message.at, now=now)


def sender_seat(message: Message, register: Register) -> Seat:
    """Give the sender's active seat in the open case, of a kind that may send this type; else raise."""
    case = register.case(message.case)
    seat = register.seat(case.id, message.sender)
    if seat is None or not seat.is_active:
        raise NoSeat(member=message.sender, case=case.id)
    rule = TYPES[message.type]
    if seat.kind not in rule.by:
        raise NotYourTurn(rule.why_not_citizen, type=message.type)
    if not rule.after_closing:
        case.check_open()
    return seat


def former_seat(message: Message, register: Register) -> Seat:
    """Give the seat that the sender has or had: duties like erasing outlive it."""
    case = register.case(message.case)
    seat = register.seat(case.id, message.sender)
    if seat is None or seat.status == "invited":
        raise NoSeat(member=message.sender, case=case.id)
    if seat.kind not in TYPES[message.type].by:
        raise NotYourTurn(TYPES[message.type].why_not_citizen, type=message.type)
    return seat


def active_citizen(message: Message, register: Register) -> Seat:
    """Give the citizen's active seat; raise CitizenNotJoined."""
    seat = register.citizen_seat(message.case)
    if seat is None or not seat.is_active:
        raise CitizenNotJoined(case=message.case or "")
    return seat


def check_recipients(message: Message, register: Register) -> None:
    """Raise unless each recipient has an active seat in the case and is called by its right name."""
    for recipient in message.to:
        if recipient == CITIZEN:
            if active_citizen(message, register).member == message.sender:
                raise WrongRecipients("The citizen does not write to themselves.", recipient=CITIZEN)
            continue
        register.member(recipient)
        seat = register.seat(message.case, recipient)
        if seat is None or not seat.is_active:
            raise NoSeat(member=recipient, case=message.case or "")
        if seat.kind != "agency":
            raise WrongRecipients("A portal is written to as `citizen`.", recipient=recipient)


def check_present(message: Message, register: Register) -> None:
    """Check recipients of news about the case itself: `citizen` may be named before there is one."""
    citizen = register.citizen_seat(message.case)
    for recipient in message.to:
        if recipient == CITIZEN:
            continue
        register.member(recipient)
        seat = register.seat(message.case, recipient)
        if seat is None or seat.kind != "agency" or seat.status == "ended":
            raise NoSeat(member=recipient, case=message.case or "")
    if citizen and citizen.is_active and citizen.member != message.sender and CITIZEN not in message.to:
        raise WrongRecipients("The citizen is told of this.", recipient=CITIZEN)


def check_sealed(message: Message, register: Register, now: datetime) -> None:
    """Raise unless each entry is sealed for a key its recipient has in force, and attachments are there."""
    for sealed in message.sealed:
        kid = register.sealed_for[sealed.jwe]
        if sealed.to == CITIZEN:
            if active_citizen(message, register).sealing_kid != kid:
                raise NotAttested("It is sealed for another key than the citizen's seat has.", kid=kid)
            continue
        key = register.keys.get(kid)
        if key is None or key.member != sealed.to:
            raise KeyNotInForce(
                "It is sealed for a key that the recipient does not have.", kid=kid, member=sealed.to
            )
        key.check_in_force(use="seal", at=message.at, now=now)
    for attachment in message.attachments:
        if register.uploaded.get(attachment.sha256) != attachment.size:
            raise AttachmentMissing(sha256=attachment.sha256)

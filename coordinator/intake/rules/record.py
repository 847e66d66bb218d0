"""Rules of the family `record`: asking, giving, declining, contesting, correcting, erasing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from coordinator.intake.rules.basis import asks, forwards
from coordinator.intake.rules.parties import (
    check_recipients,
    check_sealed,
    former_seat,
    sender_seat,
)
from coordinator.intake.rules.preview import check_corrects_passed, check_passed, check_preview, decide
from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.register import Register
from schemas.errors import UnknownRequest, WrongRecipients
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message


def request(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `record.request`: what may be asked for is what may flow."""
    return asks(message, register, now)


def release(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `record.release`; if it answers a request, that one must be of this case.

    Where the consent says so, the citizen has seen it first and passed it on.
    """
    reason = forwards(message, register, now)
    if message.re is not None:
        if message.to == (CITIZEN,):
            check_preview(message, register)
        else:
            _check_answers(message, register)
    check_passed(message, register)
    return reason


def correct(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `record.correct`: the corrected record moves by the same right as the first.

    In a closed case it goes to the citizen alone, who keeps their copy (GDPR art. 16): nobody else holds one.
    """
    reason = forwards(message, register, now)
    if message.to != (CITIZEN,):
        register.case(message.case).check_open()
    check_corrects_passed(message, register)
    return reason


def decline(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `record.decline`: the answer of a party to a request of this case."""
    sender_seat(message, register)
    check_recipients(message, register)
    _check_answers(message, register)
    return BY_SEAT


def contest(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `record.contest`: the citizen to those who sit in the case; nothing more is asked of them."""
    sender_seat(message, register)
    check_recipients(message, register)
    check_sealed(message, register, now)
    return BY_SEAT


def erased(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `record.erased`: to the sources of what was erased and to the citizen, even after leaving.

    A citizen who has left, or has not joined, is told nothing; naming them all the same does no harm, because
    whoever erases may not have heard of it yet.
    """
    former_seat(message, register)
    citizen = register.citizen_seat(message.case)
    if citizen is not None and citizen.is_active and CITIZEN not in message.to:
        raise WrongRecipients("The citizen is told what was erased.", recipient=CITIZEN)
    sources = [_source_of(each, message, register) for each in (message.body or {})["messages"]]
    strangers = set(message.to) - {CITIZEN, *sources}
    if strangers:
        raise WrongRecipients("This one was not the source of what was erased.", recipient=min(strangers))
    return BY_SEAT


def _source_of(erased_message: Mapping[str, str], message: Message, register: Register) -> str:
    """Give the sender of what was erased, who must be told of it."""
    for said in register.said_in(message.case, erased_message["id"]):
        if said.sha256.hex() == erased_message["sha256"]:
            if not _hears_of(said.sender, message, register):
                raise WrongRecipients("The source is told what was erased.", recipient=said.sender)
            return said.sender
    raise UnknownRequest("What was erased is no message of this case.", message=erased_message["id"])


def _is_told(source: str, message: Message, register: Register) -> bool:
    citizen = register.citizen_seat(message.case)
    return source in message.to or (citizen is not None and citizen.member == source)


def _hears_of(source: str, message: Message, register: Register) -> bool:
    """Say whether a source is told of an erasure; the citizen's portal by `citizen`, also after they left."""
    if _is_told(source, message, register):
        return True
    seat = register.seat(message.case, source)
    return seat is not None and seat.kind == "citizen" and CITIZEN in message.to


def _check_answers(message: Message, register: Register) -> None:
    """Raise UnknownRequest unless `re` names a request of this case by one of the recipients."""
    for said in register.said_in(message.case, message.re):
        if said.type == "record.request/1" and _is_told(said.sender, message, register):
            return
    raise UnknownRequest(message=message.re or "", case=message.case or "")


RULES: dict[str, Rule] = {
    "record.request/1": request,
    "record.release/1": release,
    "record.correct/1": correct,
    "record.decline/1": decline,
    "record.pass/1": decide,
    "record.contest/1": contest,
    "record.erased/1": erased,
}

"""Requests for consent after they were made: answered in time, replaced by what the citizen offered."""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.rules.parties import check_recipients, sender_seat
from coordinator.intake.rules.reason import BY_SEAT, Reason
from coordinator.register.passes import Replaced
from coordinator.register.register import Register
from coordinator.register.said import Said, content
from schemas.consent import check_accepts, check_offer
from schemas.consent_life import check_answerable
from schemas.errors import ConsentNotInForce, RequestReplaced, UnknownRequest
from schemas.instant import parse
from schemas.messages.shape import Message

OFFER, REQUEST = "consent.offer/1", "consent.request/1"


def offer(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `consent.offer`: the citizen's narrower terms, to who asked; it decides nothing yet."""
    sender_seat(message, register)
    check_recipients(message, register)
    asked = open_request(message, register, now)
    terms = (message.body or {})["terms"]
    check_offer(terms, register.content_of(asked)["body"]["terms"])
    if parse(terms["valid_until"]) <= now:
        raise ConsentNotInForce("It would have ended already.", state="expired")
    return BY_SEAT


def open_request(message: Message, register: Register, now: datetime) -> Said:
    """Give the request that a message answers.

    Raises UnknownRequest, RequestReplaced, or RequestExpired: who was asked long ago is asked again, and
    does not find that an old question became a consent.
    """
    for said in register.said_in(message.case, message.re):
        if said.type == REQUEST and said.sender in message.to:
            check_not_replaced(said.id, said.sender, register)
            check_answerable(said.id, parse(content(said.receipt)["admitted_at"]), now)
            return said
    raise UnknownRequest(message=message.re or "", case=message.case or "")


def check_not_replaced(request: str, sender: str, register: Register) -> None:
    """Raise RequestReplaced if the asker has put a narrower request in its place."""
    replaced = register.replaced.get((request, sender))
    if replaced is not None:
        raise RequestReplaced(request=request, by=replaced.replaced_by)


def check_accepted(message: Message, register: Register) -> None:
    """Raise unless a request that follows an offer asks for what was offered to this asker, and once."""
    replaced = replaces(message, register)
    if replaced is not None:
        check_not_replaced(replaced.id, replaced.sender, register)


def replaces(message: Message, register: Register) -> Replaced | None:
    """Give the earlier request that this one takes the place of; raise UnknownRequest or Invalid."""
    if message.re is None:
        return None
    for said in register.said_in(message.case, message.re):
        found = register.content_of(said)
        if said.type == OFFER and list(found.get("to", ())) == [message.sender]:
            check_accepts((message.body or {})["terms"], found["body"]["terms"])
            return Replaced(found["re"], message.sender, message.id)
    raise UnknownRequest("This offer was not made to you.", message=message.re, case=message.case or "")

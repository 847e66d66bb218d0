"""By what right sealed content moves between agencies: the protocol's four conditions.

Pure over the register and the time. The agreement must name the flow on exactly this basis; the basis must
hold now. What the citizen sends, and what goes to the citizen alone, needs nothing but the seats.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from coordinator.intake.rules.access import LONGEST_DELAY
from coordinator.intake.rules.parties import active_citizen, check_recipients, check_sealed, sender_seat
from coordinator.intake.rules.reason import BY_SEAT, Reason
from coordinator.register.agreements import KnownAgreement
from coordinator.register.register import Register
from schemas.agreement import Flow
from schemas.consent import covers
from schemas.errors import (
    AgreementDoesNotCover,
    NoEmergency,
    NoStatute,
    NoticeMissing,
    TooLarge,
    WithholdingNotAllowed,
)
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message

RELEASE: Final = "record.release/1"
CORRECT: Final = "record.correct/1"
MOST_HELD_BACK: Final = 180 * 1024
"""Bytes of a message that fits, in base64url and with its receipt, into the message that tells of it."""


def forwards(message: Message, register: Register, now: datetime) -> Reason:
    """Judge content that goes from source to recipient, like a release."""
    return _moves(message, register, now, asks=False)


def asks(message: Message, register: Register, now: datetime) -> Reason:
    """Judge a request, which goes against the direction of the flow that it asks for."""
    return _moves(message, register, now, asks=True)


def _moves(message: Message, register: Register, now: datetime, *, asks: bool) -> Reason:
    seat = sender_seat(message, register)
    check_recipients(message, register)
    check_sealed(message, register, now)
    others = [recipient for recipient in message.to if recipient != CITIZEN]
    basis = message.authority.basis if message.authority else None
    if seat.kind == "citizen" or not others:
        if basis != "seat":
            raise AgreementDoesNotCover(
                "What goes between citizen and agency rests on their seats.", basis=basis or ""
            )
        return BY_SEAT
    active_citizen(message, register)
    agreement = register.agreement(message.agreement)
    agreement.check_in_force(now)
    for other in others:
        source, recipient = (other, message.sender) if asks else (message.sender, other)
        _check_flows(message, agreement, source, recipient)
        _check_basis(message, register, agreement, (source, recipient), now)
    _check_withheld(message, agreement, now)
    return _reason(message, agreement)


def _check_flows(message: Message, agreement: KnownAgreement, source: str, recipient: str) -> None:
    """Raise AgreementDoesNotCover unless every category flows this way for this purpose on this basis."""
    for category in message.categories:
        flow = agreement.terms.flows_for(source, recipient, message.purpose or "", category)
        _check_flow(message, agreement, flow)


def _check_flow(message: Message, agreement: KnownAgreement, flow: Flow) -> None:
    basis = message.authority.basis if message.authority else ""
    if flow.basis != basis:
        raise AgreementDoesNotCover(
            f"The agreement lets this flow on the basis of {flow.basis} only.",
            agreement=agreement.ref,
            purpose=flow.purpose,
            basis=basis,
        )
    if message.type == RELEASE and flow.schema != message.schema:
        raise AgreementDoesNotCover(
            "The agreement names another schema for this.", agreement=agreement.ref, schema=flow.schema
        )


def _check_basis(
    message: Message,
    register: Register,
    agreement: KnownAgreement,
    pair: tuple[str, str],
    now: datetime,
) -> None:
    """Raise unless the basis that the message names holds now."""
    basis = message.authority.basis if message.authority else ""
    if basis == "consent":
        _check_consent(message, register, *pair, now)
    elif basis == "statute":
        _check_statute(message, agreement)
    elif basis == "emergency":
        _check_emergency(message, register, pair[1], now)
    else:
        raise AgreementDoesNotCover("Between agencies nothing moves on a seat alone.", basis=basis)


def _check_consent(message: Message, register: Register, source: str, recipient: str, now: datetime) -> None:
    consent = register.consent(message.authority.id if message.authority else None, message.case)
    consent.check_in_force(now)
    covers(
        consent.terms,
        source=source,
        recipient=recipient,
        purpose=message.purpose or "",
        categories=message.categories,
        agreement=message.agreement or "",
        at=now,
    )


def _check_statute(message: Message, agreement: KnownAgreement) -> None:
    """Raise unless the purpose rests on this clause and the citizen gets notice: their copy is the notice.

    Whoever withholds the copy needs a clause that allows that, which `_check_withheld` sees to.
    """
    clause = message.authority.id if message.authority else ""
    agreement.terms.clause(clause or "")
    if agreement.terms.purpose(message.purpose or "").clause != clause:
        raise NoStatute(
            "The purpose does not rest on this clause.", agreement=agreement.ref, clause=clause or ""
        )
    if CITIZEN not in message.to and message.withheld is None:
        raise NoticeMissing(agreement=agreement.ref, clause=clause or "")


def _check_emergency(message: Message, register: Register, recipient: str, now: datetime) -> None:
    emergency = register.emergency(_named(message), message.case)
    if emergency.member != recipient:
        raise NoEmergency("The emergency is another member's.", emergency=emergency.id)
    if not (emergency.opened_at <= now < emergency.until or _moved_before(message, register, recipient)):
        raise NoEmergency("The emergency is over.", emergency=emergency.id)
    if emergency.agreement != message.agreement or not set(message.categories) <= set(emergency.categories):
        raise NoEmergency("The emergency does not name these categories.", emergency=emergency.id)


def _moved_before(message: Message, register: Register, recipient: str) -> bool:
    """Whether this corrects what the same emergency brought the recipient while it was open.

    Whoever got it in time is told what was wrong in it, whenever that is found out (GDPR art. 19).
    """
    if message.type != CORRECT:
        return False
    for said in register.said_in(message.case, message.re):
        moved = register.content_of(said)
        same = moved.get("authority") == {"basis": "emergency", "emergency": _named(message)}
        to, categories = moved.get("to", ()), tuple(moved.get("categories", ()))
        if said.type == RELEASE and said.sender == message.sender and same:
            return recipient in to and categories == message.categories
    return False


def _named(message: Message) -> str | None:
    return message.authority.id if message.authority else None


def _check_withheld(message: Message, agreement: KnownAgreement, now: datetime) -> None:
    """Raise unless the citizen is a recipient, or a clause lets them be left out and told on a day.

    That day is ahead, as for the notice of an emergency, or there would be no day; and the message is small
    enough to be shown to them on it, whole and with its receipt.
    """
    if CITIZEN in message.to:
        return
    if message.withheld is None:
        raise WithholdingNotAllowed(agreement=agreement.ref)
    if message.type.startswith("record.") and message.authority and message.authority.basis == "consent":
        raise WithholdingNotAllowed(
            "Of what moves by the citizen's own word they know at once.", agreement=agreement.ref
        )
    agreement.terms.check_withholding(message.withheld.ground)
    if not now.date() <= message.withheld.review_on <= (now + LONGEST_DELAY).date():
        raise WithholdingNotAllowed(
            "What is held back from the citizen has a day ahead, within a year.", agreement=agreement.ref
        )
    if len(message.raw) > MOST_HELD_BACK:
        raise TooLarge(
            f"What is held back from the citizen has at most {MOST_HELD_BACK} bytes.",
            limit=MOST_HELD_BACK,
            size=len(message.raw),
        )


def _reason(message: Message, agreement: KnownAgreement) -> Reason:
    authority = message.authority
    basis, named = (authority.basis, authority.id) if authority else ("", None)
    return Reason(
        agreement=agreement.ref,
        consent=named if basis == "consent" else None,
        clause=named if basis == "statute" else None,
        emergency=named if basis == "emergency" else None,
    )

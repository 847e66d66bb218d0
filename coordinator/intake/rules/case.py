"""Rules of the family `case`: who gets a seat, by whose invitation, and who may end one.

An agency gets in only by an invitation that a consent, a statute's clause or the citizen carries, and only
after the citizen has joined. A citizen's seat counts only once the agency that handed over the code has
attested it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coordinator.intake.rules.parties import (
    AGENCY_KINDS,
    active_citizen,
    check_present,
    sender_seat,
)
from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.cases import Seat
from coordinator.register.register import Register
from schemas import instant
from schemas.errors import (
    AgreementDoesNotCover,
    CaseExists,
    ConsentDoesNotCover,
    FromTheFuture,
    NoSeat,
    NoStatute,
    NotAttested,
    NotYourTurn,
    SeatTaken,
    UnknownInvitation,
    WrongRecipients,
    WrongTransition,
)
from schemas.keys import SealingPublicKey
from schemas.messages import case_v1
from schemas.messages.fields import CITIZEN, COORDINATOR
from schemas.messages.shape import Message
from schemas.passkey import PasskeyKey
from schemas.seat_keys import Said, SeatPasskeys


def open_case(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `case.open`: by an agency, or by a citizen alone for whom the portal vouches."""
    if register.cases.get(message.case or "") is not None:
        raise CaseExists(case=message.case or "")
    kind = register.member(message.sender).kind
    body = message.body or {}
    if kind == "portal":
        if "seat" not in body:
            raise NotAttested("A citizen who comes alone brings a seat and how they signed in.")
        if instant.parse(body["auth_time"]) > now:
            raise FromTheFuture("The sign-in is dated later than now.", clock="yours")
    elif kind not in AGENCY_KINDS or "seat" in body:
        raise NotYourTurn("An agency opens a case without a citizen's seat; others open none.", kind=kind)
    if set(message.to) - {CITIZEN}:
        raise WrongRecipients("Nobody else is in a new case.")
    return BY_SEAT


def invite(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `case.invite`, of the citizen or of a further agency."""
    seat = sender_seat(message, register)
    invitee = (message.body or {})["invitee"]
    if invitee["kind"] == "citizen":
        return _invite_citizen(message, register, seat, invitee)
    return _invite_agency(message, register, seat, invitee["member"], now)


def _invite_citizen(message: Message, register: Register, seat: Seat, invitee: Mapping[str, Any]) -> Reason:
    if seat.kind != "agency":
        raise NotYourTurn("The citizen has a seat already.", type=message.type)
    if register.member(invitee["portal"]).kind != "portal":
        raise WrongRecipients("A citizen is served by a portal.", recipient=invitee["portal"])
    present = register.citizen_seat(message.case)
    # A code may get lost: an invitation that was not taken up can be replaced by a new one.
    if present is not None and present.status != "invited":
        raise SeatTaken(case=message.case or "")
    if message.to != (invitee["portal"],):
        raise WrongRecipients("This goes to the portal alone.", recipient=invitee["portal"])
    if message.authority is not None and message.authority.basis != "seat":
        raise AgreementDoesNotCover("Inviting the citizen rests on the seat.", basis=message.authority.basis)
    return BY_SEAT


def _invite_agency(message: Message, register: Register, seat: Seat, member: str, now: datetime) -> Reason:
    citizen = active_citizen(message, register)
    if register.member(member).kind not in AGENCY_KINDS:
        raise WrongRecipients("Only an agency can be invited so.", recipient=member)
    taken = register.seat(message.case, member)
    if taken is not None and taken.status != "ended":
        raise SeatTaken(case=message.case or "", member=member)
    if citizen.member != message.sender and CITIZEN not in message.to:
        raise WrongRecipients("The citizen is told who is invited.", recipient=CITIZEN)
    if citizen.member == message.sender and CITIZEN in message.to:
        raise WrongRecipients("The citizen does not write to themselves.", recipient=CITIZEN)
    basis = message.authority.basis if message.authority else ""
    if basis == "consent":
        return _carried_by_consent(message, register, member, now)
    if basis == "statute":
        return _carried_by_clause(message, register, member, now)
    if basis == "seat" and seat.kind == "citizen":
        return BY_SEAT
    raise AgreementDoesNotCover("A consent, a clause or the citizen carries an invitation.", basis=basis)


def _carried_by_consent(message: Message, register: Register, member: str, now: datetime) -> Reason:
    consent = register.consent(message.authority.id if message.authority else None, message.case)
    consent.check_in_force(now)
    if member not in {*consent.terms.sources, *consent.terms.recipients}:
        raise ConsentDoesNotCover(
            "The consent does not name the one who is invited.", consent=consent.id, party=member
        )
    return Reason(consent=consent.id, agreement=consent.agreement)


def _carried_by_clause(message: Message, register: Register, member: str, now: datetime) -> Reason:
    agreement = register.agreement(message.agreement)
    agreement.check_in_force(now)
    clause = (message.authority.id if message.authority else None) or ""
    agreement.terms.clause(clause)
    for flow in agreement.terms.flows.values():
        if flow.clause == clause and {message.sender, member} <= {flow.source, flow.recipient}:
            return Reason(agreement=agreement.ref, clause=clause)
    raise NoStatute("Nothing flows between the two by this clause.", agreement=agreement.ref, clause=clause)


def join(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.join`: an answer to one's own open invitation; a citizen brings the seat's keys."""
    register.case(message.case).check_open()
    seat = register.seat(message.case, message.sender)
    body = message.body or {}
    if seat is None or seat.invitation != body["invitation"]:
        raise UnknownInvitation(invitation=body["invitation"])
    if seat.status not in ({"invited", "joined"} if seat.kind == "citizen" else {"invited"}):
        raise UnknownInvitation(
            "The invitation was taken up.", invitation=body["invitation"], state=seat.status
        )
    if ("seat" in body) is not (seat.kind == "citizen"):
        raise NotAttested("A citizen brings the keys of the seat, an agency none.")
    check_present(message, register)
    if seat.kind == "citizen" and seat.invited_by not in message.to:
        raise WrongRecipients(
            "The one who handed over the code checks the keys.", recipient=seat.invited_by or ""
        )
    return BY_SEAT


def attest(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.attest`: by the agency that invited, of exactly the keys with which the citizen joined; of
    passkeys that came later by any agency in the case.
    """
    seat = sender_seat(message, register)
    if "keys" in (message.body or {}):
        return _attest_keys(message, register)
    citizen = register.citizen_seat(message.case)
    if citizen is None or citizen.status != "joined":
        raise WrongTransition("No citizen waits to be attested.", case=message.case or "")
    if citizen.invited_by != seat.member:
        raise NotYourTurn("The one who handed over the code attests.", member=citizen.invited_by or "")
    body = message.body or {}
    keys = citizen.known_keys()
    passkeys = {passkey["kid"] for passkey in keys.get("passkeys", ())}
    if (
        body["join"] != citizen.joined
        or body["sealing"] != citizen.sealing_kid
        or set(body["passkeys"]) != passkeys
    ):
        raise NotAttested(case=message.case or "")
    if CITIZEN not in message.to:
        raise WrongRecipients("The citizen is told.", recipient=CITIZEN)
    check_present(message, register)
    return BY_SEAT


def _attest_keys(message: Message, register: Register) -> Reason:
    """Waiting passkeys are attested by whichever agency of the case has met the person."""
    citizen = active_citizen(message, register)
    attested_keys(citizen, message, place=0)
    _check_told(message, register, {CITIZEN})
    return BY_SEAT


def keys(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.keys`, by the portal that holds the citizen's seat.

    Every agency decides for itself whether a passkey counts; here the seat is only kept consistent, and
    everyone in the case is told. In a closed case passkeys still end, and none is added.
    """
    seat = sender_seat(message, register)
    if (message.body or {})["add"]:
        register.case(message.case).check_open()
    changed_keys(seat, message, place=0)
    _check_told(message, register, set())
    return BY_SEAT


def changed_keys(seat: Seat, message: Message, *, place: int) -> SeatPasskeys:
    """Give the passkeys of a seat after a `case.keys`; raise what does not fit them."""
    said = Said(message.id, message.sender, message.at, place)
    return seat.passkeys().changed(
        message.body or {}, case=seat.case, said=said, own_word=seat.invitation is None
    )


def attested_keys(seat: Seat, message: Message, *, place: int) -> SeatPasskeys:
    """Give the passkeys of a seat after a `case.attest` of waiting ones; raise NotAttested."""
    said = Said(message.id, message.sender, message.at, place)
    return seat.passkeys().attested(message.body or {}, said=said)


def _check_told(message: Message, register: Register, others: set[str]) -> None:
    """Raise unless it goes to every agency that sits in the case, and to nobody else but these."""
    sitting = {seat.member for seat in register.seats_of(message.case) if _sits_as_agency(seat)}
    told = (sitting - {message.sender}) | others or {COORDINATOR}
    for recipient in sorted(told - set(message.to)):
        raise WrongRecipients("Everyone in the case is told.", recipient=recipient)
    for recipient in sorted(set(message.to) - told):
        raise NoSeat(member=recipient, case=message.case or "")


def _sits_as_agency(seat: Seat) -> bool:
    return seat.kind == "agency" and seat.is_active


def leave(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.leave`: one's own seat, or for the citizen that of an agency which is there by their wish:
    it rests on a consent, or they have invited it.
    """
    seat = sender_seat(message, register)
    check_present(message, register)
    member = (message.body or {}).get("member", message.sender)
    if member == message.sender:
        return BY_SEAT
    other = register.seat(message.case, member)
    if other is None or other.status == "ended":
        raise NoSeat(member=member, case=message.case or "")
    if seat.kind != "citizen":
        raise NotYourTurn("Only the citizen ends another's seat.", member=member)
    by_consent = other.rests_on in {consent.id for consent in register.consents.values()}
    portals = {each.member for each in register.seats_of(message.case) if each.kind == "citizen"}
    if not by_consent and other.invited_by not in portals:
        raise NotYourTurn("The seat rests on no consent, and the citizen did not invite it.", member=member)
    return BY_SEAT


def close(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.close`: whoever sits in it may say that it is over."""
    sender_seat(message, register)
    check_present(message, register)
    return BY_SEAT


def reopen(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `case.reopen`."""
    sender_seat(message, register)
    check_present(message, register)
    case = register.case(message.case)
    if case.status != "closed":
        raise WrongTransition(case=case.id, state=case.status)
    return BY_SEAT


def seat_keys(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give the keys of a citizen's seat as the register keeps them, each passkey with its thumbprint."""
    seat = body["seat"]
    return {
        "sealing": seat["sealing"],
        "sealing_kid": SealingPublicKey.from_jwk(seat["sealing"]).kid,
        "passkeys": [
            {**passkey, "kid": PasskeyKey.from_jwk(passkey["jwk"]).kid} for passkey in seat["passkeys"]
        ],
    }


RULES: dict[str, Rule] = {
    case_v1.OPEN: open_case,
    case_v1.INVITE: invite,
    case_v1.JOIN: join,
    case_v1.ATTEST: attest,
    case_v1.KEYS: keys,
    case_v1.LEAVE: leave,
    case_v1.CLOSE: close,
    case_v1.REOPEN: reopen,
}

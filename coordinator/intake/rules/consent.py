"""Rules of the family `consent`: asked by an agency, decided by the citizen through their portal."""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.rules.offer import check_accepted, offer, open_request
from coordinator.intake.rules.parties import active_citizen, check_recipients, sender_seat
from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.consents import GrantedConsent
from coordinator.register.register import Register
from schemas import consent_life
from schemas.consent import Consent, Event, check_agreed, check_answers, load_consent, verify_proof
from schemas.consent import seat_keys as pinned_keys
from schemas.consent_succession import check_succeeds
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    ConsentExists,
    ConsentNotInForce,
    FromTheFuture,
    NotYourTurn,
    UnknownMember,
    WrongRecipients,
    WrongTransition,
)
from schemas.instant import parse
from schemas.messages.shape import Message

BEGINS_WITHIN_S = 60
"""A consent begins when it is decided, give or take the difference of two clocks."""


def request(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `consent.request`: only what the agreement has can be asked for, by one who has a part in it."""
    seat = sender_seat(message, register)
    active_citizen(message, register)
    terms = (message.body or {})["terms"]
    agreement = register.agreement(terms["agreement"])
    agreement.check_in_force(now)
    purpose = agreement.terms.purpose(terms["purpose"]["code"])
    if purpose.basis != "consent":
        # A switch that governs nothing deceives: what the law demands is never asked for as a consent.
        raise AgreementDoesNotCover(
            "This purpose does not rest on consent.", agreement=agreement.ref, purpose=purpose.code
        )
    agreement.terms.check_purpose_text(purpose.code, terms["purpose"]["text"])
    if seat.member not in {*terms["sources"], *terms["recipients"]}:
        raise ConsentDoesNotCover("Who asks is no part of it.", party=seat.member)
    for data in terms["data"]:
        pairs = [(source, recipient) for source in terms["sources"] for recipient in terms["recipients"]]
        keys = [(source, recipient, purpose.code, data["category"]) for source, recipient in pairs]
        fields = {field for key in keys if (flow := agreement.terms.flows.get(key)) for field in flow.fields}
        if not set(data["fields"]) <= fields:
            raise AgreementDoesNotCover(
                agreement=agreement.ref, category=data["category"], purpose=purpose.code
            )
    agreement.terms.check_identifying(terms["identify_with"])
    if not terms.get("preview", False):
        agreement.terms.check_preview(data["category"] for data in terms["data"])
    if parse(terms["valid_until"]) <= now:
        raise ConsentNotInForce("It would have ended already.", state="expired")
    check_accepted(message, register)
    return Reason(agreement=agreement.ref)


def grant(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `consent.grant`.

    1. sent by the portal that holds the citizen's seat                      (deciding for someone)
    2. its id is new; what it supersedes is of this case, still lives and names nobody else (an end untold)
    3. the agreement is in force and has all of it, by consent                (more than was agreed)
    4. it begins now, not before it was decided                               (decisions dated back)
    5. its proofs hold against the keys that are pinned in the seat           (inventing a consent)
    6. it answers a request of this case, if it says so, in time and with no more   (more than was asked)
    """
    seat = sender_seat(message, register)
    consent = load_consent((message.body or {})["consent"])
    if register.consents.get(consent.id) is not None:
        raise ConsentExists(consent=consent.id)
    _check_superseded(consent, message, register)
    agreement = register.agreement(consent.agreement)
    agreement.check_in_force(now)
    check_agreed(consent, agreement.terms)
    _check_begins_now(consent, now)
    pinned = pinned_keys(seat.member, seat.passkeys().now())
    verify_proof(consent, pinned, agreement.terms, sent_by=message.sender, at=message.at)
    if message.re is not None:
        asked = open_request(message, register, now)
        check_answers(consent.document, register.content_of(asked)["body"]["terms"])
    _check_told(message, register)
    return Reason(agreement=agreement.ref, consent=consent.id)


def _check_superseded(consent: Consent, message: Message, register: Register) -> None:
    if consent.supersedes is None:
        return
    old = register.consent(consent.supersedes, message.case)
    consent_life.next_status(old.status, Event.SUPERSEDE)
    check_succeeds(consent.document, old.terms.document)


def _check_begins_now(consent: Consent, now: datetime) -> None:
    ahead = (consent.valid_from - now).total_seconds()
    if ahead > BEGINS_WITHIN_S:
        raise FromTheFuture(
            "The consent begins later than it was decided.", clock="yours", ahead_s=round(ahead)
        )
    if consent.valid_until <= now:
        raise ConsentNotInForce("It has ended already.", consent=consent.id, state="expired")


def refuse(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `consent.refuse`: the citizen's no to a request of this case; it needs no reason and no proof."""
    sender_seat(message, register)
    check_recipients(message, register)
    open_request(message, register, now)
    return BY_SEAT


def _check_told(message: Message, register: Register) -> None:
    """Raise unless those named take part; a seat they need only when data moves."""
    for member in message.to:
        found = register.members.get(member)
        if found is None:
            raise UnknownMember(member=member)


def change(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `consent.withdraw` and `.suspend`: the citizen's own word, told to all whom it concerns."""
    seat = sender_seat(message, register)
    consent = decided_on(message, register)
    consent_life.next_status(consent.status, EVENTS[message.type])
    if seat.kind != "citizen":
        raise NotYourTurn("Only the citizen decides about a consent.", type=message.type)
    if set(message.to) != consent.terms.parties() - {message.sender}:
        raise WrongRecipients("This goes to everyone whom the consent names.", consent=consent.id)
    return Reason(agreement=consent.agreement, consent=consent.id)


def resume(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `consent.resume`: only before its time has passed."""
    reason = change(message, register, now)
    consent = decided_on(message, register)
    if now >= consent.valid_until:
        raise WrongTransition("The consent has expired.", consent=consent.id, state="expired")
    return reason


def decided_on(message: Message, register: Register) -> GrantedConsent:
    """Give the consent that the message is about."""
    return register.consent((message.body or {})["consent"], message.case)


EVENTS = {
    "consent.withdraw/1": Event.WITHDRAW,
    "consent.suspend/1": Event.SUSPEND,
    "consent.resume/1": Event.RESUME,
}

RULES: dict[str, Rule] = {
    "consent.request/1": request,
    "consent.grant/1": grant,
    "consent.refuse/1": refuse,
    "consent.offer/1": offer,
    "consent.withdraw/1": change,
    "consent.suspend/1": change,
    "consent.resume/1": resume,
}

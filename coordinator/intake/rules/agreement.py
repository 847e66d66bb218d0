"""Rules of the family `agreement`: proposed by a party, in force once all have signed, retired by any."""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.rules.reason import Reason, Rule
from coordinator.register.agreements import KnownAgreement
from coordinator.register.register import Register
from schemas.agreement import Agreement, basis_unchanged, load_agreement
from schemas.errors import AgreementExists, AgreementNotInForce, NotAParty, WrongRecipients, WrongTransition
from schemas.messages.shape import Message


def propose(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `agreement.propose`.

    1. each party takes part, and is named by a signing key of its own   (a party that is someone else)
    2. the version is new, and follows those before it                   (rewriting what was signed)
    3. who proposes a later version is a party of the one before         (taking over an agreement)
    4. no purpose that was there before rests on another basis now       (consent swapped for law, or back)
    """
    terms = load_agreement((message.body or {})["agreement"])
    for party in terms.parties:
        register.member(party.member)
        key = register.keys.get(party.kid)
        if key is None or key.member != party.member or key.use != "sign":
            raise NotAParty(
                "The key is not one that this party signs with.", member=party.member, kid=party.kid
            )
    if terms.valid_until <= now:
        raise AgreementNotInForce("The agreement would have ended already.", agreement=terms.ref)
    _check_earlier(message, register, terms)
    return Reason(agreement=terms.ref)


def _check_earlier(message: Message, register: Register, terms: Agreement) -> None:
    earlier = sorted(
        (each for each in register.agreements.values() if each.id == terms.id), key=lambda each: each.version
    )
    if not earlier:
        return
    if terms.version <= earlier[-1].version:
        raise AgreementExists(agreement=terms.ref, newest=earlier[-1].ref)
    if message.sender not in earlier[-1].terms.members():
        raise NotAParty(agreement=earlier[-1].ref, member=message.sender)
    for each in earlier:
        basis_unchanged(each.terms, terms)


def sign(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `agreement.sign`: each party once, under exactly this document."""
    agreement = _known_to_party(message, register)
    body = message.body or {}
    if agreement.status != "proposed":
        raise WrongTransition(agreement=agreement.ref, state=agreement.status)
    if agreement.sha256.hex() != body["sha256"]:
        raise AgreementNotInForce("This is not the document that was proposed.", agreement=agreement.ref)
    if register.signatures.get((agreement.ref, message.sender)) is not None:
        raise WrongTransition("This party has signed.", agreement=agreement.ref, member=message.sender)
    if agreement.valid_until <= now:
        raise AgreementNotInForce("The agreement has ended.", agreement=agreement.ref)
    return Reason(agreement=agreement.ref)


def retire(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `agreement.retire`: any party may, at any time; what rests on it stops at once."""
    agreement = _known_to_party(message, register)
    if agreement.status == "retired":
        raise WrongTransition(agreement=agreement.ref, state=agreement.status)
    return Reason(agreement=agreement.ref)


def _known_to_party(message: Message, register: Register) -> KnownAgreement:
    agreement = register.agreement((message.body or {})["agreement"])
    parties = agreement.terms.members()
    if message.sender not in parties:
        raise NotAParty(agreement=agreement.ref, member=message.sender)
    if set(message.to) != parties - {message.sender}:
        raise WrongRecipients("This goes to every other party.", agreement=agreement.ref)
    return agreement


RULES: dict[str, Rule] = {
    "agreement.propose/1": propose,
    "agreement.sign/1": sign,
    "agreement.retire/1": retire,
}

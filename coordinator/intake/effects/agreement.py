"""Effects of the family `agreement`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from coordinator.intake.effects.effect import Effect
from coordinator.register.agreements import KnownAgreement, Signature
from coordinator.register.register import Register
from schemas.agreement import agreement_sha256, load_agreement
from schemas.messages.shape import Message
from schemas.wire import canonical


def propose(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Add the agreement; it waits for its signatures, the proposer's too."""
    document = (message.body or {})["agreement"]
    terms = load_agreement(document)
    register.agreements.put(
        terms.ref,
        KnownAgreement(
            ref=terms.ref,
            id=terms.id,
            version=terms.version,
            status="proposed",
            sha256=bytes.fromhex(agreement_sha256(document)),
            proposed_by=message.sender,
            proposal=message.id,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            terms=terms,
            document=canonical(document).decode(),
        ),
    )


def sign(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Add the signature; with the last one the agreement is in force."""
    agreement = register.agreement((message.body or {})["agreement"])
    register.signatures.put(
        (agreement.ref, message.sender), Signature(agreement.ref, message.sender, message.id)
    )
    if all(register.signatures.get((agreement.ref, party)) for party in agreement.terms.members()):
        register.agreements.put(agreement.ref, replace(agreement, status="in_force"))


def retire(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Nothing rests on it any more."""
    agreement = register.agreement((message.body or {})["agreement"])
    register.agreements.put(agreement.ref, replace(agreement, status="retired"))


EFFECTS: dict[str, Effect] = {
    "agreement.propose/1": propose,
    "agreement.sign/1": sign,
    "agreement.retire/1": retire,
}

"""Rules of shared work: notes, messages, documents and outcomes, by agencies and the citizen alike.

Between citizen and agency their seats are enough. Between agencies it moves like a record: by an agreement
and a basis that name the category, and the part of it that the type is.
"""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.rules.basis import forwards
from coordinator.intake.rules.parties import sender_seat
from coordinator.intake.rules.reason import Reason, Rule
from coordinator.register.register import Register
from schemas.errors import AgreementDoesNotCover, ConsentDoesNotCover
from schemas.messages.coordination_v1 import CATEGORY, PARTS
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message


def shared(message: Message, register: Register, now: datetime) -> Reason:
    """Judge something shared.

    1. citizen to agency, agency to citizen: by their seats               (a basis dressed up as a seat)
    2. agency to agency: by a basis that holds now, like a record         (passing on behind a consent)
    3. agreement and consent open this part of the category               (a file where notes were agreed)
    4. in a closed case only the citizen and an agency still write        (a question that closing would stop)
    """
    seat = sender_seat(message, register)
    others = [recipient for recipient in message.to if recipient != CITIZEN]
    if seat.kind == "citizen" or not others:
        return forwards(message, register, now)
    register.case(message.case).check_open()
    if message.authority is not None and message.authority.basis == "seat":
        raise AgreementDoesNotCover("Between agencies nothing moves on a seat alone.", basis="seat")
    reason = forwards(message, register, now)
    for other in others:
        _check_part(message, register, other)
    return reason


def _check_part(message: Message, register: Register, recipient: str) -> None:
    """Raise unless the flow, and the consent if there is one, name the part that this type is."""
    part = PARTS[message.type]
    agreement = register.agreement(message.agreement)
    flow = agreement.terms.flows_for(message.sender, recipient, message.purpose or "", CATEGORY)
    if part not in flow.fields:
        raise AgreementDoesNotCover(
            "The agreement opens other parts of the shared work.", agreement=agreement.ref, part=part
        )
    authority = message.authority
    if authority is None or authority.basis != "consent":
        return
    consent = register.consent(authority.id, message.case)
    named = {field for each in consent.terms.data if each.category == CATEGORY for field in each.fields}
    if part not in named:
        raise ConsentDoesNotCover("It opens other parts of the shared work.", consent=consent.id, part=part)


RULES: dict[str, Rule] = dict.fromkeys(PARTS, shared)

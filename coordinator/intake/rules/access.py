"""Rules of the family `access`: telling the citizen who looked, breaking the glass, reviewing that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from coordinator.intake.rules.parties import (
    active_citizen,
    check_recipients,
    check_sealed,
    former_seat,
    sender_seat,
)
from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.agreements import KnownAgreement
from coordinator.register.register import Register
from schemas import instant
from schemas.agreement import EmergencyRule
from schemas.errors import (
    AgreementDoesNotCover,
    EmergencyExists,
    NoEmergency,
    WithholdingNotAllowed,
    WrongRecipients,
    WrongTransition,
)
from schemas.messages.access_v1 import check_reviewer
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message

REVIEW_WITHIN = timedelta(hours=72)
"""When an emergency that no one has reviewed is marked (protocol, "Types")."""
LONGEST_DELAY = timedelta(days=366)
"""A notice that is put off for longer is put off for ever."""


def viewed(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `access.viewed`: whoever has or had a seat tells the citizen, and nobody else."""
    former_seat(message, register)
    check_recipients(message, register)
    check_sealed(message, register, now)
    return BY_SEAT


def emergency(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `access.emergency`.

    1. an agreement in force names what may be opened, for how long     (break-glass as a habit)
    2. the categories and the time are within that
    3. the citizen is told at once, or later by a named officer on a ground that allows it
    4. the id was not used for another emergency
    5. it names a second person, or who opened it                       (reviewing one's own word)
    """
    sender_seat(message, register)
    active_citizen(message, register)
    check_recipients(message, register)
    agreement = register.agreement(message.agreement)
    agreement.check_in_force(now)
    if register.emergencies.get(message.id) is not None:
        raise EmergencyExists(emergency=message.id)
    body = message.body or {}
    rule = _rule(agreement, message.sender)
    if not set(body["categories"]) <= set(rule.categories):
        raise AgreementDoesNotCover("The agreement opens fewer categories.", agreement=agreement.ref)
    if instant.parse(body["until"]) > now + timedelta(hours=rule.max_hours):
        raise AgreementDoesNotCover(
            "The agreement opens them for a shorter time.", agreement=agreement.ref, max_hours=rule.max_hours
        )
    if CITIZEN not in message.to:
        raise WrongRecipients("The citizen is told of an emergency.", recipient=CITIZEN)
    _check_notice(body["notice"], agreement, rule, now)
    return Reason(agreement=agreement.ref, emergency=message.id)


def _rule(agreement: KnownAgreement, member: str) -> EmergencyRule:
    rule = agreement.terms.emergency
    if rule is None or member not in agreement.terms.members():
        raise AgreementDoesNotCover("The agreement opens nothing in an emergency.", agreement=agreement.ref)
    return rule


def _check_notice(
    notice: Mapping[str, Any], agreement: KnownAgreement, rule: EmergencyRule, now: datetime
) -> None:
    if notice["kind"] == "at_once":
        return
    agreement.terms.check_withholding(notice["ground"])
    if notice["officer"] not in rule.officers:
        raise WithholdingNotAllowed("The agreement names no such officer.", agreement=agreement.ref)
    if not now < instant.parse(notice["on"]) <= now + LONGEST_DELAY:
        raise WithholdingNotAllowed(
            "A delayed notice has a date ahead, within a year.", agreement=agreement.ref
        )


def review(message: Message, register: Register, _now: datetime) -> Reason:
    """Judge `access.emergency.review`: once, by neither of those who opened it. Late is better than never."""
    former_seat(message, register)
    check_recipients(message, register)
    body = message.body or {}
    found = register.emergency(body["emergency"], message.case)
    if found.member != message.sender:
        raise NoEmergency("Another member opened it.", emergency=found.id)
    if found.outcome is not None:
        raise WrongTransition("It was reviewed.", emergency=found.id, outcome=found.outcome)
    opened = register.contents.get((found.id, found.member), {}).get("body") or {}
    check_reviewer(opened, body["reviewer"])
    return Reason(emergency=found.id)


RULES: dict[str, Rule] = {
    "access.viewed/1": viewed,
    "access.emergency/1": emergency,
    "access.emergency.review/1": review,
}

"""The way in: verify → validate → (with whoever else waits, in one transaction) authorise → record → deliver.

    bytes ─verify▶ Verified ─validate▶ Message ─authorise▶ Permit ─record▶ Entry ─deliver▶ Delivery

`receive` does the first two in the request; what cannot be verified is neither stored nor logged.
`decide` does the other three inside the committer's transaction; what it refuses is stored, and is an entry
of the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.intake.authorise import ENROL, authorise
from coordinator.intake.deliver import deliver
from coordinator.intake.journal import Journal
from coordinator.intake.record import record
from coordinator.intake.repeated import find_earlier
from coordinator.intake.validate import validate
from coordinator.intake.verify import Directory, verify
from coordinator.register.needs import Needs, needs_of
from coordinator.register.register import Register
from coordinator.register.said import Refused
from schemas.errors import AlreadySaid, Invalid, Refusal
from schemas.keys import SigningKey
from schemas.message import Verified
from schemas.messages.fields import UUID7
from schemas.messages.shape import Message


@dataclass(frozen=True, slots=True)
class Unread:
    """A message whose signature is good and whose content fits no schema: refused, and remembered as such."""

    id: str
    sender: str
    sha256: bytes
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Received:
    """A message that may be judged, with what must be looked up for that."""

    message: Message | Unread
    needs: Needs


@dataclass(frozen=True, slots=True)
class Admitted:
    """The answer to a message that is durable: its receipt, and its place in the order of decisions."""

    receipt: bytes
    seq: int
    duplicate: bool
    index: int | None = None


def receive(
    raw: bytes, directory: Directory, *, now: datetime, secret: bytes, enrolments: bool = True
) -> Received:
    """Verify and validate; raise the Refusal of what cannot even be remembered."""
    verified = verify(raw, directory)
    if not enrolments and verified.payload.get("type") == ENROL:
        raise Invalid("An enrolment is handed over at /v1/members.", path="type")
    try:
        message = validate(verified, now=now, secret=secret)
        return Received(message, needs_of(message))
    except Refusal as refusal:
        unread = _unread(verified, refusal)
        return Received(unread, Needs(said={unread.id}))


def _unread(verified: Verified, refusal: Refusal) -> Unread:
    """Give what is remembered of a message that fits no schema; raise the refusal if it has no proper id.

    Of an enrolment nothing is: its signature proves no member.
    """
    message, sender = verified.payload.get("id"), verified.payload.get("from")
    if verified.payload.get("type") == ENROL or not isinstance(message, str) or not UUID7.fullmatch(message):
        raise refusal
    return Unread(message, str(sender), verified.sha256, refusal)


def decide(
    message: Message | Unread, register: Register, journal: Journal, *, key: SigningKey, now: datetime
) -> Admitted | Refusal:
    """Authorise, record and deliver one message of a batch; a repetition gets the first one's answer."""
    try:
        earlier = find_earlier(message, register)
    except AlreadySaid as refusal:
        return refusal
    if isinstance(earlier, Refusal):
        return earlier
    if earlier is not None:
        return Admitted(earlier.receipt, earlier.seq, duplicate=True)
    if isinstance(message, Unread):
        return _refuse(message, message.refusal, register, journal, now)
    try:
        permit = authorise(message, register, now)
    except Refusal as refusal:
        return _refuse(message, refusal, register, journal, now)
    entry = record(permit, register, journal, key=key, now=now)
    deliver(entry, register, journal)
    return Admitted(entry.receipt, entry.seq, duplicate=False)


def _refuse(
    message: Message | Unread, refusal: Refusal, register: Register, journal: Journal, now: datetime
) -> Refusal:
    """Store the refusal, but not of an enrolment: anybody can send one, and nothing unproven is logged."""
    if isinstance(message, Unread) or message.type != ENROL:
        problem = refusal.to_problem()
        journal.add_refusal(message, problem, now=now)
        key = (message.id, message.sender)
        register.refused[key] = Refused(*key, message.sha256, problem)
    return refusal

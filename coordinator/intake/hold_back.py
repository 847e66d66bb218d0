"""Whether the citizen is told of a message later, and when: what a clause lets an agency hold back.

With a copy of a record, what is said of that copy is held back too: a word about something unknown tells that
there is something. What rests on an emergency is told with it, so that there is one date and not several.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final

from coordinator.intake.record import Entry
from coordinator.register.emergencies import Emergency
from coordinator.register.held_back import HeldBack
from coordinator.register.register import Register
from schemas.messages.fields import CITIZEN
from schemas.messages.shape import Message

_REVIEW: Final = "access.emergency.review/1"
_SPEAK_OF_OTHERS: Final = frozenset({_REVIEW, "record.erased/1", "message.reject/1"})


@dataclass(frozen=True, slots=True)
class _Later:
    """When the citizen is told: at an instant, or with an emergency that they do not know yet."""

    at: datetime
    emergency: str | None


def hold_back(entry: Entry, register: Register) -> None:
    """Write down that the citizen is told of an entry later, if that is so."""
    message = entry.message
    later = _later(message, register)
    if later is None or message.case is None:
        return
    held = HeldBack(entry.seq, message.id, message.case, later.at, later.emergency)
    register.held_back.put((message.case, message.id), held)


def _later(message: Message, register: Register) -> _Later | None:
    if message.withheld is not None:
        authority = message.authority
        if authority is not None and authority.basis == "emergency":
            return _with_emergency(register.emergency(authority.id, message.case))
        return _Later(datetime.combine(message.withheld.review_on, time(), UTC), None)
    if message.type not in _SPEAK_OF_OTHERS or CITIZEN not in message.to:
        return None
    return max(_of_others(message, register), key=lambda later: later.at, default=None)


def _with_emergency(emergency: Emergency) -> _Later:
    """Tell it with its emergency; at once where the citizen knows of that already."""
    if emergency.told_at is not None:
        return _Later(emergency.told_at, None)
    return _Later(emergency.tell_at, emergency.id)


def _of_others(message: Message, register: Register) -> Iterator[_Later]:
    """Give until when each thing is held back of which an open message speaks."""
    for named in _named(message):
        emergency = register.emergencies.get(named)
        if emergency is not None and emergency.case == message.case and emergency.told_at is None:
            yield _Later(emergency.tell_at, emergency.id)
        held = register.held_back.get((message.case or "", named))
        if held is not None:
            yield _Later(held.tell_at, held.emergency)


def _named(message: Message) -> list[str]:
    body = message.body or {}
    if message.type == _REVIEW:
        return [body["emergency"]]
    if message.type == "message.reject/1":
        return [body["message"]]
    return [each["id"] for each in body["messages"]]

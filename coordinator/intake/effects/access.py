"""Effects of the family `access`: an emergency opens, and is reviewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from coordinator.intake.effects.effect import Effect
from coordinator.register.emergencies import Emergency
from coordinator.register.register import Register
from schemas import instant
from schemas.messages.shape import Message


def emergency(message: Message, register: Register, seq: int, now: datetime) -> None:
    """Open the emergency; who is to be told later is told by the clock."""
    body = message.body or {}
    notice = body["notice"]
    delayed = notice["kind"] == "delayed"
    register.emergencies.put(
        message.id,
        Emergency(
            id=message.id,
            case=message.case or "",
            member=message.sender,
            agreement=message.agreement or "",
            categories=tuple(body["categories"]),
            opened_at=now,
            until=instant.parse(body["until"]),
            notice=notice,
            seq=seq,
            tell_at=instant.parse(notice["on"]) if delayed else now,
            told_at=None if delayed else now,
            reviewed="open",
            outcome=None,
        ),
    )


def review(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Write down the outcome; a review that came too late stays marked as overdue."""
    body = message.body or {}
    found = register.emergency(body["emergency"], message.case)
    reviewed = found.reviewed if found.reviewed == "overdue" else "done"
    register.emergencies.put(found.id, replace(found, reviewed=reviewed, outcome=body["outcome"]))


EFFECTS: dict[str, Effect] = {
    "access.emergency/1": emergency,
    "access.emergency.review/1": review,
}

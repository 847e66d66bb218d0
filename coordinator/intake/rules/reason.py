"""Why a message may be: what a rule gives when it finds nothing to refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from coordinator.register.register import Register
from schemas.messages.shape import Message


@dataclass(frozen=True, slots=True)
class Reason:
    """The agreement, consent or clause on which a message rests; a seat or a membership needs none."""

    agreement: str | None = None
    consent: str | None = None
    clause: str | None = None
    emergency: str | None = None


BY_SEAT = Reason()

Rule = Callable[[Message, Register, datetime], Reason]
"""Takes a message, what is in force, and now; gives the reason or raises a Refusal. It changes nothing."""

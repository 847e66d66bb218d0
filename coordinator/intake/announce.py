"""What the coordinator says itself: signed with its key, then recorded and delivered like any message.

It says only what it alone can know: that it took something out of a mailbox, or that a delayed notice is due.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coordinator.intake.authorise import permit_own
from coordinator.intake.deliver import deliver
from coordinator.intake.journal import Journal
from coordinator.intake.record import record
from coordinator.register.register import Register
from schemas.keys import SigningKey
from schemas.message import sign, verify
from schemas.messages.envelope import compose, load
from schemas.messages.fields import COORDINATOR


def announce(
    register: Register,
    journal: Journal,
    *,
    type: str,
    to: Sequence[str],
    case: str,
    body: Mapping[str, Any],
    re: str | None = None,
    key: SigningKey,
    now: datetime,
) -> None:
    """Say something to parties of a case; the register must hold the case's seats."""
    payload = compose(type=type, sender=COORDINATOR, to=to, case=case, at=now, body=body, re=re)
    message = load(verify(sign(payload, key), lambda _kid, _payload: key.public))
    entry = record(permit_own(message), register, journal, key=key, now=now)
    deliver(entry, register, journal)

"""Effects of the family `record`: a preview was decided on; a yes lets one release through."""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.effects.effect import Effect
from coordinator.intake.rules.preview import pass_for, previewed
from coordinator.register.passes import Pass, PassUse
from coordinator.register.register import Register
from schemas.messages.shape import Message


def decide(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Remember the citizen's word about a release."""
    body, release = message.body or {}, previewed(message, register)
    register.passes.put(
        body["release"],
        Pass(
            release=body["release"],
            case=message.case or "",
            request=release["re"],
            category=release["categories"][0],
            source=message.to[0],
            decision=body["decision"],
            message=message.id,
        ),
    )


def use(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """Use up the yes on which a release went on; most releases need none, and find none here."""
    used = pass_for(message, register) if register.passes.values() else None
    if used is not None and message.to != ("citizen",):
        register.pass_uses.put(used.release, PassUse(used.release, message.id))


EFFECTS: dict[str, Effect] = {
    "record.pass/1": decide,
    "record.release/1": use,
}

"""Effects of the family `member`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from coordinator.intake.effects.case import end_seats
from coordinator.intake.effects.effect import Effect
from coordinator.intake.rules.member import find_code, first_keys, keys_after
from coordinator.register.members import Member
from coordinator.register.register import Register
from schemas.messages.shape import Message


def enrol(message: Message, register: Register, _seq: int, now: datetime) -> None:
    """Add the member and its first keys, and use up the code."""
    body = message.body or {}
    document = body["member"]
    register.members.put(
        message.sender, Member(message.sender, document["kind"], document["name"], "active", now, document)
    )
    sign, seal = first_keys(body, message.sender)
    for key in (sign, seal):
        register.keys.put(key.kid, key)
    code = find_code(body, sign, seal, register)
    register.codes.put(code.key_hash, replace(code, used_at=now))


def change_keys(message: Message, register: Register, _seq: int, now: datetime) -> None:
    """Add the new keys and end the old ones."""
    for key in keys_after(message, register, now):
        if register.keys.get(key.kid) != key:
            register.keys.put(key.kid, key)


def leave(message: Message, register: Register, _seq: int, _now: datetime) -> None:
    """The member takes part no more: nothing that it sends, or that is for it, is admitted from now on.

    Its seats end with it. A citizen whose portal leaves has nobody through whom to withdraw: their consents
    end, and they may come back through another portal.
    """
    register.members.put(message.sender, replace(register.member(message.sender), status="left"))
    end_seats(register.seats_held_by(message.sender), register)


EFFECTS: dict[str, Effect] = {
    "member.enrol/1": enrol,
    "member.keys/1": change_keys,
    "member.leave/1": leave,
}

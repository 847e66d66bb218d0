"""Rules of the family `member`: enrolling with a one-time code, changing keys without a gap, leaving."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from coordinator.intake.rules.reason import BY_SEAT, Reason, Rule
from coordinator.register.codes import EnrolmentCode, code_proof
from coordinator.register.members import Key
from coordinator.register.register import Register
from schemas import instant
from schemas.errors import KeyNotInForce, KeyTaken, MemberExists, NotYourTurn, TooManyKeys, WrongCode
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages.shape import Message
from schemas.wire import unb64u

MOST_KEYS = 8
"""Keys of one use that a member may have in force or ahead: enough to rotate on several machines."""


def enrol(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `member.enrol`; that its sealing key is possessed was checked with its signature.

    1. the id is free                                              (taking over a member)
    2. both keys are new to everyone, and in force                 (unknown key share)
    3. the message is signed with the key that it brings           (possession of the signing key)
    4. the code was given to this member, and vouches for these keys (who may enrol at all)
    """
    body = message.body or {}
    if register.members.get(message.sender) is not None:
        raise MemberExists(member=message.sender)
    sign, seal = first_keys(body, message.sender)
    for key in (sign, seal):
        if register.keys.get(key.kid) is not None:
            raise KeyTaken(kid=key.kid)
        key.check_in_force(use=key.use, at=now, now=now)
    if sign.kid != message.kid:
        raise KeyNotInForce("The message is signed with another key than it brings.", kid=message.kid)
    find_code(body, sign, seal, register).check(kind=body["member"]["kind"], now=now)
    return BY_SEAT


def first_keys(body: Mapping[str, Any], member: str) -> tuple[Key, Key]:
    """Give the signing and the sealing key that an enrolment brings."""
    keys = body["keys"]
    valid = {"valid_from": keys["valid_from"], "valid_until": keys["valid_until"]}
    return (
        new_key({"use": "sign", "jwk": keys["sign"], **valid}, member),
        new_key({"use": "seal", "jwk": keys["seal"], **valid}, member),
    )


def new_key(described: Mapping[str, Any], member: str) -> Key:
    """Give a key as the register holds it; the strict curve checks are made again here."""
    kind = VerifyingKey if described["use"] == "sign" else SealingPublicKey
    public = kind.from_jwk(described["jwk"])
    return Key(
        kid=public.kid,
        member=member,
        use=described["use"],
        jwk=public.jwk,
        valid_from=instant.parse(described["valid_from"]),
        valid_until=instant.parse(described["valid_until"]),
        ended_at=None,
    )


def find_code(body: Mapping[str, Any], sign: Key, seal: Key, register: Register) -> EnrolmentCode:
    """Give the code with which these keys were vouched for; raise WrongCode."""
    proof = unb64u(body["code_proof"])
    for code in register.codes.values():
        expected = code_proof(code.key_hash, sign.kid, seal.kid)
        if code.member == sign.member and hmac.compare_digest(expected, proof):
            return code
    raise WrongCode(member=sign.member)


def change_keys(message: Message, register: Register, now: datetime) -> Reason:
    """Judge `member.keys`: what results must leave no moment without a key of either use."""
    after = keys_after(message, register, now)
    for use in ("sign", "seal"):
        mine = [key for key in after if key.use == use and _end(key) > now]
        if len(mine) > MOST_KEYS:
            raise TooManyKeys(limit=MOST_KEYS, use=use)
        _check_no_gap(mine, use, now)
    return BY_SEAT


def keys_after(message: Message, register: Register, now: datetime) -> list[Key]:
    """Give the member's keys as the message would leave them; raise KeyTaken or KeyNotInForce."""
    body = message.body or {}
    mine = {key.kid: key for key in register.keys.values() if key.member == message.sender}
    for described in body.get("add", ()):
        key = new_key(described, message.sender)
        if register.keys.get(key.kid) is not None:
            raise KeyTaken(kid=key.kid)
        if key.valid_until <= now:
            raise KeyNotInForce("The new key has ended already.", kid=key.kid)
        mine[key.kid] = key
    for ended in body.get("end", ()):
        found = mine.get(ended["kid"])
        if found is None:
            raise KeyNotInForce("The key that is to end is not one of yours.", kid=ended["kid"])
        at = instant.parse(ended["at"])
        # An end that has been said stays: otherwise a stolen key could bring itself back.
        earliest = at if found.ended_at is None else min(at, found.ended_at)
        mine[found.kid] = replace(found, ended_at=earliest)
    return list(mine.values())


def _check_no_gap(keys: Iterable[Key], use: str, now: datetime) -> None:
    """Raise KeyNotInForce unless one key after the other is in force from now until the last one ends."""
    covered = now
    for key in sorted(keys, key=lambda each: each.valid_from):
        if key.valid_from > covered:
            break
        covered = max(covered, _end(key))
    latest = max((_end(key) for key in keys), default=now)
    if covered == now or covered < latest:
        raise KeyNotInForce(
            f"There would be a time without a key to {use} with.",
            remedy="Let the new key begin before the old one ends.",
            use=use,
        )


def _end(key: Key) -> datetime:
    return key.valid_until if key.ended_at is None else min(key.valid_until, key.ended_at)


def leave(_message: Message, _register: Register, _now: datetime) -> Reason:
    """Judge `member.leave`: whoever takes part may stop."""
    return BY_SEAT


def from_the_coordinator(message: Message, _register: Register, _now: datetime) -> Reason:
    """Refuse what only the coordinator itself says: it says it without passing here."""
    raise NotYourTurn("Only the coordinator sends this.", type=message.type)


RULES: dict[str, Rule] = {
    "member.enrol/1": enrol,
    "member.keys/1": change_keys,
    "member.leave/1": leave,
    "delivery.withdrawn/1": from_the_coordinator,
    "delivery.delayed/1": from_the_coordinator,
}

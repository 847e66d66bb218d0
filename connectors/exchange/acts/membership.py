"""Enrolling a member, rotating its keys without a gap, leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from connectors.exchange.client import Coordinator
from connectors.exchange.connector import Connector
from connectors.exchange.errors import KeyringRefused
from connectors.exchange.keyring import KeyEntry, Keyring
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.spool import post
from schemas import instant, message, seal
from schemas.errors import Refusal, Unavailable, Unverified
from schemas.messages import envelope
from schemas.messages.member_v1 import code_proof
from schemas.wire import b64u

COORDINATOR = "coordinator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """Who enrols, where, and the one-time code of the coordinator's operator."""

    member: str
    kind: str
    name: str
    code: str
    url: str
    keys: Path
    country: str | None = None
    contact: str | None = None


def enrol(
    enrolment: Enrolment,
    pinned: PinnedKeys,
    clock: Callable[[], datetime] = instant.now,
    session: requests.Session | None = None,
) -> Keyring:
    """Make keys, prove that we hold both, and enrol; waits for the coordinator.

    Keys that were made by an earlier attempt are used again, so that a lost answer does not lose the code:
    the coordinator gives a repeated enrolment the same receipt.
    """
    keyring = _keyring(enrolment.keys, clock())
    coordinator = Coordinator(enrolment.url, enrolment.member, keyring, pinned, clock=clock, session=session)
    waiting = enrolment.keys / "enrolment.jws"
    raw = waiting.read_bytes() if waiting.exists() else _make(enrolment, keyring, coordinator, clock())
    _write(waiting, raw)
    try:
        coordinator.enrol(raw)
    except Refusal as refusal:
        if _is_final(refusal):
            waiting.unlink(missing_ok=True)
        raise
    waiting.unlink(missing_ok=True)
    return keyring


def _is_final(refusal: Refusal) -> bool:
    return not isinstance(refusal, Unavailable)


def _write(path: Path, raw: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(raw)


def _keyring(folder: Path, now: datetime) -> Keyring:
    try:
        return Keyring.create(folder, now)
    except KeyringRefused:
        return Keyring(folder)


def _make(enrolment: Enrolment, keyring: Keyring, coordinator: Coordinator, now: datetime) -> bytes:
    signing, sealing = keyring.signing_key(now), keyring.sealing_key(now)
    challenge = _answer(coordinator.challenge(sealing.public.jwk), keyring, coordinator.pinned)
    about: dict[str, Any] = {"id": enrolment.member, "kind": enrolment.kind, "name": enrolment.name}
    about |= {"country": enrolment.country} if enrolment.country else {}
    about |= {"contact": enrolment.contact} if enrolment.contact else {}
    entry = keyring.entry(signing.kid)
    body = {
        "member": about,
        "keys": {
            "sign": signing.public.jwk,
            "seal": sealing.public.jwk,
            "valid_from": entry.valid_from,
            "valid_until": entry.valid_until,
        },
        "code_proof": code_proof(enrolment.code, sign_kid=signing.kid, seal_kid=sealing.kid),
        "challenge": b64u(challenge),
    }
    payload = envelope.compose(
        type="member.enrol/1", sender=enrolment.member, to=[COORDINATOR], at=now, body=body
    )
    return message.sign(payload, signing)


def _answer(jwe: str, keyring: Keyring, pinned: PinnedKeys) -> bytes:
    """Open the challenge, which only the coordinator's pinned key can have sealed."""
    for kid in pinned.coordinator:
        try:
            return seal.open_sealed(jwe, keys=keyring.opening_keys(), sender_kid=kid)
        except Unverified:
            continue
    raise Unverified("The challenge was not sealed for us by the coordinator whose keys are pinned.")


def rotate(connector: Connector) -> list[KeyEntry]:
    """Make a new pair of keys and announce them; they come into use when the coordinator has taken them."""
    now = connector.clock()
    made = [connector.keyring.add(use, now) for use in ("sign", "seal")]
    body = {
        "add": [
            {
                "use": entry.use,
                "jwk": connector.keyring.public_jwk(entry.kid),
                "valid_from": entry.valid_from,
                "valid_until": entry.valid_until,
            }
            for entry in made
        ]
    }
    signed = sign_open(connector, now, type="member.keys/1", to=[COORDINATOR], body=body)
    with connector.database.writing() as connection:
        post(connection, signed, now)
    return made


def end_key(connector: Connector, kid: str) -> str:
    """End a key now, because it was rotated or may be known to others; never the last of its use."""
    now = connector.clock()
    entry = connector.keyring.entry(kid)
    others = [
        each
        for each in connector.keyring.entries
        if each.use == entry.use and each.kid != kid and each.announced and each.in_force(now)
    ]
    if not others:
        raise KeyringRefused("It is the only key of its kind.", remedy="Rotate first, then end the old key.")
    body = {"end": [{"kid": kid, "at": instant.format(now)}]}
    connector.keyring.end(kid, now)
    signed = sign_open(connector, now, type="member.keys/1", to=[COORDINATOR], body=body)
    with connector.database.writing() as connection:
        return post(connection, signed, now)


def leave(connector: Connector, reason: str | None = None) -> str:
    """Leave the exchange."""
    now = connector.clock()
    body = {"reason": reason} if reason else {}
    signed = sign_open(connector, now, type="member.leave/1", to=[COORDINATOR], body=body)
    with connector.database.writing() as connection:
        return post(connection, signed, now)

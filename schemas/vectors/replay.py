"""Replays a vector through this implementation and gives its verdict: `accepted` or a refusal's code.

Also the shortest description of what each kind of check does, for those who write another implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas import consent, instant, message, records, seal, statement, wire
from schemas.agreement import load_agreement
from schemas.consent_succession import Held, Link, check_succeeds, fate
from schemas.errors import Invalid, Refusal, UnknownKey
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages.case_v1 import KeysBody
from schemas.messages.content import check_content
from schemas.messages.envelope import load
from schemas.messages.reading import read
from schemas.passkey import PasskeyKey
from schemas.seat_keys import Said, SeatPasskeys
from schemas.vectors.known_keys import SEALING, SIGNING
from schemas.vectors.vector import ACCEPTED

_DIRECTORY = {key.kid: (name, key.public) for name, key in SIGNING.items()}


def replay(vector: Mapping[str, Any], common: Mapping[str, Any]) -> tuple[str, str]:
    """Give the verdict, and for a refused proof its reason; `common` is the context of the whole file."""
    try:
        _CHECKS[vector["check"]](vector["input"], {**common, **vector.get("context", {})})
    except Refusal as refusal:
        return refusal.code, str(refusal.facts.get("reason", ""))
    return ACCEPTED, ""


def key_for(kid: str, payload: Mapping[str, Any]) -> VerifyingKey:
    """Find a key in the directory of the vectors; it has to be the sender's own."""
    name, key = _DIRECTORY.get(kid, (None, None))
    if key is None or name != payload.get("from", payload.get("iss")):
        raise UnknownKey(kid=kid)
    return key


def _message(found: str, _context: Mapping[str, Any]) -> None:
    load(message.verify(found.encode(), key_for))


def _seal(found: str, context: Mapping[str, Any]) -> None:
    key = SEALING[context["reader"]]
    sender = SIGNING[context["sender"]]
    opened = seal.open_sealed(found, keys={key.kid: key}, sender_kid=sender.kid)
    checked = statement.check(opened, key_for)
    statement.belongs_to(checked, sender=context["sender"], case=context["case"], schema=context["schema"])
    check_content(checked.schema, checked.content)


def _consent(found: Any, context: Mapping[str, Any]) -> None:
    agreement = load_agreement(context["agreement"])
    seat = consent.seat_keys(context["seat"]["portal"], context["seat"]["passkeys"])
    given = consent.load_consent(found)
    consent.check_agreed(given, agreement)
    at = instant.parse(context["at"])
    consent.verify_proof(given, seat, agreement, sent_by=context["sent_by"], at=at)


def _covers(found: Any, context: Mapping[str, Any]) -> None:
    use = {**context["use"], "at": instant.parse(context["use"]["at"])}
    consent.covers(consent.load_consent(found), **use)


def _offer(found: Any, context: Mapping[str, Any]) -> None:
    consent.check_offer(consent.load_terms(found), context["asked"])


def _succeeds(found: Any, context: Mapping[str, Any]) -> None:
    check_succeeds(consent.load_consent(found).document, context["old"])


def _fate(found: Any, context: Mapping[str, Any]) -> None:
    """Follow a chain; accepted if it ends as is given: why it goes, by what it lived, for how many days."""
    links = [Link(each["document"], each["status"]) for each in found["chain"]]
    outcome = fate(Held(found["type"], found["categories"]), links)
    lived_by = [link.id for link in outcome.lived_by]
    if {"why": outcome.why, "lived_by": lived_by, "days": outcome.life.days} != context["outcome"]:
        raise Invalid("It comes to another end.", path="outcome")


def _seat_keys(found: Any, context: Mapping[str, Any]) -> None:
    read(KeysBody(), found, what="body")
    keys = SeatPasskeys.begin(context["seat_passkeys"], brought_by="join")
    said = Said(message="change", by="portal", at=instant.parse(context["at"]), place=0)
    keys.changed(found, case=context["case"], said=said, own_word=False)


_CHECKS: Mapping[str, Callable[[Any, Mapping[str, Any]], object]] = {
    "wire": lambda found, _: wire.parse(wire.unb64u(found)),
    "wire_spaces": lambda spaces, _: wire.parse(b"{}" + b" " * spaces),
    "message": _message,
    "seal": _seal,
    "record": lambda found, context: records.validate(context["schema"], found),
    "agreement": lambda found, _: load_agreement(found),
    "consent": _consent,
    "covers": _covers,
    "offer": _offer,
    "succeeds": _succeeds,
    "fate": _fate,
    "seat_keys": _seat_keys,
    "signing_key": lambda found, _: VerifyingKey.from_jwk(found),
    "sealing_key": lambda found, _: SealingPublicKey.from_jwk(found),
    "passkey_key": lambda found, _: PasskeyKey.from_jwk(found),
}

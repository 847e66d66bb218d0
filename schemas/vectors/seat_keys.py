"""Changes of a seat's passkeys after joining: good ones, and those that a verifier has to refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.consent_proof import consent_challenge
from schemas.passkey import passkey_kid
from schemas.vectors import examples
from schemas.vectors.assertion import signs_ed25519
from schemas.vectors.crafting import token
from schemas.vectors.example_seat_keys import added, confirmed
from schemas.vectors.examples import AT, CASE, OTHER_CASE
from schemas.vectors.known_keys import PASSKEY_ED25519, es256_jwk
from schemas.vectors.vector import Vector

_OLD = passkey_kid(es256_jwk())
_KEYS = "case.keys/1"
_ATTEST = "case.attest/1"


def change(**changed: Any) -> examples.Json:
    """Give a body that adds a passkey, confirmed by the one with which the citizen joined."""
    return {"add": [added()], "end": [], "proof": _proof(), **changed}


def _good() -> Iterator[Vector]:
    """Give changes that follow from the seat."""
    yield _vector("a passkey by an earlier one", change())
    replaced = change(end=[_OLD], proof=_proof(end=[_OLD]))
    yield _vector("a passkey in place of the one that confirms it", replaced)
    yield _vector("a passkey that waits to be attested", {"add": [added()], "end": []})
    yield _vector("an end without any proof", {"add": [], "end": [_OLD]})
    later = {"keys": examples.message_id(40), "passkeys": [_OLD], "method": "in_person"}
    attested = {**examples.payload(_ATTEST), "re": later["keys"], "body": later}
    yield Vector("seat keys: an attestation of later passkeys", "message", token(attested))


def vectors() -> Iterator[Vector]:
    """Give good and bad changes."""
    yield from _good()
    yield from _proofs()
    yield from _states()
    yield from _bodies()


def _vector(name: str, body: examples.Json, expect: str = "accepted", **more: Any) -> Vector:
    context = {"seat_passkeys": examples.seat()["passkeys"], "case": CASE, "at": AT}
    return Vector(f"seat keys: {name}", "seat_keys", body, expect, context=context, **more)


def _proof(**made: Any) -> dict[str, str]:
    return confirmed(**{"case": CASE, "at": AT, **made})


def _proofs() -> Iterator[Vector]:
    itself = {"credential": b"credential-2", "sign": signs_ed25519}
    for name, reason, proof in (
        ("confirmed for another case", "challenge", _proof(case=OTHER_CASE)),
        ("confirmed for another instant", "challenge", _proof(at="2026-11-23T05:00:00.001Z")),
        ("confirmed with another end", "challenge", _proof(end=[_OLD])),
        ("a consent's confirmation", "challenge", _proof(over=consent_challenge(examples.consent()))),
        ("confirmed by the new passkey itself", "unknown_passkey", _proof(**itself)),
        ("another key under the old one's name", "signature", _proof(sign=signs_ed25519)),
        ("a touch without verification", "user_verification", _proof(flags=0x01)),
        ("on another site's page", "origin", _proof(origin="https://evil.example")),
    ):
        yield _vector(name, change(proof=proof), "proof_refused", attack="P14", reason=reason)


def _states() -> Iterator[Vector]:
    stranger = passkey_kid(PASSKEY_ED25519.public.jwk)
    again = {**examples.seat()["passkeys"][0]}
    namesake = {**added(), "credential": again["credential"]}
    for name, expect, body in (
        ("an end of what is not there", "unknown_key", {"add": [], "end": [stranger]}),
        ("a passkey that the seat has", "key_taken", {"add": [again], "end": []}),
        ("a second passkey of one name", "key_taken", {"add": [namesake], "end": []}),
    ):
        yield _vector(name, body, expect, attack="P14")


def _bodies() -> Iterator[Vector]:
    for name, body in (
        ("a change of nothing", {"add": [], "end": []}),
        ("a proof of an end", {"add": [], "end": [_OLD], "proof": _proof()}),
        ("one passkey twice", {"add": [added(), {**added(), "credential": "AAAA"}], "end": []}),
        ("a passkey that comes and goes", change(end=[passkey_kid(PASSKEY_ED25519.public.jwk)])),
        ("the portal's word as proof", change(proof=examples.consent()["proof"][0])),
        ("a change without ends", {"add": [added()]}),
    ):
        yield _message(name, _KEYS, body)
    named = {"passkeys": [_OLD], "method": "in_person"}
    keys, join = examples.message_id(40), examples.message_id(9)
    for name, body in (
        ("an attestation of nothing", named),
        ("an attestation of two things", {**named, "keys": keys, "join": join}),
        ("later passkeys by a code", {**named, "keys": keys, "method": "code"}),
        ("no passkey at all", {**named, "keys": keys, "passkeys": []}),
        ("a join without its sealing key", {**named, "join": join}),
    ):
        yield _message(name, _ATTEST, body)


def _message(name: str, type_name: str, body: examples.Json) -> Vector:
    payload = {**examples.payload(type_name), "body": body}
    return Vector(f"seat keys: {name}", "message", token(payload), "invalid", "P14")

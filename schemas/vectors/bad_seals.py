"""Attacks on what is sealed, and on passing on a statement as if it were one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from schemas.vectors import examples
from schemas.vectors.bad_keys import WEAK_X25519, okp
from schemas.vectors.crafting import compact_json, resealed
from schemas.vectors.examples import CASE, NORTH, SOUTH
from schemas.vectors.known_keys import SEALING, SIGNING
from schemas.vectors.vector import Vector
from schemas.wire import unb64u

_SCHEMA = "housing.tenancy/1"


def vectors() -> Iterator[Vector]:
    """Give the bad seals."""
    sealed = examples.seals()["record.release/1"][SOUTH]
    header = json.loads(unb64u(sealed.split(".")[0]))
    yield from _headers(sealed, header)
    yield from _parties(sealed, header)
    yield from _bytes(sealed, header)
    yield from _forwarding(sealed)


def _bad(name: str, attack: str, found: str, expect: str, **context: Any) -> Vector:
    around = {"reader": SOUTH, "sender": NORTH, "case": CASE, "schema": _SCHEMA, **context}
    return Vector(name, "seal", found, expect, attack, context=around)


def _changed(sealed: str, header: dict[str, Any], **changes: Any) -> str:
    return resealed(sealed, compact_json({**header, **changes}))


def _headers(sealed: str, header: dict[str, Any]) -> Iterator[Vector]:
    for alg in ("ECDH-ES", "PBES2-HS256+A128KW", "RSA1_5", "RSA-OAEP", "dir", "A256KW"):
        yield _bad(f"sealed with alg {alg}", "J15", _changed(sealed, header, alg=alg), "wrong_header")
    for enc in ("A128CBC-HS256", "A128GCM", "C20P"):
        yield _bad(f"sealed with enc {enc}", "J15", _changed(sealed, header, enc=enc), "wrong_header")
    for name, value in (("zip", "DEF"), ("p2c", 2**31), ("crit", ["exp"]), ("jwk", okp("X25519", bytes(32)))):
        yield _bad(f"sealed with {name}", "J14", _changed(sealed, header, **{name: value}), "wrong_header")
    double = compact_json(header)[:-1] + b',"alg":"dir"}'
    yield _bad("sealed with alg twice", "J7", resealed(sealed, double), "duplicate_name")
    for raw in WEAK_X25519:
        epk = okp("X25519", raw)
        name = f"ephemeral key of small order {raw.hex()[:8]}…{raw.hex()[-4:]}"
        yield _bad(name, "J13", _changed(sealed, header, epk=epk), "weak_key")


def _parties(sealed: str, header: dict[str, Any]) -> Iterator[Vector]:
    citizen = SEALING["citizen"].kid
    stranger = SIGNING["stranger"].kid
    for name, changes in (
        ("another sender in apu", {"apu": stranger}),
        ("another recipient in apv", {"apv": citizen}),
    ):
        yield _bad(name, "J11", _changed(sealed, header, **changes), "not_for_this_key")
    moved = _changed(sealed, header, kid=citizen, apv=citizen)
    yield _bad("for a key that the reader has not", "J11", moved, "not_for_this_key")
    yield _bad("kid moved to a key that the reader has", "J11", moved, "damaged_seal", reader="citizen")
    yield _bad("claimed by another sender", "J11", sealed, "not_for_this_key", sender="citizens-portal")


def _bytes(sealed: str, header: dict[str, Any]) -> Iterator[Vector]:
    parts = sealed.split(".")
    spaced = json.dumps(header).encode()
    yield _bad("header of the seal spaced differently", "J9", resealed(sealed, spaced), "damaged_seal")
    for place, name in ((1, "wrapped key"), (2, "nonce"), (3, "ciphertext"), (4, "tag")):
        first = "B" if parts[place][0] == "A" else "A"
        changed = [*parts[:place], first + parts[place][1:], *parts[place + 1 :]]
        yield _bad(f"{name} changed", "J9", ".".join(changed), "damaged_seal")
    yield _bad("padded tag", "J9", sealed + "==", "malformed")
    yield _bad("four parts", "J8", ".".join(parts[:4]), "malformed")
    yield _bad("a message instead of a seal", "J8", "e30.e30.AAAA", "malformed")


def _forwarding(sealed: str) -> Iterator[Vector]:
    """The same good seal inside of an envelope that it was not made for."""
    for name, context in (
        ("carried in another case", {"case": examples.OTHER_CASE}),
        ("carried under another schema", {"schema": "debts.bills/1"}),
    ):
        yield _bad(f"statement {name}", "J10", sealed, "statement_mismatch", **context)
    passed_on = examples.seals()["forwarded"]["citizen"]
    yield _bad(
        "a statement sealed again by one who received it",
        "J10",
        passed_on,
        "statement_mismatch",
        reader="citizen",
        sender=SOUTH,
    )

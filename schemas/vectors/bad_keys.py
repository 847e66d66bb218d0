"""Keys that protect nothing, or that one implementation would read and another would not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.vectors import examples
from schemas.vectors.crafting import token
from schemas.vectors.known_keys import SEALING, SIGNING, es256_jwk, rs256_jwk
from schemas.vectors.vector import Vector
from schemas.wire import b64u

_P = 2**255 - 19
_Y_OF_ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022
_SIGN = 2**255
_SMALL_Y = (0, 1, _P - 1, _Y_OF_ORDER_EIGHT, _P - _Y_OF_ORDER_EIGHT)
_U_OF_ORDER_EIGHT = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)

WEAK_ED25519 = tuple((y | sign).to_bytes(32, "little") for y in _SMALL_Y for sign in (0, _SIGN))
"""The eight points of small order, and those that are written with a sign that they do not have."""
NOT_CANONICAL = tuple(
    (y | sign).to_bytes(32, "little") for y in (_P, _P + 1, _SIGN - 1) for sign in (0, _SIGN)
)
"""Encodings of y at least p, which RFC 8032 §5.1.3 refuses."""
WEAK_X25519 = tuple(u.to_bytes(32, "little") for u in (0, 1, _P - 1, *_U_OF_ORDER_EIGHT, _P, _P + 1))
"""Points of small order on the curve and its twist, and two that are not canonical."""


def okp(curve: str, raw: bytes) -> dict[str, str]:
    """Give 32 bytes as a public JWK."""
    return {"kty": "OKP", "crv": curve, "x": b64u(raw)}


def vectors() -> Iterator[Vector]:
    """Give the bad keys."""
    for raw in (*WEAK_ED25519, *NOT_CANONICAL):
        yield _bad(f"Ed25519 {raw.hex()}", "J12", "signing_key", okp("Ed25519", raw), "weak_key")
    for raw in WEAK_X25519:
        yield _bad(f"X25519 {raw.hex()}", "J13", "sealing_key", okp("X25519", raw), "weak_key")
    yield from _forms()
    yield from _passkeys()
    yield from _enrolments()


def _bad(name: str, attack: str, check: str, jwk: Any, expect: str) -> Vector:
    return Vector(f"key {name}", check, jwk, expect, attack)


def _forms() -> Iterator[Vector]:
    good = SIGNING["north-office"].public.jwk
    for name, jwk in (
        ("with its private half", {**good, "d": b64u(bytes(range(32)))}),
        ("with use", {**good, "use": "sig"}),
        ("of another curve", {**good, "crv": "Ed448"}),
        ("of the sealing curve", SEALING["citizen"].public.jwk),
        ("of 31 bytes", okp("Ed25519", bytes(31))),
        ("of 33 bytes", okp("Ed25519", bytes(33))),
        ("with padding", {**good, "x": good["x"] + "="}),
        ("with a number as x", {**good, "x": 7}),
        ("without x", {"kty": "OKP", "crv": "Ed25519"}),
        ("symmetric", {"kty": "oct", "k": "AAAA"}),
    ):
        yield _bad(name, "J2", "signing_key", jwk, "malformed")


def _passkeys() -> Iterator[Vector]:
    point, rsa = es256_jwk(), rs256_jwk()
    for name, jwk, expect in (
        ("not on P-256", {**point, "y": b64u(bytes(31) + b"\x05")}, "weak_key"),
        ("on another curve", {**point, "crv": "P-384"}, "malformed"),
        ("with its private half", {**point, "d": point["x"]}, "malformed"),
        ("RSA of 1024 bits", {**rsa, "n": b64u(b"\xff" * 128)}, "weak_key"),
        ("RSA with exponent 3", {**rsa, "e": "Aw"}, "weak_key"),
        ("RSA with an even modulus", {**rsa, "n": b64u(b"\xff" * 255 + b"\xfe")}, "weak_key"),
        ("symmetric", {"kty": "oct", "k": "AAAA"}, "malformed"),
        ("Ed25519 of small order", okp("Ed25519", WEAK_ED25519[2]), "weak_key"),
    ):
        yield _bad(f"of a passkey {name}", "J12", "passkey_key", jwk, expect)


def _enrolments() -> Iterator[Vector]:
    """A member that enrols with a key under which one fixed signature fits every message."""
    for use, curve, raw in (("sign", "Ed25519", WEAK_ED25519[2]), ("seal", "X25519", WEAK_X25519[1])):
        payload = examples.payload("member.enrol/1")
        payload["body"]["keys"][use] = okp(curve, raw)
        attack = "J12" if use == "sign" else "J13"
        yield Vector(f"enrolling a weak key to {use}", "message", token(payload), "weak_key", attack)

"""Attacks on the bytes and on the signature around them: headers, spellings, kinds of token, JSON."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from typing import Any

from schemas.vectors import examples
from schemas.vectors.crafting import compact_json, header_of, signed, token
from schemas.vectors.examples import NORTH
from schemas.vectors.known_keys import SIGNING
from schemas.vectors.vector import Vector
from schemas.wire import MESSAGE_LIMIT, b64u, canonical, unb64u

_ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the prime subgroup of edwards25519 (RFC 8032 §5.1)."""


def vectors() -> Iterator[Vector]:
    """Give the bad tokens."""
    payload = examples.payload("case.open/1")
    yield from _headers(payload)
    yield from _kinds(payload)
    yield from _spellings(payload)
    yield from _signatures(payload)
    yield from _payloads(payload)
    yield from _json()


def _bad(name: str, attack: str, found: str, expect: str) -> Vector:
    return Vector(name, "message", found, expect, attack)


def _headers(payload: dict[str, Any]) -> Iterator[Vector]:
    for alg in ("none", "nOnE", "NONE", ""):
        yield _bad(f"alg {alg!r}", "J1", token(payload, alg=alg), "wrong_header")
    unsigned = ".".join(token(payload, alg="none").split(".")[:2]) + "."
    yield _bad("alg none without signature", "J1", unsigned, "wrong_header")
    for alg in ("EdDSA", "HS256", "RS256", "ES256", "ed25519", "Ed448"):
        yield _bad(f"alg {alg}", "J2", token(payload, alg=alg), "wrong_header")
    yield _bad("HS256 keyed with the public key", "J2", _hs256(payload), "wrong_header")
    stranger = SIGNING["stranger"].public.jwk
    for name, value in (
        ("jwk", stranger),
        ("jku", "https://evil.example/keys"),
        ("x5u", "https://evil.example/chain"),
        ("x5c", ["AAAA"]),
        ("x5t", "AAAA"),
    ):
        yield _bad(f"header {name}", "J3", token(payload, **{name: value}), "wrong_header")
    foreign = signed(header_of(SIGNING["stranger"]), canonical(payload), SIGNING["stranger"])
    yield _bad("another member's key", "J3", foreign, "unknown_key")
    for kid in ("' OR 1=1 --", "../../keys/one.pem", "A" * 42, "A" * 44, "", 7, ["x"]):
        yield _bad(f"kid {kid!r}", "J4", token(payload, kid=kid), "wrong_header")
    for crit in ([], ["alg"], ["exp"], ["b64"], ["http://example/x"]):
        yield _bad(f"crit {crit}", "J5", token(payload, crit=crit), "wrong_header")
    yield _bad("b64 false", "J6", token(payload, b64=False, crit=["b64"]), "wrong_header")
    for missing in ("alg", "kid", "typ"):
        yield _bad(f"header without {missing}", "J8", token(payload, **{missing: None}), "wrong_header")


def _hs256(payload: dict[str, Any]) -> str:
    key = SIGNING[NORTH]
    signing_input = f"{b64u(header_of(key, alg='HS256'))}.{b64u(canonical(payload))}"
    return f"{signing_input}.{b64u(hmac.digest(key.public.raw, signing_input.encode(), 'sha256'))}"


def _kinds(payload: dict[str, Any]) -> Iterator[Vector]:
    for typ in ("accord-statement+jws", "accord-receipt+jws", "accord-head+jws", "JWT", "ACCORD+JWS", ""):
        yield _bad(f"typ {typ!r}", "J8", token(payload, typ=typ), "wrong_header")
    sealed = examples.seals()["record.release/1"]["citizen"]
    yield _bad("a seal instead of a message", "J8", sealed, "malformed")
    header, body, signature = token(payload).split(".")
    flat = {"protected": header, "payload": body, "signature": signature}
    yield _bad("JSON instead of compact form", "J8", json.dumps(flat), "malformed")
    yield _bad("detached payload", "J6", f"{header}..{signature}", "malformed")


def _spellings(payload: dict[str, Any]) -> Iterator[Vector]:
    header, body, signature = token(payload).split(".")
    spaced = b64u(unb64u(header).replace(b":", b": "))
    yield _bad("header spaced differently", "J9", f"{spaced}.{body}.{signature}", "bad_signature")
    for name, found in (
        ("padded header", f"{header}=.{body}.{signature}"),
        ("padded signature", f"{header}.{body}.{signature}=="),
        ("line end after the token", f"{header}.{body}.{signature}\n"),
        ("space before the token", f" {header}.{body}.{signature}"),
        ("standard base64 alphabet", f"{header}.{body}.{signature[:-4]}+/{signature[-2:]}"),
        ("trailing bits in the signature", f"{header}.{body}.{signature[:-1]}{chr(ord(signature[-1]) + 1)}"),
    ):
        yield _bad(name, "J9", found, "malformed")


def _signatures(payload: dict[str, Any]) -> Iterator[Vector]:
    header, body, signature = token(payload).split(".")
    raw = unb64u(signature)
    scalar = int.from_bytes(raw[32:], "little")
    identity = (1).to_bytes(32, "little")
    for name, found in (
        ("S larger than the group order", raw[:32] + (scalar + _ORDER).to_bytes(32, "little")),
        ("R of small order", identity + raw[32:]),
        ("R not canonical", (2**255 - 19).to_bytes(32, "little") + raw[32:]),
        ("identity and zero", identity + bytes(32)),
        ("63 bytes", raw[:63]),
        ("65 bytes", raw + b"\0"),
        ("empty", b""),
        ("of other bytes", SIGNING[NORTH].sign(b"something else")),
    ):
        yield _bad(f"signature {name}", "J12", f"{header}.{body}.{b64u(found)}", "bad_signature")
    other = b64u(canonical({**payload, "until": examples.NEXT_YEAR}))
    yield _bad("payload changed after signing", "J9", f"{header}.{other}.{signature}", "bad_signature")


def _payloads(payload: dict[str, Any]) -> Iterator[Vector]:
    key = SIGNING[NORTH]
    good = compact_json(payload)
    twice = good[:-1] + b',"case":"' + examples.OTHER_CASE.encode() + b'"}'
    nested = good.replace(b'{"language":"fr"}', b'{"language":"fr","language":"en"}')
    for name, found, expect in (
        ("the same name twice", twice, "duplicate_name"),
        ("the same name twice, deeper", nested, "duplicate_name"),
        ("an array", b"[1]", "malformed"),
        ("not JSON", b"{", "malformed"),
        ("nothing", b"", "malformed"),
        ("two documents", good + good, "malformed"),
    ):
        yield _bad(f"payload with {name}", "J7", signed(header_of(key), found, key), expect)
    double = header_of(key).replace(b'{"alg"', b'{"alg":"none","alg"')
    yield _bad("header with alg twice", "J7", signed(double, good, key), "duplicate_name")
    double = header_of(key)[:-1] + b',"kid":"' + SIGNING["stranger"].kid.encode() + b'"}'
    yield _bad("header with kid twice", "J7", signed(double, good, key), "duplicate_name")


def _json() -> Iterator[Vector]:
    """JSON that readers disagree about (RFC 7493), or that costs more to read than to send."""
    for name, found, expect in (
        ("duplicate name", b'{"a":1,"a":2}', "duplicate_name"),
        ("duplicate name by escape", b'{"a":1,"\\u0061":2}', "duplicate_name"),
        ("float", b'{"a":1.5}', "not_interoperable"),
        ("float that is whole", b'{"a":1.0}', "not_interoperable"),
        ("exponent", b'{"a":1e3}', "not_interoperable"),
        ("NaN", b'{"a":NaN}', "not_interoperable"),
        ("Infinity", b'{"a":-Infinity}', "not_interoperable"),
        ("integer over 2^53", b'{"a":9007199254740993}', "not_interoperable"),
        ("a thousand digits", b'{"a":' + b"9" * 1000 + b"}", "not_interoperable"),
        ("minus zero", b'{"a":-0}', "not_interoperable"),
        ("lone surrogate", b'{"a":"\\ud800"}', "not_interoperable"),
        ("invalid UTF-8", b'{"a":"\xff"}', "not_interoperable"),
        ("overlong UTF-8", b'{"a":"\xc0\xaf"}', "not_interoperable"),
        ("UTF-16", '{"a":1}'.encode("utf-16"), "not_interoperable"),
        ("byte order mark", b'\xef\xbb\xbf{"a":1}', "malformed"),
        ("trailing comma", b'{"a":1,}', "malformed"),
        ("comment", b'{"a":1/**/}', "malformed"),
        ("single quotes", b"{'a':1}", "malformed"),
        ("control character", b'{"a":"\x01"}', "malformed"),
        ("leading zero", b'{"a":01}', "malformed"),
        ("seventeen levels", b'{"a":' + b"[" * 16 + b"]" * 16 + b"}", "too_deep"),
        ("open brackets alone", b"[" * 10_000, "too_deep"),
        ("1001 names", _names(1001), "too_many_names"),
    ):
        yield Vector(f"JSON with {name}", "wire", b64u(found), expect, "W11")
    # `{}` and so many spaces behind it: a quarter of a megabyte has no place in a file of vectors.
    yield Vector("JSON of one byte too many", "wire_spaces", MESSAGE_LIMIT - 1, "too_large", "W11")


def _names(count: int) -> bytes:
    return compact_json({f"n{number}": 0 for number in range(count)})

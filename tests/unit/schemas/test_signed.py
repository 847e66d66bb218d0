"""The strict JWS: only the exact header, the exact spelling and a key from the directory pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from schemas import message
from schemas.errors import BadSignature, DuplicateName, Malformed, Refusal, TooLarge, UnknownKey, WrongHeader
from schemas.keys import SigningKey, VerifyingKey
from schemas.signed import sign_typed
from schemas.wire import b64u, canonical, unb64u

KEY = SigningKey.from_raw(bytes(range(32)))
GOOD = message.sign({"id": "1"}, KEY)


def key_for(kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
    """Stand for a directory that holds one key."""
    if kid != KEY.kid:
        raise UnknownKey(kid=kid)
    return KEY.public


def with_header(header: bytes, payload: bytes = b'{"id":"1"}') -> bytes:
    """Sign properly under any header, as a hostile member could."""
    signing_input = f"{b64u(header)}.{b64u(payload)}"
    return f"{signing_input}.{b64u(KEY.sign(signing_input.encode()))}".encode()


@pytest.mark.parametrize("payload", [{}, {"id": "1"}, {"é": ["\u20ac", {"a": None}], "b": 2**53 - 1}])
@pytest.mark.parametrize("typ", ["accord+jws", "accord-receipt+jws", "accord-head+jws"])
def test_a_jose_library_reads_and_would_write_the_same(payload: dict[str, Any], typ: str):
    signed = sign_typed(payload, KEY, typ=typ)
    there = OKPKey.import_key({**KEY.public.jwk, "d": b64u(KEY.to_raw())})
    read = jws.deserialize_compact(signed, there, algorithms=["Ed25519"])
    assert read.headers() == {"alg": "Ed25519", "typ": typ, "kid": KEY.kid}
    assert json.loads(read.payload) == payload
    written = jws.serialize_compact(read.headers(), canonical(payload), there, algorithms=["Ed25519"])
    assert written.encode() == signed


def header(**change: object) -> bytes:
    """Write the right header with some members changed."""
    return json.dumps({"alg": "Ed25519", "typ": "accord+jws", "kid": KEY.kid, **change}).encode()


def test_what_was_signed_is_verified() -> None:
    assert message.verify(GOOD, key_for).payload == {"id": "1"}
    assert message.verify(with_header(header()), key_for).payload == {"id": "1"}


@pytest.mark.parametrize(
    "bad",
    [
        header(alg="none"),
        header(alg="nOnE"),
        header(alg="HS256"),
        header(alg="RS256"),
        header(alg="EdDSA"),
        header(typ="JWT"),
        header(typ="accord-statement+jws"),
        header(jwk=KEY.public.jwk),
        header(jku="https://attacker.example/keys"),
        header(x5u="https://attacker.example/cert"),
        header(x5c=["AAAA"]),
        header(crit=[]),
        header(crit=["alg"]),
        header(crit=["b64"], b64=False),
        header(b64=False),
        header(zip="DEF"),
        header(cty="json"),
        header(kid="' OR 1=1 --"),
        header(kid="../../etc/passwd"),
        header(kid=None),
        header(kid=KEY.kid + "\n"),
        b'{"alg":"Ed25519","typ":"accord+jws"}',
        b'{"alg":["Ed25519"],"typ":"accord+jws","kid":"x"}',
    ],
)
def test_any_other_header_is_refused_before_a_key_is_looked_up(bad: bytes) -> None:
    def never(_kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
        raise AssertionError("a key was looked up")

    with pytest.raises(WrongHeader):
        message.verify(with_header(bad), never)


def test_a_duplicate_header_name_is_refused() -> None:
    doubled = f'{{"alg":"none","alg":"Ed25519","typ":"accord+jws","kid":"{KEY.kid}"}}'.encode()
    with pytest.raises(DuplicateName):
        message.verify(with_header(doubled), key_for)


def test_a_duplicate_payload_name_is_refused() -> None:
    with pytest.raises(DuplicateName):
        message.verify(with_header(header(), b'{"id":"1","id":"2"}'), key_for)


def test_a_key_that_nobody_has_is_refused() -> None:
    with pytest.raises(UnknownKey):
        message.verify(message.sign({"id": "1"}, SigningKey.generate()), key_for)


def test_another_key_under_the_same_name_is_refused() -> None:
    other = SigningKey.generate().public
    with pytest.raises(UnknownKey):
        message.verify(GOOD, lambda _kid, _payload: other)


def test_a_token_of_another_kind_is_refused() -> None:
    with pytest.raises(WrongHeader):
        message.verify(sign_typed({"id": "1"}, KEY, typ="accord-receipt+jws"), key_for)


def test_the_payload_cannot_be_exchanged() -> None:
    head, _, signature = GOOD.split(b".")
    with pytest.raises(BadSignature):
        message.verify(b".".join([head, b64u(b'{"id":"2"}').encode(), signature]), key_for)


@pytest.mark.parametrize("spelling", [b" ", b"=", b"\n"])
def test_padding_and_white_space_are_refused(spelling: bytes) -> None:
    with pytest.raises(Malformed):
        message.verify(GOOD + spelling, key_for)


def test_a_header_written_with_other_spaces_does_not_verify_under_the_same_signature() -> None:
    head, body, signature = GOOD.split(b".")
    spaced = json.dumps(json.loads(unb64u(head.decode())), indent=1).encode()
    with pytest.raises(BadSignature):
        message.verify(b".".join([b64u(spaced).encode(), body, signature]), key_for)


def test_a_token_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(TooLarge):
        message.verify(b"a" * 400_000, key_for)


@given(st.data())
def test_every_changed_character_is_noticed(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(GOOD) - 1))
    changed = bytearray(GOOD)
    changed[position] = data.draw(st.integers(0, 255).filter(lambda value: value != GOOD[position]))
    with pytest.raises(Refusal):
        message.verify(bytes(changed), key_for)

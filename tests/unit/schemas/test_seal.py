"""Sealing for one reader: the right key opens it, every other party and every change is refused."""

from __future__ import annotations

import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwe import JWERegistry
from joserfc.jwk import OKPKey

from schemas import seal
from schemas.errors import DamagedSeal, Malformed, NotForThisKey, Refusal, TooLarge, WeakKey, WrongHeader
from schemas.keys import SealingKey, SigningKey
from schemas.wire import b64u, unb64u

SENDER = SigningKey.from_raw(bytes(32)).kid
READER = SealingKey.from_raw(bytes(range(32)))
KEYS = {READER.kid: READER}
SEALED = seal.seal(b"statement", to=READER.public, sender_kid=SENDER)


def with_header(**change: object) -> str:
    """Exchange members of the protected header of a good seal."""
    parts = SEALED.split(".")
    members = {**json.loads(unb64u(parts[0])), **change}
    parts[0] = b64u(
        json.dumps({name: value for name, value in members.items() if value is not None}).encode()
    )
    return ".".join(parts)


@given(st.binary(max_size=3000).map(lambda data: data.rstrip(b" ")))
def test_the_reader_opens_what_was_sealed(plaintext: bytes) -> None:
    sealed = seal.seal(plaintext, to=READER.public, sender_kid=SENDER)
    assert seal.open_sealed(sealed, keys=KEYS, sender_kid=SENDER) == plaintext


def test_a_record_of_two_hundred_kilobytes_can_be_sealed() -> None:
    plaintext = b"x" * 150_000
    sealed = seal.seal(plaintext, to=READER.public, sender_kid=SENDER)
    assert seal.open_sealed(sealed, keys=KEYS, sender_kid=SENDER) == plaintext


def test_the_length_of_a_seal_says_only_how_many_kilobytes_it_holds() -> None:
    lengths = {len(seal.seal(b"x" * n, to=READER.public, sender_kid=SENDER)) for n in (1, 500, 1024)}
    assert len(lengths) == 1


def test_no_two_seals_share_an_ephemeral_key_or_nonce() -> None:
    seals = [seal.seal(b"same", to=READER.public, sender_kid=SENDER).split(".") for _ in range(200)]
    assert len({parts[0] for parts in seals}) == len(seals)
    assert len({parts[2] for parts in seals}) == len(seals)


def test_another_key_cannot_open_it() -> None:
    other = SealingKey.generate()
    with pytest.raises(NotForThisKey):
        seal.open_sealed(SEALED, keys={other.kid: other}, sender_kid=SENDER)
    with pytest.raises(DamagedSeal):
        seal.open_sealed(SEALED, keys={READER.kid: other}, sender_kid=SENDER)


def test_another_sender_cannot_pass_it_on_as_its_own() -> None:
    with pytest.raises(NotForThisKey):
        seal.open_sealed(SEALED, keys=KEYS, sender_kid=SigningKey.generate().kid)


def test_a_renamed_sender_gives_another_key() -> None:
    other = SigningKey.generate().kid
    with pytest.raises(DamagedSeal):
        seal.open_sealed(with_header(apu=other), keys=KEYS, sender_kid=other)


@pytest.mark.parametrize(
    "change",
    [
        {"alg": "ECDH-ES"},
        {"alg": "RSA1_5"},
        {"alg": "PBES2-HS256+A128KW", "p2c": 2**31},
        {"alg": "dir"},
        {"enc": "A128CBC-HS256"},
        {"zip": "DEF"},
        {"crit": ["exp"]},
        {"jwk": READER.public.jwk},
        {"apu": None},
        {"epk": "text"},
        {"typ": "JWT"},
    ],
)
def test_any_other_header_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((WrongHeader, NotForThisKey)):
        seal.open_sealed(with_header(**change), keys=KEYS, sender_kid=SENDER)


@pytest.mark.parametrize("u", [0, 1, 2**255 - 20, 2**255 - 19])
def test_a_low_order_ephemeral_key_is_a_refusal_and_not_a_crash(u: int) -> None:
    epk = {"kty": "OKP", "crv": "X25519", "x": b64u(u.to_bytes(32, "little"))}
    with pytest.raises(WeakKey):
        seal.open_sealed(with_header(epk=epk), keys=KEYS, sender_kid=SENDER)


def test_a_compressed_bomb_is_refused_before_it_is_inflated() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bomb = jwe.encrypt_compact(
            {
                "alg": seal.ALG,
                "enc": seal.ENC,
                "zip": "DEF",
                "kid": READER.kid,
                "apu": SENDER,
                "apv": READER.kid,
            },
            b"\0" * 10_000_000,
            OKPKey.import_key(dict(READER.public.jwk)),
            registry=JWERegistry(algorithms=[seal.ALG, seal.ENC, "DEF"]),
        )
    with pytest.raises(WrongHeader):
        seal.open_sealed(bomb, keys=KEYS, sender_kid=SENDER)


@given(st.data())
def test_every_changed_character_is_noticed(data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(SEALED) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda value: value != SEALED[position]))
    with pytest.raises(Refusal):
        changed = SEALED[:position] + character + SEALED[position + 1 :]
        seal.open_sealed(changed, keys=KEYS, sender_kid=SENDER)


def test_an_attachment_opens_with_its_key_alone() -> None:
    blob, key = seal.seal_attachment(b"scan")
    assert seal.open_attachment(blob, key) == b"scan"
    with pytest.raises(DamagedSeal):
        seal.open_attachment(blob, bytes(32))
    with pytest.raises(DamagedSeal):
        seal.open_attachment(blob[:-1] + bytes([blob[-1] ^ 1]), key)
    with pytest.raises(Malformed):
        seal.open_attachment(b"short", key)


def test_an_attachment_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        seal.seal_attachment(bytes(seal.ATTACHMENT_LIMIT + 1))


def test_the_recipient_can_be_read_without_opening() -> None:
    assert seal.recipient_kid(SEALED) == READER.kid

"""Strict curve checks: keys and signatures that libraries accept and that protect nothing are refused."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from schemas.errors import BadSignature, Malformed, WeakKey
from schemas.keys import SealingKey, SealingPublicKey, SigningKey, VerifyingKey

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022
U_ORDER_EIGHT = 39382357235489614581723060781553021112529911719440698176882885853963445705823


def encode(y: int, sign: int = 0) -> bytes:
    """Write a point the way RFC 8032 does, also when y is not reduced."""
    return (y | sign << 255).to_bytes(32, "little")


SMALL_ORDER = [encode(y, sign) for y in (0, 1, P - 1, ORDER_EIGHT, P - ORDER_EIGHT) for sign in (0, 1)]
NOT_CANONICAL = [encode(y, sign) for y in (P, P + 1, P + 2, 2**255 - 1) for sign in (0, 1)]


@pytest.mark.parametrize("raw", SMALL_ORDER + NOT_CANONICAL)
def test_a_weak_ed25519_key_is_refused(raw: bytes) -> None:
    with pytest.raises(WeakKey):
        VerifyingKey.from_raw(raw)


def test_the_library_alone_would_accept_one_signature_for_every_message() -> None:
    identity = encode(1)
    forged = identity + bytes(32)
    Ed25519PublicKey.from_public_bytes(identity).verify(forged, b"any message at all")
    with pytest.raises(WeakKey):
        VerifyingKey.from_raw(identity)


@pytest.mark.parametrize("raw", SMALL_ORDER + NOT_CANONICAL)
def test_a_signature_with_a_weak_commitment_is_refused(raw: bytes) -> None:
    with pytest.raises(BadSignature):
        SigningKey.generate().public.verify(raw + bytes(32), b"message")


def test_the_other_spelling_of_a_signature_is_refused() -> None:
    key = SigningKey.generate()
    signature = key.sign(b"message")
    key.public.verify(signature, b"message")
    s = int.from_bytes(signature[32:], "little") + ORDER
    with pytest.raises(BadSignature):
        key.public.verify(signature[:32] + s.to_bytes(32, "little"), b"message")


@pytest.mark.parametrize("u", [0, 1, P - 1, U_ORDER_EIGHT, P, P + 1, 2**255 - 1, 2**256 - 1])
def test_a_weak_x25519_key_is_refused(u: int) -> None:
    with pytest.raises(WeakKey):
        SealingPublicKey.from_raw(u.to_bytes(32, "little"))


def test_thumbprint_is_the_example_of_rfc_8037() -> None:
    key = VerifyingKey.from_jwk(
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    )
    assert key.kid == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_private_keys_survive_their_file_form() -> None:
    signing, sealing = SigningKey.generate(), SealingKey.generate()
    assert SigningKey.from_pem(signing.to_pem()).kid == signing.kid
    assert SealingKey.from_pem(sealing.to_pem()).kid == sealing.kid


def test_a_key_of_the_other_kind_in_a_file_is_refused() -> None:
    with pytest.raises(Malformed, match="Ed25519"):
        SigningKey.from_pem(SealingKey.generate().to_pem())
    with pytest.raises(Malformed, match="X25519"):
        SealingKey.from_pem(SigningKey.generate().to_pem())
    with pytest.raises(Malformed, match="PEM"):
        SigningKey.from_pem(b"not a key")


def test_private_keys_never_show() -> None:
    key = SigningKey.generate()
    assert key.to_raw().hex() not in repr(key)
    assert "_key" not in repr(key)


@pytest.mark.parametrize(
    "change",
    [
        {"d": "AAAA"},
        {"kty": "EC"},
        {"crv": "X25519"},
        {"x": "AAAA"},
        {"x": 5},
        {"kid": "mine"},
        {"use": "sig"},
    ],
)
def test_a_decorated_or_foreign_jwk_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        VerifyingKey.from_jwk({**SigningKey.generate().public.jwk, **change})

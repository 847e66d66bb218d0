"""Public and private keys: one algorithm for each purpose, strict curve checks in front of the library.

Ed25519 signs (RFC 8032), X25519 seals (RFC 7748). Keys travel as JWK with exactly `kty`, `crv` and `x`
(RFC 8037) and are named by their thumbprint (RFC 7638). Whether a key is in force is not decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from schemas.errors import BadSignature, Malformed, WeakKey
from schemas.wire import b64u, unb64u

Jwk = dict[str, str]

_P = 2**255 - 19
"""The field prime of Curve25519."""
_ORDER = 2**252 + 27742317777372353535851937790883648493
"""The order of the prime subgroup of edwards25519 (RFC 8032 §5.1)."""
_Y_OF_ORDER_EIGHT = 2707385501144840649318225287225658788936804267575313519463743609750303402022
"""One y coordinate of the points of order eight; the other is its negative."""
_WEAK_Y = frozenset({0, 1, _P - 1, _Y_OF_ORDER_EIGHT, _P - _Y_OF_ORDER_EIGHT})
"""y of the eight points of small order: with such a key one signature fits every message."""
_WEAK_U = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""u of the points of small order on Curve25519 and its twist: the shared secret would be public."""


def _strict_point(encoded: bytes) -> int:
    """Give y of an Ed25519 point; refuse y ≥ p (RFC 8032 §5.1.3) and points of small order."""
    y = int.from_bytes(encoded, "little") & (2**255 - 1)
    if y >= _P or y in _WEAK_Y:
        raise WeakKey("An Ed25519 point is of small order or not written in its one canonical form.")
    return y


def _from_jwk(jwk: Mapping[str, Any], curve: str) -> bytes:
    """Give the 32 bytes of an OKP public key; private or decorated JWK are refused."""
    if set(jwk) != {"kty", "crv", "x"} or jwk["kty"] != "OKP" or jwk["crv"] != curve:
        raise Malformed(f"A key here is a public JWK with exactly kty OKP, crv {curve} and x.")
    raw = unb64u(jwk["x"]) if isinstance(jwk["x"], str) else b""
    if len(raw) != 32:  # noqa: PLR2004 - both curves have keys of 32 bytes
        raise Malformed("The key is not 32 bytes long.")
    return raw


def _thumbprint(curve: str, x: str) -> str:
    """Name an OKP key by RFC 7638 (members in lexical order, no white space)."""
    return b64u(hashlib.sha256(f'{{"crv":"{curve}","kty":"OKP","x":"{x}"}}'.encode()).digest())


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """An Ed25519 public key whose curve point was checked."""

    raw: bytes
    kid: str
    _key: Ed25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_raw(cls, raw: bytes) -> VerifyingKey:
        """Take 32 bytes; raise WeakKey for points of small order and non-canonical encodings."""
        _strict_point(raw)
        return cls(raw, _thumbprint("Ed25519", b64u(raw)), Ed25519PublicKey.from_public_bytes(raw))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> VerifyingKey:
        """Take a public JWK; raise Malformed or WeakKey."""
        return cls.from_raw(_from_jwk(jwk, "Ed25519"))

    @property
    def jwk(self) -> Jwk:
        """The key as a public JWK (RFC 8037)."""
        return {"kty": "OKP", "crv": "Ed25519", "x": b64u(self.raw)}

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise BadSignature unless the signature is this key's, in its one accepted form."""
        check_signature_form(signature)
        try:
            self._key.verify(signature, data)
        except InvalidSignature as error:
            raise BadSignature from error


def check_signature_form(signature: bytes) -> None:
    """Refuse what RFC 8032 allows in more than one spelling: R of small order, S not reduced.

    The library accepts some of these; a strict verifier must not (two parties would disagree).
    """
    if len(signature) != 64:  # noqa: PLR2004 - an Ed25519 signature is R and S
        raise BadSignature("An Ed25519 signature has 64 bytes.")
    if int.from_bytes(signature[32:], "little") >= _ORDER:
        raise BadSignature("The signature is not in its canonical form.")
    try:
        _strict_point(signature[:32])
    except WeakKey as error:
        raise BadSignature("The signature is not in its canonical form.") from error


@dataclass(frozen=True, slots=True)
class SealingPublicKey:
    """An X25519 public key that shares no secret with everyone."""

    raw: bytes
    kid: str

    @classmethod
    def from_raw(cls, raw: bytes) -> SealingPublicKey:
        """Take 32 bytes; raise WeakKey for points of small order and non-canonical encodings."""
        u = int.from_bytes(raw, "little")
        if u >= _P or u in _WEAK_U:
            raise WeakKey("An X25519 point is of small order or not written in its one canonical form.")
        return cls(raw, _thumbprint("X25519", b64u(raw)))

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> SealingPublicKey:
        """Take a public JWK; raise Malformed or WeakKey."""
        return cls.from_raw(_from_jwk(jwk, "X25519"))

    @property
    def jwk(self) -> Jwk:
        """The key as a public JWK (RFC 8037)."""
        return {"kty": "OKP", "crv": "X25519", "x": b64u(self.raw)}


_PRIVATE_PEM = (
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key; its bytes never show in a representation."""

    public: VerifyingKey
    _key: Ed25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key from the system's randomness."""
        return cls._of(Ed25519PrivateKey.generate())

    @classmethod
    def from_raw(cls, seed: bytes) -> SigningKey:
        """Take the 32 bytes of RFC 8032's private key."""
        return cls._of(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, pem: bytes) -> SigningKey:
        """Read PKCS #8; raise Malformed for anything but an Ed25519 private key."""
        key = _load_pem(pem)
        if not isinstance(key, Ed25519PrivateKey):
            raise Malformed("The file does not hold an Ed25519 private key.")
        return cls._of(key)

    @classmethod
    def _of(cls, key: Ed25519PrivateKey) -> SigningKey:
        return cls(VerifyingKey.from_raw(key.public_key().public_bytes_raw()), key)

    @property
    def kid(self) -> str:
        """The thumbprint of the public half."""
        return self.public.kid

    def sign(self, data: bytes) -> bytes:
        """Sign; the result is deterministic (RFC 8032)."""
        return self._key.sign(data)

    def to_raw(self) -> bytes:
        """Give the 32 secret bytes, for a keyring to store."""
        return self._key.private_bytes_raw()

    def to_pem(self) -> bytes:
        """Give PKCS #8 without a password: the keyring's file mode protects it."""
        return self._key.private_bytes(*_PRIVATE_PEM)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """An X25519 private key; its bytes never show in a representation."""

    public: SealingPublicKey
    _key: X25519PrivateKey = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> SealingKey:
        """Make a new key from the system's randomness."""
        return cls._of(X25519PrivateKey.generate())

    @classmethod
    def from_raw(cls, scalar: bytes) -> SealingKey:
        """Take the 32 bytes of RFC 7748's scalar."""
        return cls._of(X25519PrivateKey.from_private_bytes(scalar))

    @classmethod
    def from_pem(cls, pem: bytes) -> SealingKey:
        """Read PKCS #8; raise Malformed for anything but an X25519 private key."""
        key = _load_pem(pem)
        if not isinstance(key, X25519PrivateKey):
            raise Malformed("The file does not hold an X25519 private key.")
        return cls._of(key)

    @classmethod
    def _of(cls, key: X25519PrivateKey) -> SealingKey:
        return cls(SealingPublicKey.from_raw(key.public_key().public_bytes_raw()), key)

    @property
    def kid(self) -> str:
        """The thumbprint of the public half."""
        return self.public.kid

    def to_raw(self) -> bytes:
        """Give the 32 secret bytes, for the seal and for a keyring."""
        return self._key.private_bytes_raw()

    def to_pem(self) -> bytes:
        """Give PKCS #8 without a password: the keyring's file mode protects it."""
        return self._key.private_bytes(*_PRIVATE_PEM)


def _load_pem(pem: bytes) -> object:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise Malformed(
            "The file does not hold a private key in PEM (PKCS #8) without a password."
        ) from error

"""Public keys of passkeys: the three algorithms that authenticators use, from a JWK, by `cryptography` alone.

ES256 (RFC 7518 §3.4, with the DER signatures of WebAuthn), Ed25519 (RFC 8032) and RS256 (RFC 7518 §3.3).
The algorithm follows from the key; nothing in a message can choose it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from marshmallow import ValidationError

from schemas.errors import BadSignature, Malformed, ProofRefused, WeakKey
from schemas.keys import VerifyingKey
from schemas.messages.fields import Bytes64, Checked, Exactly, SigningJwkSchema, Spelled, Strict, Thumbprint
from schemas.wire import b64u, canonical, unb64u

_EC_MEMBERS = frozenset({"kty", "crv", "x", "y"})
_RSA_MEMBERS = frozenset({"kty", "n", "e"})
_EC_BYTES = 32
_RSA_BITS = range(2048, 4097)
_RSA_EXPONENT = b"\x01\x00\x01"

_Key = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | VerifyingKey


@dataclass(frozen=True, slots=True)
class PasskeyKey:
    """A passkey's public key, checked to be on its curve or of sufficient length."""

    jwk: Mapping[str, str]
    kid: str
    _key: _Key = field(repr=False, compare=False)

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, Any]) -> PasskeyKey:
        """Take a public JWK with exactly the members of its kind; raise Malformed or WeakKey."""
        if not all(isinstance(value, str) for value in jwk.values()):
            raise Malformed("The members of a JWK are strings.")
        kind = jwk.get("kty")
        if kind == "OKP":
            key: _Key = VerifyingKey.from_jwk(jwk)
        elif kind == "EC":
            key = _elliptic(jwk)
        elif kind == "RSA":
            key = _rsa(jwk)
        else:
            raise Malformed("A passkey's key is EC, OKP or RSA.")
        return cls(dict(jwk), b64u(hashlib.sha256(canonical(jwk)).digest()), key)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raise ProofRefused unless the signature is this key's."""
        try:
            if isinstance(self._key, VerifyingKey):
                self._key.verify(signature, data)
            elif isinstance(self._key, rsa.RSAPublicKey):
                self._key.verify(signature, data, padding.PKCS1v15(), SHA256())
            else:
                self._key.verify(signature, data, ec.ECDSA(SHA256()))
        except (InvalidSignature, BadSignature) as error:
            raise ProofRefused("The passkey's signature does not fit.", reason="signature") from error


def _elliptic(jwk: Mapping[str, str]) -> ec.EllipticCurvePublicKey:
    if set(jwk) != _EC_MEMBERS or jwk["crv"] != "P-256":
        raise Malformed("An EC key of a passkey has exactly kty, crv P-256, x and y.")
    x, y = unb64u(jwk["x"]), unb64u(jwk["y"])
    if len(x) != _EC_BYTES or len(y) != _EC_BYTES:
        raise Malformed("The coordinates of a P-256 key have 32 bytes.")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1())
    try:
        return numbers.public_key()
    except ValueError as error:
        raise WeakKey("The point is not on the curve.") from error


def _rsa(jwk: Mapping[str, str]) -> rsa.RSAPublicKey:
    if set(jwk) != _RSA_MEMBERS:
        raise Malformed("An RSA key of a passkey has exactly kty, n and e.")
    modulus, exponent = unb64u(jwk["n"]), unb64u(jwk["e"])
    number = int.from_bytes(modulus)
    if number.bit_length() not in _RSA_BITS or exponent != _RSA_EXPONENT or not number & 1:
        raise WeakKey("An RSA key of a passkey has 2048 to 4096 bits and the exponent 65537.")
    if modulus[0] == 0:
        raise Malformed("The modulus is written without leading zeros.")
    return rsa.RSAPublicNumbers(int.from_bytes(exponent), number).public_key()


def passkey_kid(jwk: Mapping[str, Any]) -> str:
    """Give the thumbprint of a passkey's public key (RFC 7638); raise Malformed or WeakKey."""
    return PasskeyKey.from_jwk(jwk).kid


class _EcSchema(Strict):
    kty = Exactly("EC")
    crv = Exactly("P-256")
    x = Thumbprint(required=True)
    y = Thumbprint(required=True)


class _RsaSchema(Strict):
    kty = Exactly("RSA")
    n = Bytes64(shortest=256, longest=512, required=True)
    e = Exactly("AQAB")


class PasskeyJwk(Checked[PasskeyKey]):
    """A passkey's public key in a seat."""

    published = (_EcSchema, SigningJwkSchema, _RsaSchema)

    def take(self, value: Any) -> PasskeyKey:
        """Read the key; WeakKey goes through, so that the sender learns what is wrong with it."""
        if type(value) is not dict:
            raise ValidationError("Takes a public key as JWK.")
        try:
            return PasskeyKey.from_jwk(value)
        except Malformed as error:
            raise ValidationError(error.detail) from error


_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"


class HostName(Spelled):
    """A site by its name, as WebAuthn's relying party id."""

    spelling = re.compile(
        r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
    )
    says = "Takes a host name in lower case."


class Origin(Spelled):
    """Scheme, host and port of a page; plain http on the reader's own machine only."""

    spelling = re.compile(
        r"https://[a-z0-9.-]{1,253}(?::[1-9][0-9]{0,4})?|http://localhost(?::[1-9][0-9]{0,4})?"
    )
    says = "Takes an https origin without a path."

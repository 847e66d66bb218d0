"""Keys that everybody knows. They are for tests of this and other implementations, and for nothing else."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from schemas.keys import SealingKey, SigningKey
from schemas.wire import b64u

WARNING = "TEST KEYS: published with the vectors, so that anyone can sign with them. Never enrol one."
SIGNERS = ("north-office", "south-agency", "citizens-portal", "coordinator", "stranger")
READERS = ("north-office", "south-agency", "citizen")


def seed(purpose: str, name: str) -> bytes:
    """Derive 32 bytes from a name, so that the vectors can be made again."""
    return hashlib.sha256(f"accord/test-key/{purpose}/{name}".encode()).digest()


SIGNING = {name: SigningKey.from_raw(seed("sign", name)) for name in SIGNERS}
SEALING = {name: SealingKey.from_raw(seed("seal", name)) for name in READERS}
PASSKEY_ES256 = ec.derive_private_key(int.from_bytes(seed("passkey", "es256")) >> 1, ec.SECP256R1())
PASSKEY_ED25519 = SigningKey.from_raw(seed("passkey", "ed25519"))

_PRIME_P = int(
    "dc66d171104d4797e231a7cb5c42cec2f3614aab135a7369b75bc6b4f00077ef"
    "089f464a729120c1e426c4a0b047d971f3dba9498ca9481eac983f4fcfcfb572"
    "e5830e595e606e9e01d7bfa62ec2cd82f25be2d6225b56b430304542872118c5"
    "8a155ec13588015e979dd0f27392f544163801c033d015be8a01ff85b9e1889f",
    16,
)
_PRIME_Q = int(
    "ba8651294d39ca49c50c88c3056e9ea50ef096aba92e077dd266f82a992f4a10"
    "f59a1af3c6493bcaccd292771993023059d8f9788a3a9c24b5cc795d7bb6723a"
    "320ee09455563d98ba6a2e02eec788e9c3ca95167b52c016fd4cca1ee166817b"
    "2218d1af50157740b6dd46102eec5b5f545c75032ba2234ebf5395a5887be739",
    16,
)
"""Primes of an RSA key, made once at random; the key signs for a passkey of the vectors."""


def es256_jwk() -> dict[str, str]:
    """Give the P-256 passkey's public key."""
    numbers = PASSKEY_ES256.public_key().public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": b64u(numbers.x.to_bytes(32)), "y": b64u(numbers.y.to_bytes(32))}


def rs256_jwk() -> dict[str, str]:
    """Give the RSA passkey's public key."""
    numbers = rs256().public_key().public_numbers()
    return {"kty": "RSA", "n": b64u(numbers.n.to_bytes(256)), "e": b64u(numbers.e.to_bytes(3))}


def rs256() -> rsa.RSAPrivateKey:
    """Build the RSA passkey from its two primes."""
    p, q, e = _PRIME_P, _PRIME_Q, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(e, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return numbers.private_key()

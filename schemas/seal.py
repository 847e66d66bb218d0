"""For one reader: seals a statement so that only the recipient's key opens it, and opens it again.

JWE compact, ECDH-ES+A256KW with X25519 and A256GCM (RFC 7518, RFC 8037), one for each recipient: with a
shared content key one recipient could seal other content for the rest. The thumbprints of sender and
recipient enter the key derivation (`apu`, `apv`), so a wrong name gives a wrong key.
The plaintext is padded to whole kilobytes: its exact length would say what kind of record it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwe import JWERegistry
from joserfc.jwk import OKPKey

from schemas.errors import DamagedSeal, Malformed, NotForThisKey, TooLarge, WrongHeader
from schemas.keys import SealingKey, SealingPublicKey
from schemas.wire import MESSAGE_LIMIT, b64u, parse, split_compact, unb64u

ALG = "ECDH-ES+A256KW"
ENC = "A256GCM"
ATTACHMENT_LIMIT = 25 * 1024 * 1024
"""Bytes of one attachment before sealing: a scanned file of many pages."""
_BUCKET = 1024
_NONCE_BYTES = 12
_KEY_BYTES = 32


class _Registry(JWERegistry):
    """The library's limits, raised to the protocol's message size (it refuses over 64 KiB otherwise)."""

    max_ciphertext_length: ClassVar[int] = MESSAGE_LIMIT * 4 // 3  # type: ignore[misc]  # declared on instances


_REGISTRY = _Registry(algorithms=[ALG, ENC])


def seal(plaintext: bytes, *, to: SealingPublicKey, sender_kid: str) -> str:
    """Seal for one recipient; a fresh ephemeral key each time."""
    header = {"alg": ALG, "enc": ENC, "kid": to.kid, "apu": sender_kid, "apv": to.kid}
    return jwe.encrypt_compact(header, _pad(plaintext), _public(to.raw), registry=_REGISTRY)


def open_sealed(sealed: str, *, keys: Mapping[str, SealingKey], sender_kid: str) -> bytes:
    """Open what was sealed for one of `keys` by the sender whose signing key is `sender_kid`.

    1. five parts, strict base64url, bounded
    2. header exactly alg, enc, kid, apu, apv, epk     (zip bombs, other algorithms, injected keys)
    3. epk is a canonical X25519 point of full order   (contributory behaviour, RFC 7748 §6.1)
    4. kid is a key held here; apu and apv are the two parties
    Raises Malformed, WrongHeader, WeakKey, NotForThisKey or DamagedSeal.
    """
    parts = split_compact(sealed.encode(), 5, limit=MESSAGE_LIMIT * 2)
    for part in parts:
        unb64u(part)
    kid = _check_header(unb64u(parts[0]), sender_kid)
    key = keys.get(kid)
    if key is None:
        raise NotForThisKey("It is sealed for a key that is not held here.", kid=kid)
    try:
        plaintext = jwe.decrypt_compact(sealed, _private(key), registry=_REGISTRY).plaintext
    except (JoseError, ValueError, InvalidTag) as error:
        raise DamagedSeal(kid=kid) from error
    if plaintext is None:
        raise DamagedSeal(kid=kid)
    return plaintext.rstrip(b" ")


def recipient_kid(sealed: str) -> str:
    """Give the thumbprint of the key for which something is sealed, without opening it."""
    header = parse(unb64u(split_compact(sealed.encode(), 5, limit=MESSAGE_LIMIT * 2)[0]), limit=1024)
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise WrongHeader("The header of sealed content names its key.")
    return kid


def seal_attachment(data: bytes) -> tuple[bytes, bytes]:
    """Seal a file under a key of its own; gives the blob to upload and the key to put into a statement."""
    if len(data) > ATTACHMENT_LIMIT:
        raise TooLarge(f"An attachment has at most {ATTACHMENT_LIMIT} bytes.", limit=ATTACHMENT_LIMIT)
    key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, None), key


def open_attachment(blob: bytes, key: bytes) -> bytes:
    """Open an attachment with the key that its statement holds; raise Malformed or DamagedSeal."""
    if len(blob) <= _NONCE_BYTES or len(key) != _KEY_BYTES:
        raise Malformed("A sealed attachment has a nonce, content and a key of 32 bytes.")
    try:
        return AESGCM(key).decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], None)
    except InvalidTag as error:
        raise DamagedSeal("The attachment was changed, or the key is another's.") from error


def _pad(plaintext: bytes) -> bytes:
    """Fill with spaces, which neither a compact token nor JSON ends with."""
    return plaintext + b" " * (-len(plaintext) % _BUCKET)


def _check_header(header: bytes, sender_kid: str) -> str:
    members = parse(header, limit=1024)
    if set(members) != {"alg", "enc", "kid", "apu", "apv", "epk"}:
        raise WrongHeader("The header of sealed content has exactly alg, enc, kid, apu, apv and epk.")
    if members["alg"] != ALG or members["enc"] != ENC:
        raise WrongHeader(f"Content is sealed with {ALG} and {ENC}.")
    if not isinstance(members["epk"], dict):
        raise WrongHeader("The ephemeral key is a JWK.")
    SealingPublicKey.from_jwk(members["epk"])
    kid = members["kid"]
    if not isinstance(kid, str) or members["apv"] != kid or members["apu"] != sender_kid:
        raise NotForThisKey("It is sealed between other parties than the message says.")
    return kid


@lru_cache(maxsize=4096)
def _public(raw: bytes) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "X25519", "x": b64u(raw)})


@lru_cache(maxsize=64)
def _private(key: SealingKey) -> OKPKey:
    return OKPKey.import_key({**key.public.jwk, "d": b64u(key.to_raw())})

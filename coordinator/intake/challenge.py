"""Proof that a member can open what is sealed for it, without remembering whom was asked.

The challenge is `expiry . HMAC(secret, sealing kid . expiry)` as text, sealed for the key in question: only
who opened it can send it back. The secret is derived from the coordinator's own key, so every process has
the same one.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from schemas.errors import WrongCode
from schemas.instant import to_ms
from schemas.keys import SealingPublicKey, SigningKey
from schemas.seal import seal
from schemas.wire import b64u

CHALLENGE_LIFE = timedelta(minutes=15)


def challenge_secret(key: SigningKey) -> bytes:
    """Derive the secret from the coordinator's key, for this purpose only."""
    return hashlib.sha256(b"accord/challenge/1\x00" + key.to_raw()).digest()


def new_challenge(to: SealingPublicKey, *, now: datetime, secret: bytes, sender_kid: str) -> str:
    """Seal a fresh challenge for a key."""
    expiry = str(to_ms(now + CHALLENGE_LIFE))
    return seal(f"{expiry}.{_tag(to.kid, expiry, secret)}".encode(), to=to, sender_kid=sender_kid)


def check_challenge(answer: bytes, *, seal_kid: str, now: datetime, secret: bytes) -> None:
    """Raise WrongCode unless this is the plaintext of a challenge for this key that has not expired."""
    expiry, _, tag = answer.decode("ascii", "replace").partition(".")
    if not hmac.compare_digest(tag.encode(), _tag(seal_kid, expiry, secret).encode()):
        raise WrongCode("The challenge was not made for this key.", kid=seal_kid)
    if int(expiry) < to_ms(now):
        raise WrongCode("The challenge has expired.", remedy="Ask for a new one.", kid=seal_kid)


def _tag(kid: str, expiry: str, secret: bytes) -> str:
    return b64u(hmac.digest(secret, f"{kid}.{expiry}".encode(), "sha256"))

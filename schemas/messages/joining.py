"""How a citizen's seat is bound to a one-time code given in person, not to whoever carries the message.

The invitation commits to the code, joining proves knowledge of it over the thumbprints of the seat's keys.
A code has at least 80 bits, so that the commitment cannot be searched.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from schemas.errors import WrongCode
from schemas.wire import b64u

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that are not mistaken for each other when they are read aloud or copied by hand."""
_CODE_LENGTH = 20


def new_code() -> str:
    """Make a code of 100 bits, in groups of five."""
    signs = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(signs[start : start + 5] for start in range(0, _CODE_LENGTH, 5))


def commitment(code: str) -> str:
    """Give what the invitation carries instead of the code, in hexadecimal."""
    return hashlib.sha256(b"accord/invite/1\x00" + _plain(code)).hexdigest()


def join_proof(code: str, *, invitation: str, sealing_kid: str, passkey_kids: Iterable[str]) -> str:
    """Bind the seat's keys to the code: HMAC over the invitation and the thumbprints, passkeys sorted."""
    key = hashlib.sha256(b"accord/join/1\x00" + _plain(code)).digest()
    bound = ".".join([invitation, sealing_kid, *sorted(passkey_kids)])
    return b64u(hmac.digest(key, bound.encode(), "sha256"))


def check_join_proof(
    proof: str, code: str, *, invitation: str, sealing_kid: str, passkey_kids: Iterable[str]
) -> None:
    """Raise WrongCode unless the proof was made with this code over these keys."""
    expected = join_proof(code, invitation=invitation, sealing_kid=sealing_kid, passkey_kids=passkey_kids)
    if not hmac.compare_digest(expected, proof):
        raise WrongCode("The keys of the seat were not bound with this code.", invitation=invitation)


def _plain(code: str) -> bytes:
    """Drop the grouping and the case in which a person types a code."""
    return code.replace("-", "").replace(" ", "").upper().encode()

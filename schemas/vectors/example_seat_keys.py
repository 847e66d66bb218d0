"""The example of a change of passkeys: one is added, confirmed by the one with which the citizen joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas import instant
from schemas.seat_keys import seat_keys_challenge
from schemas.vectors.assertion import assertion
from schemas.vectors.known_keys import PASSKEY_ED25519
from schemas.wire import b64u

RP_ID = "portal.example"
ORIGIN = "https://portal.example"


def added() -> dict[str, Any]:
    """Give the passkey that is added."""
    return {
        "credential": b64u(b"credential-2"),
        "jwk": PASSKEY_ED25519.public.jwk,
        "rp_id": RP_ID,
        "origins": [ORIGIN],
    }


def confirmed(*, case: str, at: str, end: Sequence[str] = (), **made: Any) -> dict[str, str]:
    """Give an assertion over adding it; `over` signs another challenge, the rest changes the assertion."""
    challenge = made.pop("over", None) or seat_keys_challenge(case, [added()], end, instant.parse(at))
    return assertion(challenge, **{"rp_id": RP_ID, "origin": ORIGIN, **made})


def body(*, case: str, at: str) -> dict[str, Any]:
    """Give the body of a `case.keys`."""
    return {"add": [added()], "end": [], "proof": confirmed(case=case, at=at)}

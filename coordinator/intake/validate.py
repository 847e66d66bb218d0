"""Step 2 of the way in: does it say something, in its type's words? Gives a Message.

Checks the envelope, the open body, and that everything sealed names the key it is for. For one who enrols it
also checks that the new sealing key is possessed. It does not know what is in force.
"""

from __future__ import annotations

from datetime import datetime

from coordinator.intake.challenge import check_challenge
from schemas.keys import SealingPublicKey
from schemas.message import Verified
from schemas.messages.envelope import load
from schemas.messages.shape import Message
from schemas.wire import unb64u

ENROL = "member.enrol/1"


def validate(verified: Verified, *, now: datetime, secret: bytes) -> Message:
    """Check what was verified; raise Invalid, UnknownType, or WrongCode for a challenge not opened."""
    message = load(verified)
    if message.type == ENROL and message.body is not None:
        seal = SealingPublicKey.from_jwk(message.body["keys"]["seal"])
        answer = unb64u(message.body["challenge"])
        check_challenge(answer, seal_kid=seal.kid, now=now, secret=secret)
    return message

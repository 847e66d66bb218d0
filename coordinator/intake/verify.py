"""Step 1 of the way in: whose bytes are these? Gives a Verified, from `schemas.message.verify`.

Keys come from the directory by thumbprint, never from the message; but for one who enrols, whose key the
message brings and whose code is checked later. A key once known is kept: a thumbprint never means another
key, and whether it is still in force is judged with the register. What is refused here is neither stored
nor logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import Any

from sqlalchemy import Engine, select

from coordinator.database.engine import reading
from coordinator.database.tables import member_keys
from schemas.errors import Malformed, UnknownKey
from schemas.keys import VerifyingKey
from schemas.message import Verified
from schemas.message import verify as verify_signature

ENROL = "member.enrol/1"
KEPT_KEYS = 20_000


class Directory:
    """Thumbprint → key and owner, read once from the database."""

    def __init__(self, engine: Engine) -> None:
        """Begin empty."""
        self._engine = engine
        self._known: dict[str, tuple[str, VerifyingKey]] = {}
        self._lock = Lock()

    def key_for(self, kid: str, payload: Mapping[str, Any]) -> VerifyingKey:
        """Give the key if it is the sender's; raise UnknownKey before anything else is done."""
        if payload.get("type") == ENROL:
            return _own_key(payload)
        owner, key = self._known.get(kid) or self._read(kid)
        if owner != payload.get("from"):
            raise UnknownKey("The key is not one of the sender's.", kid=kid)
        return key

    def _read(self, kid: str) -> tuple[str, VerifyingKey]:
        with reading(self._engine) as connection:
            row = connection.execute(
                select(member_keys.c.member, member_keys.c.jwk).where(
                    member_keys.c.kid == kid, member_keys.c.use == "sign"
                )
            ).first()
        if row is None:
            raise UnknownKey(kid=kid, remedy="Enrol, or have the key added by one that is in force.")
        found = (row.member, VerifyingKey.from_jwk(row.jwk))
        with self._lock:
            if len(self._known) >= KEPT_KEYS:
                self._known.clear()
            self._known[kid] = found
        return found


def verify(raw: bytes, directory: Directory) -> Verified:
    """Check the signature of a message against the directory."""
    return verify_signature(raw, directory.key_for)


def _own_key(payload: Mapping[str, Any]) -> VerifyingKey:
    try:
        return VerifyingKey.from_jwk(payload["body"]["keys"]["sign"])
    except (KeyError, TypeError) as error:
        raise Malformed("An enrolment brings its keys.") from error

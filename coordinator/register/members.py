"""Members and their keys: who takes part, and which key was theirs when.

Loads rows by id, gives frozen values, writes changed ones back. A key that has ended is refused whatever time
the message names, because whoever stole it can write any time into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from coordinator.database.one_of import Lookup, json_of, one_of
from coordinator.database.tables import member_keys, members
from coordinator.register.rows import write
from schemas.errors import KeyNotInForce, MemberNotActive
from schemas.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation that takes part."""

    id: str
    kind: str
    name: str
    status: str
    enrolled_at: datetime
    document: Mapping[str, Any]

    def check_active(self) -> None:
        """Raise MemberNotActive once the member has left."""
        if self.status != "active":
            raise MemberNotActive(member=self.id)


@dataclass(frozen=True, slots=True)
class Key:
    """A public key of a member, with the time for which it speaks."""

    kid: str
    member: str
    use: str
    jwk: Mapping[str, str]
    valid_from: datetime
    valid_until: datetime
    ended_at: datetime | None

    def check_in_force(self, *, use: str, at: datetime, now: datetime) -> None:
        """Raise KeyNotInForce unless the key was in force at `at` and has not been ended by `now`."""
        if self.use != use:
            raise KeyNotInForce(f"The key is not one to {use} with.", kid=self.kid)
        if not self.valid_from <= at < self.valid_until:
            raise KeyNotInForce("The key was not in force at the time of the message.", kid=self.kid)
        if self.ended_at is not None and self.ended_at <= now:
            raise KeyNotInForce("The key was ended by its member.", kid=self.kid)


MEMBERS = Lookup(select(members).where(one_of(members.c.id, "ids")))
KEYS = Lookup(select(member_keys).where(one_of(member_keys.c.kid, "kids")))
_KEYS_OF = Lookup(select(member_keys).where(one_of(member_keys.c.member, "members")))


def load_members(connection: Connection, ids: Iterable[str]) -> dict[str, Member]:
    """Give the members of these ids that exist."""
    rows = MEMBERS.all(connection, ids)
    return {
        row.id: Member(
            row.id, row.kind, row.name, row.status, from_ms(row.enrolled_at), json_of(row.document)
        )
        for row in rows
    }


def load_keys(connection: Connection, kids: Iterable[str]) -> dict[str, Key]:
    """Give the keys of these thumbprints that exist."""
    return {row.kid: _key(row) for row in KEYS.all(connection, kids)}


def load_keys_of(connection: Connection, ids: Iterable[str]) -> dict[str, Key]:
    """Give all keys that these members ever had."""
    return {row.kid: _key(row) for row in _KEYS_OF.all(connection, ids)}


def save_members(connection: Connection, changed: Iterable[Member]) -> None:
    """Write members as they are now."""
    write(
        connection,
        members,
        [
            {
                "id": member.id,
                "kind": member.kind,
                "name": member.name,
                "status": member.status,
                "enrolled_at": to_ms(member.enrolled_at),
                "document": dict(member.document),
            }
            for member in changed
        ],
    )


def save_keys(connection: Connection, changed: Iterable[Key]) -> None:
    """Write keys as they are now."""
    write(
        connection,
        member_keys,
        [
            {
                "kid": key.kid,
                "member": key.member,
                "use": key.use,
                "jwk": dict(key.jwk),
                "valid_from": to_ms(key.valid_from),
                "valid_until": to_ms(key.valid_until),
                "ended_at": to_ms(key.ended_at) if key.ended_at else None,
            }
            for key in changed
        ],
    )


def _key(row: Any) -> Key:
    return Key(
        kid=row.kid,
        member=row.member,
        use=row.use,
        jwk=json_of(row.jwk),
        valid_from=from_ms(row.valid_from),
        valid_until=from_ms(row.valid_until),
        ended_at=None if row.ended_at is None else from_ms(row.ended_at),
    )

"""The members as pinned here: their first key, and every key that was proven to follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connectors.exchange.store.rows import write
from connectors.exchange.store.tables import members
from schemas import instant
from schemas.errors import KeyNotInForce, UnknownKey
from schemas.keys import SealingPublicKey, VerifyingKey


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A public key of a member and the time for which it speaks (instants in the protocol's spelling)."""

    kid: str
    use: str
    jwk: Mapping[str, str]
    valid_from: str
    valid_until: str
    ended_at: str | None = None

    def in_force(self, at: str, admitted_at: str | None = None) -> bool:
        """Say whether it spoke for its member at `at`, and had not been ended when that was admitted.

        The end is compared with the coordinator's time: whoever stole a key can write any time into a
        message.
        """
        ended = self.ended_at is not None and self.ended_at <= (admitted_at or at)
        return self.valid_from <= at < self.valid_until and not ended


@dataclass(frozen=True, slots=True)
class PinnedMember:
    """A member whose keys were proven from the first one on."""

    id: str
    kind: str
    name: str
    status: str
    first_kid: str
    keys: tuple[KnownKey, ...]
    chain: tuple[str, ...]

    def verifying_key(self, kid: str) -> VerifyingKey:
        """Give the signing key of this thumbprint, in force or not; raise UnknownKey."""
        for key in self.keys:
            if key.kid == kid and key.use == "sign":
                return VerifyingKey.from_jwk(key.jwk)
        raise UnknownKey("The member has no signing key of this thumbprint.", member=self.id, kid=kid)

    def check_in_force(self, kid: str, at: datetime, admitted_at: datetime) -> None:
        """Raise KeyNotInForce unless the signing key spoke for the member then."""
        times = instant.format(at), instant.format(admitted_at)
        for key in self.keys:
            if key.kid == kid and key.use == "sign" and key.in_force(*times):
                return
        raise KeyNotInForce(member=self.id, kid=kid)

    def sealing_key(self, at: datetime) -> SealingPublicKey:
        """Give the newest key in force to seal for the member; raise KeyNotInForce."""
        for key in reversed(self.keys):
            if key.use == "seal" and key.in_force(instant.format(at)):
                return SealingPublicKey.from_jwk(key.jwk)
        raise KeyNotInForce(
            "The member has no sealing key in force.",
            remedy="Ask the member to rotate its keys.",
            member=self.id,
        )


def find(connection: Connection, member: str) -> PinnedMember | None:
    """Give a member as pinned."""
    row = connection.execute(select(members).where(members.c.id == member)).one_or_none()
    if row is None:
        return None
    keys = tuple(KnownKey(**key) for key in row.keys)
    return PinnedMember(row.id, row.kind, row.name, row.status, row.first_kid, keys, tuple(row.chain))


def keep(connection: Connection, member: PinnedMember, now: datetime) -> None:
    """Write a member down as proven."""
    values = {
        "id": member.id,
        "kind": member.kind,
        "name": member.name,
        "status": member.status,
        "first_kid": member.first_kid,
        "keys": [asdict(key) for key in member.keys],
        "chain": list(member.chain),
        "checked_at": instant.to_ms(now),
    }
    write(connection, members, values)


def names(connection: Connection) -> Sequence[tuple[str, str, str]]:
    """List id, name and kind of every member known here."""
    rows = connection.execute(select(members.c.id, members.c.name, members.c.kind).order_by(members.c.id))
    return [(row.id, row.name, row.kind) for row in rows]

"""Cases and their seats: who sits in which case, since whose invitation, with which keys.

Loads whole cases, gives frozen values, writes changed ones back. It decides nothing about who may sit where.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from coordinator.database.one_of import Lookup, one_of
from coordinator.database.tables import cases, seats
from coordinator.register.rows import write
from schemas.errors import CaseClosed
from schemas.instant import from_ms, to_ms
from schemas.seat_keys import SeatPasskeys


@dataclass(frozen=True, slots=True)
class Case:
    """A circle of seats, with no name but its random id."""

    id: str
    opened_by: str
    status: str
    opened_at: datetime

    def check_open(self) -> None:
        """Raise CaseClosed after the case was closed."""
        if self.status != "open":
            raise CaseClosed(case=self.id)


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a case; the citizen's is held by the portal that serves them."""

    case: str
    member: str
    kind: str
    status: str
    sealing_kid: str | None = None
    keys: str | None = None
    invitation: str | None = None
    invited_by: str | None = None
    joined: str | None = None
    attested: str | None = None
    rests_on: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether the seat may be used now."""
        return self.status == "active"

    def known_keys(self) -> Mapping[str, Any]:
        """Give the sealing key and the passkeys of the citizen's seat, with what was said about them."""
        return json.loads(self.keys) if self.keys else {}

    def passkeys(self) -> SeatPasskeys:
        """Give all passkeys that the seat has or had, with their places in the order of decisions."""
        return SeatPasskeys.from_json(self.known_keys().get("passkeys", ()))

    def key_messages(self) -> list[tuple[str, str]]:
        """Give id and sender of what was said about the passkeys after joining, in its order."""
        return [(said[0], said[1]) for said in self.known_keys().get("said", ())]


CASES = Lookup(select(cases).where(one_of(cases.c.id, "ids")))
SEATS = Lookup(select(seats).where(one_of(seats.c.case, "ids")))

_SEATS_OF = Lookup(
    select(seats.c.case, seats.c.kind, seats.c.status).where(one_of(seats.c.member, "members"))
)


def load_cases(connection: Connection, ids: Iterable[str]) -> dict[str, Case]:
    """Give the cases of these ids that exist."""
    rows = CASES.all(connection, ids)
    return {row.id: Case(row.id, row.opened_by, row.status, from_ms(row.opened_at)) for row in rows}


def load_seats(connection: Connection, ids: Iterable[str]) -> dict[str, dict[str, Seat]]:
    """Give all seats of these cases: case → member → seat."""
    found: dict[str, dict[str, Seat]] = {}
    for row in SEATS.all(connection, ids):
        found.setdefault(row.case, {})[row.member] = Seat(*row)
    return found


def cases_of(connection: Connection, members: Iterable[str]) -> tuple[set[str], set[str]]:
    """Give the cases in which these members have a seat, and those of them in which it is the citizen's."""
    rows = [row for row in _SEATS_OF.all(connection, members) if row.status != "ended"]
    return {row.case for row in rows}, {row.case for row in rows if row.kind == "citizen"}


def save_cases(connection: Connection, changed: Iterable[Case]) -> None:
    """Write cases as they are now."""
    rows = [
        {
            "id": case.id,
            "opened_by": case.opened_by,
            "status": case.status,
            "opened_at": to_ms(case.opened_at),
        }
        for case in changed
    ]
    write(connection, cases, rows)


def save_seats(connection: Connection, changed: Iterable[Seat]) -> None:
    """Write seats as they are now."""
    names = [column.name for column in seats.columns]
    write(connection, seats, [{name: getattr(seat, name) for name in names} for seat in changed])

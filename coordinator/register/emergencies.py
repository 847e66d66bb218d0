"""Emergencies: who broke the glass in which case, for what, until when, and whether it was told and reviewed.

Loads rows by id, gives frozen values, writes changed ones back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from coordinator.database.one_of import Lookup, json_of, one_of
from coordinator.database.tables import emergencies
from coordinator.register.rows import write
from schemas.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class Emergency:
    """Access without consent for at most a day, told to the citizen and reviewed by someone else."""

    id: str
    case: str
    member: str
    agreement: str
    categories: tuple[str, ...]
    opened_at: datetime
    until: datetime
    notice: Mapping[str, Any]
    seq: int
    tell_at: datetime
    told_at: datetime | None
    reviewed: str
    outcome: str | None


_BY_ID = Lookup(select(emergencies).where(one_of(emergencies.c.id, "ids")))


def load_emergencies(connection: Connection, ids: Iterable[str]) -> dict[str, Emergency]:
    """Give the emergencies of these ids that exist."""
    return {row.id: emergency_of(row) for row in _BY_ID.all(connection, ids)}


def save_emergencies(connection: Connection, changed: Iterable[Emergency]) -> None:
    """Write emergencies as they are now."""
    write(connection, emergencies, [_row(emergency) for emergency in changed])


def emergency_of(row: Any) -> Emergency:
    """Read a row of the table."""
    return Emergency(
        id=row.id,
        case=row.case,
        member=row.member,
        agreement=row.agreement,
        categories=tuple(json_of(row.categories)),
        opened_at=from_ms(row.opened_at),
        until=from_ms(row.until),
        notice=json_of(row.notice),
        seq=row.seq,
        tell_at=from_ms(row.tell_at),
        told_at=None if row.told_at is None else from_ms(row.told_at),
        reviewed=row.reviewed,
        outcome=row.outcome,
    )


def _row(emergency: Emergency) -> dict[str, Any]:
    return {
        "id": emergency.id,
        "case": emergency.case,
        "member": emergency.member,
        "agreement": emergency.agreement,
        "categories": list(emergency.categories),
        "opened_at": to_ms(emergency.opened_at),
        "until": to_ms(emergency.until),
        "notice": dict(emergency.notice),
        "seq": emergency.seq,
        "tell_at": to_ms(emergency.tell_at),
        "told_at": None if emergency.told_at is None else to_ms(emergency.told_at),
        "reviewed": emergency.reviewed,
        "outcome": emergency.outcome,
    }

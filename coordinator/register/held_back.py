"""What is held back from citizens: which message, in which case, until when.

Loads rows by the messages' ids, adds new ones. Rows go when the citizen was told, which the clock does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from coordinator.database.one_of import Lookup, one_of
from coordinator.database.tables import held_back
from coordinator.register.rows import write
from schemas.instant import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A message of which the citizen is told at an instant, or with the emergency on which it rests."""

    seq: int
    id: str
    case: str
    tell_at: datetime
    emergency: str | None


_BY_ID = Lookup(held_back.select().where(one_of(held_back.c.id, "ids")))


def load_held_back(connection: Connection, ids: Iterable[str]) -> dict[tuple[str, str], HeldBack]:
    """Give what of these messages is held back now, by case and message."""
    return {
        (row.case, row.id): HeldBack(row.seq, row.id, row.case, from_ms(row.tell_at), row.emergency)
        for row in _BY_ID.all(connection, ids)
    }


def save_held_back(connection: Connection, added: Iterable[HeldBack]) -> None:
    """Write down what is held back from now on."""
    write(
        connection,
        held_back,
        [
            {
                "seq": each.seq,
                "id": each.id,
                "case": each.case,
                "tell_at": to_ms(each.tell_at),
                "emergency": each.emergency,
            }
            for each in added
        ],
    )

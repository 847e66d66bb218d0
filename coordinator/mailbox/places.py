"""Where admitted messages stand in the log: place in the order of decisions → index."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from coordinator.database.tables import log_entries


def indexes_of(connection: Connection, seqs: Iterable[int]) -> dict[int, int]:
    """Give the index of each message that has one already."""
    found: dict[int, int] = {}
    for seq in set(seqs):
        index = connection.execute(
            select(log_entries.c.index).where(log_entries.c.message_seq == seq)
        ).scalar_one_or_none()
        if index is not None:
            found[seq] = index
    return found

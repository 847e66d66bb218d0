"""The statements that sequencing runs, written for both databases: few, of constant text, each for many rows.

PostgreSQL gets one array for each column, so that a batch of any length is one round trip, and gets it in
binary (`%b`), because writing arrays as text costs a third of a commit; SQLite has no round trips and gets
the rows. They bypass the statement builder because they run inside every commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from coordinator.database.driver import run, run_for_each


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in the words of either database."""

    sqlite: str
    postgresql: str

    def for_each(self, connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run it for many rows; nothing happens for none."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            run(connection, self.postgresql, tuple(list(column) for column in zip(*rows, strict=True)))
        else:
            run_for_each(connection, self.sqlite, rows)

    def once(self, connection: Connection, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Run it once, with one value for each place, and give what it selects."""
        words = self.postgresql if connection.dialect.name == "postgresql" else self.sqlite
        return run(connection, words, values)


WAITING = Statement(
    sqlite="SELECT seq, kind, commitment, routes FROM sequencing_queue ORDER BY seq LIMIT ?",
    postgresql="SELECT seq, kind, commitment, routes FROM sequencing_queue ORDER BY seq LIMIT %s",
)
ADD_ENTRIES = Statement(
    sqlite='INSERT INTO log_entries ("index", commitment, kind, message_seq) VALUES (?, ?, ?, ?)',
    postgresql='INSERT INTO log_entries ("index", commitment, kind, message_seq)'
    " SELECT * FROM unnest(%b::bigint[], %b::bytea[], %b::text[], %b::bigint[])",
)
ADD_TO_MAILBOXES = Statement(
    sqlite='INSERT INTO mailbox (member, "index", seq, consent) VALUES (?, ?, ?, ?)',
    postgresql='INSERT INTO mailbox (member, "index", seq, consent)'
    " SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::text[])",
)
MOVE_CURSORS = Statement(
    sqlite="INSERT INTO mailbox_cursors (member, last, last_consent, acked) VALUES (?, ?, ?, -1)"
    " ON CONFLICT (member) DO UPDATE SET last = excluded.last, last_consent = CASE"
    " WHEN excluded.last_consent >= 0 THEN excluded.last_consent ELSE mailbox_cursors.last_consent END",
    postgresql="INSERT INTO mailbox_cursors (member, last, last_consent, acked)"
    " SELECT member, last, last_consent, -1"
    " FROM unnest(%b::text[], %b::bigint[], %b::bigint[]) AS moved(member, last, last_consent)"
    " ON CONFLICT (member) DO UPDATE SET last = excluded.last, last_consent = CASE"
    " WHEN excluded.last_consent >= 0 THEN excluded.last_consent ELSE mailbox_cursors.last_consent END",
)
KEEP_TILES = Statement(
    sqlite="INSERT INTO log_tiles (level, tile, data) VALUES (?, ?, ?)"
    " ON CONFLICT (level, tile) DO UPDATE SET data = excluded.data",
    postgresql="INSERT INTO log_tiles (level, tile, data)"
    " SELECT * FROM unnest(%b::integer[], %b::bigint[], %b::bytea[])"
    " ON CONFLICT (level, tile) DO UPDATE SET data = excluded.data",
)
ADD_HEAD = Statement(
    sqlite="INSERT INTO log_heads (root, checkpoint, at, size) VALUES (?, ?, ?, ?)",
    postgresql="INSERT INTO log_heads (root, checkpoint, at, size) VALUES (%s, %s, %s, %s)",
)
FOUND_HEAD = Statement(  # several processes may start at once
    sqlite="INSERT INTO log_heads (root, checkpoint, at, size) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    postgresql="INSERT INTO log_heads (root, checkpoint, at, size) VALUES (%s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING",
)
REPLACE_HEAD = Statement(
    sqlite="UPDATE log_heads SET root = ?, checkpoint = ?, at = ?, size = ? WHERE size = ?",
    postgresql="UPDATE log_heads SET root = %s, checkpoint = %s, at = %s, size = %s WHERE size = %s",
)
TAKE = Statement(
    sqlite="DELETE FROM sequencing_queue WHERE seq = ?",
    postgresql="DELETE FROM sequencing_queue WHERE seq = ANY(%b::bigint[])",
)

"""A small log for tests: a database with the log's tables, a key, a guard, an intake that admits anything."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from coordinator.database.engine import open_database, reading, writing
from coordinator.database.metadata import metadata
from coordinator.database.tables_log import (
    log_entries,
    log_heads,
    log_tiles,
    mailbox,
    mailbox_cursors,
    sequencing_queue,
)
from coordinator.log.guard import HeadGuard
from coordinator.log.merkle import Tree, read_from
from coordinator.log.sequence import Sequenced, Sequencer
from schemas.keys import SigningKey

ORIGIN = "log.accord.example"
NOW = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
KEY = SigningKey.from_raw(bytes(range(32)))
TABLES = (sequencing_queue, log_entries, log_tiles, log_heads, mailbox, mailbox_cursors)


def prepare(url: str) -> None:
    """Make the log's tables."""
    engine = open_database(url)
    metadata.create_all(engine, tables=TABLES)
    engine.dispose()


def commitment(number: int) -> bytes:
    """Give the commitment that the n-th admitted message has."""
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


@dataclass
class Log:
    """One log, with everything that its coordinator would hold."""

    engine: Engine
    folder: Path
    key: SigningKey = KEY
    admitted: int = 0
    guard: HeadGuard = field(init=False)
    sequencer: Sequencer = field(init=False)

    def __post_init__(self) -> None:
        self.restart()
        with writing(self.engine) as connection:
            self.sequencer.found(connection, now=NOW)

    @property
    def guard_file(self) -> Path:
        return self.folder / "log.head"

    def restart(self) -> None:
        """Forget everything that a process holds in memory."""
        self.guard = HeadGuard(self.guard_file)
        self.sequencer = Sequencer(log_key=self.key, origin=ORIGIN, guard=self.guard)

    def admit(self, count: int = 1, *, routes: Sequence[dict[str, Any]] = (), kind: str = "message") -> None:
        with writing(self.engine) as connection:
            queue(connection, self.admitted, count, routes, kind)
        self.admitted += count

    def sequence(self, *, limit: int = 1_000_000, now: datetime = NOW) -> Sequenced:
        with writing(self.engine) as connection:
            return self.sequencer.sequence(connection, limit=limit, now=now)

    def grow(self, count: int, **admitted: Any) -> Sequenced:
        self.admit(count, **admitted)
        return self.sequence()

    def rows(self, table: Any) -> list[Any]:
        with reading(self.engine) as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)))

    def count(self, table: Any) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def root(self, size: int) -> bytes:
        with reading(self.engine) as connection:
            return Tree(read_from(connection)).root(size)


def queue(
    connection: Connection, first: int, count: int, routes: Sequence[dict[str, Any]], kind: str
) -> None:
    """Admit messages with the seqs from first + 1 on."""
    rows = [
        {"seq": number + 1, "kind": kind, "commitment": commitment(number), "routes": list(routes)}
        for number in range(first, first + count)
    ]
    connection.execute(insert(sequencing_queue), rows)


def guard_lines(path: Path) -> list[int]:
    """Give the sizes that the guard's file names."""
    return [int(line.split()[1]) for line in path.read_text().splitlines()]

"""Opens the connector's database and gives transactions; knows no table.

SQLite: write-ahead log, `synchronous=FULL` (a committed message survives power loss), `secure_delete=ON`
(what is erased is overwritten). PostgreSQL by URL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from connectors.exchange.store.pacing import Pace

NEWEST = "0005"
"""The last file of `migrations/versions/`; a test holds the two together."""
_BUSY_MS = 30_000
_ERASED_FROM = ("statements", "inbox", "outbox", "attachments")
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_MS}",
)
_READING: Mapping[str, Mapping[str, Any]] = {
    "sqlite": {"accord_reading": True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}


@dataclass(frozen=True, slots=True)
class Database:
    """One engine; a transaction is begun at the edge and nothing below commits."""

    engine: Engine
    turn: AbstractContextManager[object] = field(default_factory=nullcontext, repr=False, compare=False)
    """With SQLite the threads of a process take turns here: its own way to wait is to sleep and try again."""
    pace: Pace = field(default_factory=Pace, repr=False, compare=False)
    """How often PostgreSQL's tables are written anew."""

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give one write transaction; it commits when the block ends without an error."""
        with self.turn, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only reads, so that it never waits for a writer, nor a writer for it.

        SQLite gives all of it one snapshot. PostgreSQL gives each statement its own (READ COMMITTED); a
        transaction around them would add two round trips and no more, so there is none.
        """
        with self.engine.connect() as opened:
            yield opened.execution_options(**_READING[self.engine.dialect.name])

    def forget_overwritten(self, now: datetime) -> None:
        """Make erased bytes leave the files, not only the tables; raise BlockingIOError if that has to wait.

        SQLite keeps old pages in the write-ahead log until it is truncated, PostgreSQL keeps dead rows until
        the tables are written anew, which locks them and so has a pace.
        """
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            if self.engine.dialect.name == "sqlite":
                busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
                if busy:
                    raise BlockingIOError("another connection still reads the old pages")
            else:
                self._rewrite(connection, now)

    def _rewrite(self, connection: Connection, now: datetime) -> None:
        from connectors.exchange.store.rewriting import rewrite  # noqa: PLC0415 - SQLite needs no psycopg

        self.pace.check(now)
        started = monotonic()
        try:
            rewrite(connection, _ERASED_FROM)
        finally:
            self.pace.took(monotonic() - started, now)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database and bring its tables up to date."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "checkout", _refuse_closed)
    _bring_up_to_date(engine)
    return Database(engine, RLock() if engine.dialect.name == "sqlite" else nullcontext())


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        known = inspect(connection).has_table("alembic_version")
        version = connection.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    if version != NEWEST:
        from connectors.exchange.store.migrate import migrate  # noqa: PLC0415 - half a second that most starts save

        migrate(engine)


def _configure(raw: Any, _record: ConnectionPoolEntry) -> None:
    if not isinstance(raw, sqlite3.Connection):
        return
    raw.isolation_level = None  # we say BEGIN ourselves, see _begin
    for pragma in _PRAGMAS:
        raw.execute(pragma).close()


def _begin(connection: Connection) -> None:
    """Take SQLite's write lock at once: a transaction that upgrades later fails instead of waiting."""
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    connection.exec_driver_sql("BEGIN" if options.get("accord_reading") else "BEGIN IMMEDIATE")


def _refuse_closed(raw: Any, _record: ConnectionPoolEntry, _proxy: object) -> None:
    """Let the pool replace a connection that the server has ended, without asking the server each time."""
    from psycopg import OperationalError  # noqa: PLC0415 - with SQLite this driver is not needed

    try:
        # Reads what lies in the socket: first the server's farewell, if it said one, then the end itself.
        raw.pgconn.consume_input()
        raw.pgconn.consume_input()
    except OperationalError as error:
        raise DisconnectionError from error

"""Opens the database, SQLite or PostgreSQL, with the settings that durability rests on, and asserts them.

Takes the database's URL, gives an engine and two ways to use it: `writing` (one transaction, commits when the
block ends) and `reading`. It does not know what is stored. Without these settings an acknowledged message
could be lost with the power, so a database that does not take them is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

_WRITES = "accord_writes"
_BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another process's transaction; only commands of the operator ever compete."""
_SQLITE = {
    "journal_mode": ("wal", "wal"),
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "busy_timeout": (str(_BUSY_TIMEOUT_MS), _BUSY_TIMEOUT_MS),
    # Rewriting the tree's pages into the database file every 1,000 pages costs a third of the throughput.
    "wal_autocheckpoint": ("20000", 20000),
}
"""Setting → what is asked for, and what the database must then say."""
_POSTGRESQL = {"synchronous_commit": ("on", "remote_apply"), "fsync": ("on",), "full_page_writes": ("on",)}
"""Setting → values under which a committed transaction survives the loss of power."""


_SESSION = {
    "lock_timeout": str(_BUSY_TIMEOUT_MS),
    # A process that hangs in a transaction must not hold its cases' locks for ever.
    "idle_in_transaction_session_timeout": "60000",
    # Everything is looked up by an index. A plan that was prepared while a table was empty would otherwise
    # read the whole of it until statistics catch up, a minute of full load later.
    "enable_seqscan": "off",
    "jit": "off",
}
"""How each PostgreSQL session is set."""


class UnsafeDatabase(Exception):
    """The database does not promise that what is committed stays."""


def open_database(url: str | URL, *, pool_size: int = 8) -> Engine:
    """Give an engine for `sqlite:///file` or `postgresql+psycopg://…`; raise UnsafeDatabase."""
    where = make_url(url)
    if where.get_backend_name() == "sqlite":
        return _open_sqlite(where, pool_size)
    if where.get_backend_name() == "postgresql":
        return _open_postgresql(where, pool_size)
    raise UnsafeDatabase(f"The coordinator keeps its data in SQLite or PostgreSQL, not {where.drivername}.")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Run one transaction that may write; commits when the block ends, rolls back when it raises."""
    with engine.connect() as opened:
        connection = opened.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Run one transaction that only reads, all of it on one snapshot."""
    with engine.connect() as opened:
        connection = opened
        if is_postgresql(opened):
            connection = opened.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def is_postgresql(connection: Connection) -> bool:
    """Say which of the two databases this is."""
    return connection.dialect.name == "postgresql"


def _open_sqlite(url: URL, pool_size: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UnsafeDatabase("A database in memory keeps nothing; give the coordinator a file.")
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": 10})
    event.listen(engine, "connect", _set_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: it does so only at the first write, and then a
    # transaction that read first can fail half-way with "database is locked".
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, (asked, expected) in _SQLITE.items():
        cursor.execute(f"PRAGMA {name} = {asked}")
        cursor.execute(f"PRAGMA {name}")
        (said,) = cursor.fetchone() or (None,)
        if said != expected:
            raise UnsafeDatabase(f"SQLite says {name} = {said}, not {expected}.")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _open_postgresql(url: URL, pool_size: int) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        isolation_level="READ COMMITTED",
        connect_args={"options": " ".join(f"-c {name}={value}" for name, value in _SESSION.items())},
    )
    event.listen(engine, "first_connect", _check_postgresql)
    event.listen(engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _proxy: object) -> None:
    """Let the pool replace a connection that the server has ended, without asking the server each time."""
    from psycopg import OperationalError  # noqa: PLC0415 - with SQLite this driver is not needed

    driver: Any = connection
    try:
        # Reads what lies in the socket: first the server's farewell, if it said one, then the end itself.
        driver.pgconn.consume_input()
        driver.pgconn.consume_input()
    except OperationalError as error:
        raise DisconnectionError from error


def _check_postgresql(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, accepted in _POSTGRESQL.items():
        cursor.execute(f"SHOW {name}")
        row: Any = cursor.fetchone()
        if row[0] not in accepted:
            raise UnsafeDatabase(
                f"PostgreSQL says {name} = {row[0]}; it must be one of {', '.join(accepted)}."
            )
    cursor.close()
    connection.rollback()

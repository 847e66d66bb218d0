"""Opens an agency's database so that nothing can be written to it, as far as its engine allows.

Takes a URL, gives a SQLAlchemy engine and the words for how writing is prevented. The account should be
read-only all the same: for some engines that is the only lock.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from connectors.systems.faults import MappingFault, Unreachable

_STATEMENTS = {
    "postgresql": ("SET default_transaction_read_only = on", "SET statement_timeout = '20s'"),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY",),
}
"""What each session is told first. A query that hangs must not hold the connector for ever."""
_BY_ACCOUNT = "only as far as the account is read-only: this engine has no read-only sessions"


def open_read_only(url: str, folder: Path) -> tuple[Engine, str]:
    """Give an engine for `url` and how writing is prevented. Relative SQLite files start at `folder`."""
    parsed = _parsed(url)
    dialect = parsed.get_backend_name()
    if dialect == "sqlite":
        return _sqlite(parsed, folder), "by the engine: the file is opened read-only"
    engine = _engine(parsed, pool_pre_ping=True, pool_size=2, max_overflow=2)
    statements = _STATEMENTS.get(dialect, ())
    if statements:
        _at_connect(engine, statements)
    return engine, "by the session: transactions are read-only" if statements else _BY_ACCOUNT


def place_of(url: str) -> str:
    """Give the URL without its password, for people to read."""
    return _parsed(url).render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise MappingFault(
            "The database URL cannot be read.",
            remedy='Write "dialect+driver://account:password@host/database" (SQLAlchemy, "Database URLs").',
            key="url",
        ) from None


def _engine(url: URL, **more: Any) -> Engine:
    try:
        # hide_parameters: SQLAlchemy's errors would quote what a person was searched by.
        return create_engine(url, hide_parameters=True, **more)
    except (NoSuchModuleError, ImportError) as error:
        raise MappingFault(
            f'No driver for "{url.drivername}" is installed: {error}.',
            remedy="Install the database's Python driver beside the connector.",
            key="url",
        ) from error


def _sqlite(url: URL, folder: Path) -> Engine:
    if not url.database or url.database == ":memory:":
        raise MappingFault("A SQLite source is a file.", remedy='Write url = "sqlite:///file.db".', key="url")
    path = folder / url.database

    def connect() -> sqlite3.Connection:
        if not path.is_file():
            raise Unreachable(
                f'There is no database file "{url.database}" beside the mapping file.',
                remedy="Correct `url`; a relative path starts at the mapping file's folder.",
                key="url",
            )
        # mode=ro: opening must neither create nor change the file (sqlite.org/uri.html).
        address = f"file:{quote(str(path.absolute()))}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=10, check_same_thread=False)
        connection.execute("PRAGMA query_only = ON")
        return connection

    # Opening a file costs little, and none stays open that the agency may want to replace.
    return _engine(url, creator=connect, poolclass=NullPool)


def _at_connect(engine: Engine, statements: tuple[str, ...]) -> None:
    @event.listens_for(engine, "connect")
    def _tell(connection: Any, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for statement in statements:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

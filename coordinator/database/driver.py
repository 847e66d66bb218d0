"""Runs statements of constant text on the driver itself, past SQLAlchemy, but with SQLAlchemy's errors.

What every commit runs costs a third of the usual this way. Takes the words of the database's own dialect and
gives plain tuples; a value is never part of an error's text. Whoever listens to SQLAlchemy's statements (the
crash tests do) gets these too: then they run the long way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

Values = tuple[Any, ...] | Mapping[str, Any]


def run(connection: Connection, words: str, values: Values = ()) -> list[tuple[Any, ...]]:
    """Run it once and give what it selects; nothing for a statement that selects nothing."""
    if connection.dispatch.before_cursor_execute:
        found = connection.exec_driver_sql(words, values)
        return [tuple(row) for row in found] if found.returns_rows else []
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = driver.execute(words, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, words, error) from error


def run_for_each(connection: Connection, words: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Run it for each row (SQLite)."""
    if connection.dispatch.before_cursor_execute:
        connection.exec_driver_sql(words, list(rows))
        return
    driver: Any = connection.connection.dbapi_connection
    try:
        driver.executemany(words, rows)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, words, error) from error


def run_together(connection: Connection, asked: Sequence[tuple[str, Values]]) -> list[list[tuple[Any, ...]]]:
    """Run selects of which none depends on another; with PostgreSQL in one round trip (a pipeline)."""
    if connection.dialect.name != "postgresql" or connection.dispatch.before_cursor_execute:
        return [run(connection, words, values) for words, values in asked]
    driver: Any = connection.connection.dbapi_connection
    try:
        with driver.pipeline():
            cursors = [driver.execute(words, values) for words, values in asked]
        return [cursor.fetchall() for cursor in cursors]
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, "(several at once)", error) from error


def _translated(connection: Connection, words: str, error: Exception) -> BaseException:
    kind = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(words, None, error, kind, hide_parameters=True, dialect=connection.dialect)

"""Writes tables of PostgreSQL anew, so that what was erased from them is not in their files any more.

Takes a connection outside of any transaction. PostgreSQL keeps the bytes of dead rows in the free space of
its pages, even after VACUUM: only VACUUM FULL leaves them behind. It locks one table at a time and needs as
much room again; how often that is done, the caller decides. PostgreSQL's own log and backups are beyond it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import psycopg
from psycopg.errors import Diagnostic
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

_WAITS_MS = 2_000
"""How long it waits for those who use a table, while others queue behind it."""


def rewrite(connection: Connection, tables: Sequence[str]) -> None:
    """Write the tables anew; raise BlockingIOError while somebody uses one or still sees its old rows."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("PostgreSQL is spoken to by psycopg.")
    kept: list[int] = []

    def note(said: Diagnostic) -> None:
        # VERBOSE says of each table: "3 dead row versions cannot be removed yet."
        number = re.match(r"\d+", said.message_detail or "")
        kept.append(int(number.group()) if number else 0)

    driver.add_notice_handler(note)
    try:
        _rewrite(connection, tables)
    finally:
        driver.remove_notice_handler(note)
    if any(kept):
        raise BlockingIOError("another transaction still sees the old rows")


def _rewrite(connection: Connection, tables: Sequence[str]) -> None:
    connection.execute(text(f"SET lock_timeout = {_WAITS_MS}"))
    try:
        for table in tables:
            connection.execute(text(f"VACUUM (FULL, VERBOSE) {table}"))
    except OperationalError as error:
        raise BlockingIOError("another transaction uses a table") from error
    finally:
        connection.execute(text("RESET lock_timeout"))

"""Writes rows by their primary key, new or changed, with one statement for many.

The statement for a table is made once; it overwrites every column that is not in the key. Whether a row may
become what is written is decided before, in `coordinator.intake`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, or overwrite the ones with the same key."""
    if rows:
        connection.execute(_upsert(table, connection.dialect.name), rows)


@lru_cache(maxsize=64)
def _upsert(table: Table, dialect: str) -> Any:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement: Any = insert(table)
    key = [column.name for column in table.primary_key]
    rest = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in key
    }
    if not rest:
        return statement.on_conflict_do_nothing(index_elements=key)
    return statement.on_conflict_do_update(index_elements=key, set_=rest)

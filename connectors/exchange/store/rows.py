"""Writes one row by its primary key, new or changed, on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def write(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert the row, or overwrite what it names in the row with the same key."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    key = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in key}
    connection.execute(insert(table).values(**values).on_conflict_do_update(index_elements=key, set_=rest))


def write_once(connection: Connection, table: Table, values: Mapping[str, Any]) -> None:
    """Insert the row unless there is one with its key already."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).values(**values).on_conflict_do_nothing())


def is_first(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert the row unless there is one with its key already; say whether there was none."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = insert(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    return connection.execute(new).first() is not None

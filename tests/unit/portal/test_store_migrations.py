"""The migrations make exactly the portal's tables, beside the connector's and apart from them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from connectors.exchange.store.database import open_database
from connectors.exchange.store.tables import metadata as connectors_tables
from connectors.portal.store.database import NEWEST, bring_up_to_date
from connectors.portal.store.migrate import migrate, newest
from connectors.portal.store.tables import metadata


def _described(engine: sa.Engine) -> dict[str, object]:
    look = sa.inspect(engine)
    return {table: _table(look, table) for table in look.get_table_names() if table in metadata.tables}


def _table(look: sa.Inspector, table: str) -> dict[str, Any]:
    return {
        "columns": [(each["name"], str(each["type"]), each["nullable"]) for each in look.get_columns(table)],
        "key": look.get_pk_constraint(table),
        "unique": sorted(look.get_unique_constraints(table), key=str),
        "checks": sorted(
            ((each["name"], each["sqltext"]) for each in look.get_check_constraints(table)), key=str
        ),
        "indexes": sorted((each["name"], str(each["column_names"])) for each in look.get_indexes(table)),
    }


def test_the_migrations_make_the_tables_of_the_code(make_database):
    migrated = open_database(make_database())
    bring_up_to_date(migrated)
    made = open_database(make_database())
    metadata.create_all(made.engine)
    assert set(_described(migrated.engine)) == set(metadata.tables)
    assert _described(migrated.engine) == _described(made.engine)
    with migrated.reading() as connection:
        ours = MigrationContext.configure(
            connection,
            opts={
                "version_table": "portal_version",
                "include_name": lambda name, kind, _above: kind != "table" or name in metadata.tables,
            },
        )
        assert compare_metadata(ours, metadata) == []
    migrated.close()
    made.close()


def test_no_table_has_the_name_of_one_of_the_connectors():
    assert set(metadata.tables) & set(connectors_tables.tables) == set()


def test_down_takes_away_the_portals_tables_and_leaves_the_connectors(database_url):
    database = open_database(database_url)
    bring_up_to_date(database)
    migrate(database.engine, "base")
    left = set(sa.inspect(database.engine).get_table_names())
    assert left & set(metadata.tables) == set()
    assert set(connectors_tables.tables) <= left
    bring_up_to_date(database)
    assert set(metadata.tables) <= set(sa.inspect(database.engine).get_table_names())
    database.close()


def test_coming_up_to_date_twice_changes_nothing(database_url):
    database = open_database(database_url)
    bring_up_to_date(database)
    before = _described(database.engine)
    bring_up_to_date(database)
    assert _described(database.engine) == before
    database.close()


def test_the_newest_version_that_is_written_down_is_that_of_the_last_migration():
    assert newest() == NEWEST

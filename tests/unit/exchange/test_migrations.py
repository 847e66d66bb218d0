"""The connector's migrations make exactly the tables that the code speaks of, on both databases."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Engine, MetaData, create_engine, inspect

from connectors.exchange.store.database import NEWEST, open_database
from connectors.exchange.store.migrate import migrate, newest
from connectors.exchange.store.tables import metadata
from tests.conftest import MakeDatabase


def _engine(url: str) -> Engine:
    return open_database(url).engine


def test_the_migrated_tables_are_the_declared_ones(database_url: str):
    engine = _engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_constraints_and_indexes_have_the_declared_names(make_database: MakeDatabase):
    migrated, declared = _engine(make_database()), create_engine(make_database())
    metadata.create_all(declared)
    for table in metadata.tables:
        assert _names(migrated, table) == _names(declared, table)
    migrated.dispose()
    declared.dispose()


def _names(engine: Engine, table: str) -> dict[str, set[str]]:
    look = inspect(engine)
    return {
        "columns": {f"{c['name']} {c['type']} {c['nullable']}" for c in look.get_columns(table)},
        "indexes": {f"{i['name']} {i['column_names']}" for i in look.get_indexes(table)},
        "unique": {f"{u['name']} {u['column_names']}" for u in look.get_unique_constraints(table)},
        "checks": {str(c["name"]) for c in look.get_check_constraints(table)},
        "key": {
            f"{look.get_pk_constraint(table)['name']} {look.get_pk_constraint(table)['constrained_columns']}"
        },
    }


def test_going_down_leaves_nothing_and_up_again_brings_everything(database_url: str):
    engine = _engine(database_url)
    migrate(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    migrate(engine)
    assert set(metadata.tables) <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_every_check_has_a_name():
    unnamed = [
        check
        for table in MetaData().tables.values() or metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint) and check.name is None
    ]
    assert unnamed == []


def test_the_newest_version_that_is_written_down_is_that_of_the_last_migration() -> None:
    assert newest() == NEWEST

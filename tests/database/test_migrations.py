"""The migrations make exactly the tables of `tables.py`, and go up and down with rows in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from coordinator.database.engine import open_database, reading, writing
from coordinator.database.migrate import downgrade, newest, upgrade
from coordinator.database.tables import metadata
from coordinator.database.version import NEWEST, NotMigrated, check_version, version_of
from tests.conftest import MakeDatabase
from tests.factories import World, make_world


def _described(engine: sa.Engine) -> dict[str, object]:
    """Describe tables with everything that has a name: columns, keys, checks, indexes."""
    look = sa.inspect(engine)
    return {
        table: {
            "columns": [
                (each["name"], str(each["type"]), each["nullable"]) for each in look.get_columns(table)
            ],
            "key": look.get_pk_constraint(table),
            "foreign": sorted(look.get_foreign_keys(table), key=str),
            "unique": sorted(look.get_unique_constraints(table), key=str),
            "checks": sorted(
                ((each["name"], each["sqltext"]) for each in look.get_check_constraints(table)), key=str
            ),
            "indexes": sorted(_index(each) for each in look.get_indexes(table)),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }


def _index(found: Any) -> tuple[str, ...]:
    options = sorted(f"{name} {value}" for name, value in found.get("dialect_options", {}).items())
    return found["name"], str(found["column_names"]), str(bool(found["unique"])), *options


def test_the_migrations_make_the_tables_of_the_code(database_url: str, make_database: MakeDatabase) -> None:
    migrated = open_database(database_url)
    upgrade(migrated)
    made = open_database(make_database())
    with writing(made) as connection:
        metadata.create_all(connection)
    assert _described(migrated) == _described(made)
    with reading(migrated) as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    migrated.dispose()
    made.dispose()


def test_up_and_down_and_up_again_with_rows(tmp_path: Path, database_url: str) -> None:
    world = make_world(tmp_path, database_url)
    world.must(world.release())
    world.refused(world.release(purpose="arrears"))
    world.must(world.emergency())
    world.stop()
    engine = open_database(database_url)
    downgrade(engine, "base")
    assert version_of(engine) is None
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    check_version(engine)
    engine.dispose()


def test_going_up_twice_changes_nothing(world: World) -> None:
    upgrade(world.coordinator.engine)
    world.must(world.release())


def test_where_the_newest_version_is_there_going_up_only_asks_for_it(world: World) -> None:
    """Every start of `accord coordinator init` comes by; refreshing statistics takes long on a large log."""
    engine, said = world.coordinator.engine, list[str]()

    def note(*arguments: object) -> None:
        said.append(str(arguments[2]))

    sa.event.listen(engine, "before_cursor_execute", note)
    upgrade(engine)
    sa.event.remove(engine, "before_cursor_execute", note)
    assert said
    assert {each.split()[0] for each in said} <= {"BEGIN", "PRAGMA", "SELECT"}


def test_a_database_of_another_version_is_not_used(database_url: str) -> None:
    engine = open_database(database_url)
    with pytest.raises(NotMigrated):
        check_version(engine)
    engine.dispose()


def test_the_newest_version_that_is_written_down_is_that_of_the_last_migration() -> None:
    assert newest() == NEWEST

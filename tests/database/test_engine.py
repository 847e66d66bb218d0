"""Databases are opened with the settings that durability rests on, or not at all; look-ups use indexes."""

from __future__ import annotations

import json
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from coordinator.database.engine import UnsafeDatabase, is_postgresql, open_database, reading, writing
from coordinator.database.one_of import looked_up_ahead, one_of
from coordinator.database.tables import consents, members, messages
from coordinator.register.members import KEYS, MEMBERS


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(UnsafeDatabase):
        open_database("sqlite://")


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(UnsafeDatabase):
        open_database("mysql://somewhere/accord")


@pytest.mark.only_on("sqlite", reason="these settings are SQLite's")
def test_sqlite_says_that_it_syncs_each_commit(database_url: str) -> None:
    engine = open_database(database_url)
    with reading(engine) as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        }
    assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 20000}
    engine.dispose()


@pytest.mark.only_on("postgresql", reason="this setting is PostgreSQL's")
def test_a_postgresql_that_does_not_sync_is_refused(migrated_url: str) -> None:
    url = sa.make_url(migrated_url)
    plain = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with plain.connect() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{url.database}" SET synchronous_commit = off')
    plain.dispose()
    engine = open_database(migrated_url)
    with pytest.raises(UnsafeDatabase), reading(engine):
        pass
    engine.dispose()


def test_a_writer_that_raises_leaves_nothing(engine: Engine) -> None:
    row = {"id": "a", "kind": "public", "name": "A", "status": "active", "enrolled_at": 1, "document": {}}

    class Stop(Exception):
        pass

    with pytest.raises(Stop), writing(engine) as connection:
        connection.execute(members.insert(), row)
        raise Stop
    with reading(engine) as connection:
        assert connection.execute(members.select()).all() == []


def test_a_reader_sees_one_snapshot(engine: Engine) -> None:
    row = {"kind": "public", "name": "A", "status": "active", "enrolled_at": 1, "document": {}}
    with reading(engine) as reader:
        assert reader.execute(members.select()).all() == []

        def write() -> None:
            with writing(engine) as writer:
                writer.execute(members.insert(), row | {"id": "a"})

        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        assert reader.execute(members.select()).all() == []


def test_a_state_that_does_not_exist_is_refused_by_name(engine: Engine) -> None:
    row = {"id": "a", "kind": "public", "name": "A", "status": "asleep", "enrolled_at": 1, "document": {}}
    with pytest.raises(sa.exc.IntegrityError, match="members_status"), writing(engine) as connection:
        connection.execute(members.insert(), row)


@pytest.mark.parametrize("column", [messages.c.id, consents.c.id, members.c.id], ids=str)
def test_looking_up_many_ids_reads_an_index_and_not_the_table(engine: Engine, column: sa.Column[str]) -> None:
    statement = sa.select(column.table).where(one_of(column, "ids"))
    text = str(statement.compile(engine))
    with reading(engine) as connection:
        if is_postgresql(connection):
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql("EXPLAIN " + text, {"ids": ["a", "b"]}).all()
        else:
            plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text, (json.dumps(["a", "b"]),)).all()
    described = " ".join(str(row) for row in plan)
    assert "SCAN " + column.table.name not in described
    assert "Index" in described or "INDEX" in described


def test_the_statement_is_the_same_for_any_number_of_ids(engine: Engine) -> None:
    seen: set[str] = set()

    def note(*arguments: object) -> None:
        seen.add(str(arguments[2]))

    sa.event.listen(engine, "before_cursor_execute", note)
    statement = sa.select(members.c.id).where(one_of(members.c.id, "ids"))
    with reading(engine) as connection:
        for count in range(5):
            connection.execute(statement, {"ids": [str(each) for each in range(count)]})
    assert len([each for each in seen if "members" in each]) == 1


@pytest.mark.only_on("postgresql", reason="SQLite has no server that could end a connection")
def test_a_connection_that_the_server_has_ended_is_replaced(engine: Engine) -> None:
    with reading(engine) as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    other = sa.create_engine(engine.url, isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 10000)", (mine,))
    other.dispose()
    with writing(engine) as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != mine


@pytest.mark.only_on("postgresql", reason="only there is anything asked ahead")
def test_what_was_looked_up_ahead_is_forgotten_with_the_block(engine: Engine) -> None:
    row = {"id": "a", "kind": "public", "name": "A", "status": "active", "enrolled_at": 1, "document": {}}
    with writing(engine) as connection, looked_up_ahead(connection, [(MEMBERS, ["a"]), (KEYS, [])]):
        connection.execute(members.insert(), row)
        assert MEMBERS.all(connection, ["a"]) == []  # as it was when it was asked
        assert [found.id for found in MEMBERS.all(connection, ["a"])] == ["a"]  # only the first finds it
    with reading(engine) as connection:
        assert [found.id for found in MEMBERS.all(connection, ["a"])] == ["a"]

"""A system that does not answer as its mapping says is refused with the place, and without anybody's data."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy

from connectors.systems.faults import MappingFault, SystemFault, Unreachable
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import PersonKey
from connectors.systems.sql import open_sql
from tests.unit.systems import small

CANARY = "canary-4711"
HOUSING = "categories__housing"


def test_a_missing_database_file_is_named_by_its_url_alone(tmp_path):
    source = open_sql("small", parse_mapping(small.MAPPING, tmp_path / "small.toml"))
    with pytest.raises(Unreachable) as refused:
        source.check()
    assert '"agency.db"' in refused.value.detail
    assert not (tmp_path / "agency.db").exists()


def test_a_missing_table_is_named_with_its_key(tmp_path):
    with pytest.raises(Unreachable) as refused:
        small.source(tmp_path, small.mapping(**{f"{HOUSING}__table": "tenancies"})).check()
    assert "small.toml" in refused.value.detail
    assert "categories.housing: no such table: tenancies" in refused.value.detail


def test_a_missing_column_of_a_table_is_named_with_its_key(tmp_path):
    with pytest.raises(Unreachable, match=r"person: no such column: \S*nom"):
        small.source(tmp_path, small.mapping(identify__family_name__column="nom")).check()


def test_a_missing_column_of_a_query_is_named_with_the_nearest_one(tmp_path):
    document = small.mapping(
        **{
            f"{HOUSING}__table": None,
            f"{HOUSING}__person": None,
            f"{HOUSING}__query": """
                SELECT rents, kind, moved_in, cramped
                FROM (SELECT rent AS rents, kind, moved_in, cramped, person_id FROM tenancy)
                WHERE person_id = :person""",
        }
    )
    source = small.source(tmp_path, document)
    for attempt in (source.check, lambda: source.read(PersonKey(1), "housing", ["rent"])):
        with pytest.raises(MappingFault) as refused:
            attempt()
        assert (
            'categories.housing.fields.rent: there is no column "rent"; did you mean "rents"?'
            in refused.value.detail
        )


@pytest.mark.parametrize("asked", [{"file_number": CANARY}, {**small.ASKED, "family_name": CANARY}])
def test_a_database_that_fails_during_a_search_tells_nothing_of_the_search(tmp_path, asked):
    source = small.source(tmp_path)
    with closing(sqlite3.connect(tmp_path / "agency.db")) as connection:
        connection.executescript("DROP TABLE person; DROP TABLE tenancy;")
    for attempt in (lambda: source.find(asked), lambda: source.read(PersonKey(CANARY), "housing", ["rent"])):
        with pytest.raises(Unreachable) as refused:
            attempt()
        assert CANARY not in f"{refused.value} {refused.value.to_problem()}"
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__


def test_data_that_the_driver_cannot_decode_is_not_quoted(tmp_path):
    more = "UPDATE tenancy SET kind = CAST(X'FF' || 'canary-4711' AS TEXT);"
    source = small.source(tmp_path, more=more)
    with pytest.raises(SystemFault) as refused:
        source.read(PersonKey(1), "housing", ["tenure"])
    assert CANARY not in f"{refused.value} {refused.value.to_problem()}"


def test_nothing_can_be_written_through_a_source(tmp_path):
    source = small.source(tmp_path)
    for statement in (
        "DELETE FROM person",
        "CREATE TABLE x (y)",
        "PRAGMA query_only = OFF; DELETE FROM person",
    ):
        with pytest.raises(sqlalchemy.exc.SQLAlchemyError), source._engine.begin() as connection:
            connection.exec_driver_sql(statement)
    with (
        pytest.raises(sqlalchemy.exc.OperationalError, match="readonly"),
        source._engine.begin() as connection,
    ):
        connection.exec_driver_sql("PRAGMA query_only = OFF")
        connection.exec_driver_sql("DELETE FROM person")
    assert source.find(small.ASKED) == [PersonKey(1)]


def test_an_expression_that_writes_is_stopped_by_the_engine(tmp_path):
    document = small.mapping(identify__phone={"expr": "load_extension('x')", "compare": "exact"})
    with pytest.raises(Unreachable):
        small.source(tmp_path, document).find({"phone": "1", "birth_date": "1991-04-23"})

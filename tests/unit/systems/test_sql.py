"""A source over SQL: finds the person that is meant and nobody else, and makes records that are valid."""

from __future__ import annotations

import json
from datetime import date

import pytest
import sqlalchemy

from connectors.systems.faults import NotConvertible, NotEnoughToIdentify, TooManyRows, UnknownCategory
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import PersonKey, Source
from connectors.systems.sql import open_sql
from schemas import records
from tests.unit.systems import small
from tests.unit.systems.small import ASKED, FIELDS

HOUSING = {
    "landlord": "Sample office",
    "tenure": "social",
    "rent": {"amount": 161240, "currency": "EUR"},
    "since": "2019-09-01",
    "overcrowded": True,
    "applications": [
        {"kind": "housing_fund", "filed_on": "2026-11-02"},
        {"kind": "right_to_housing", "filed_on": "2025-05-17"},
    ],
}


@pytest.fixture
def source(tmp_path):
    return small.source(tmp_path)


def test_it_is_a_source(source):
    assert isinstance(source, Source)
    assert source.refresh(small.NOW) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (ASKED, [1]),
        ({**ASKED, "family_name": "EXEMPLE ", "given_names": "camille"}, [1]),
        ({**ASKED, "birth_date": "1961-04-23"}, [2]),
        ({**ASKED, "birth_date": "1991-04-24"}, []),
        ({**ASKED, "birth_date": "23/04/1991"}, []),
        ({**ASKED, "given_names": "Marie"}, []),
        ({"family_name": "echantillon demo", "given_names": "ZOE", "birth_date": "1980-02-01"}, [3]),
        ({"file_number": "F-2"}, [2]),
        ({"file_number": " F-2 "}, [2]),
        ({"file_number": "f-2"}, []),
        ({"phone": "0600000003", "birth_date": "1980-02-01"}, [3]),
        ({**ASKED, "file_number": "F-2"}, []),
        ({**ASKED, "shoe_size": "44"}, [1]),
    ],
)
def test_the_person_is_found_whom_all_attributes_fit(source, asked, found):
    assert source.find(asked) == [PersonKey(key) for key in found]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"family_name": "Exemple"},
        {"family_name": "Exemple", "given_names": "Camille", "birth_date": " "},
        {"birth_date": "1991-04-23", "family_name": "Exemple"},
        {"file_number": "F" * 501},
        {"shoe_size": "44"},
    ],
)
def test_a_search_with_too_little_is_refused(source, asked):
    with pytest.raises(NotEnoughToIdentify) as refused:
        source.find(asked)
    assert "file_number" in refused.value.detail


def test_an_attribute_without_a_value_on_either_side_fits_nobody(tmp_path):
    more = "INSERT INTO person VALUES (4, '-', ' ', '23/04/1991', '', NULL);"
    source = small.source(tmp_path, more=more)
    assert source.find({"phone": "---", "birth_date": "1991-04-23"}) == []
    assert source.find({**ASKED, "family_name": "--", "given_names": "."}) == []


def test_the_attributes_of_a_candidate_are_shown_for_comparison(source):
    assert source.identity(PersonKey(3)) == {
        "family_name": "Échantillon-Démo",
        "given_names": "Zoë",
        "birth_date": "1980-02-01",
        "file_number": "F-3",
        "phone": "06.00.00.00.03",
    }
    assert source.identity(PersonKey(99)) == {}


def test_the_record_is_mapped_and_valid(source):
    record = source.read(PersonKey(1), "housing", FIELDS)
    assert record == HOUSING
    records.validate("housing.tenancy/1", record)


def test_only_the_fields_that_are_asked_for_are_read(source):
    seen = []
    sqlalchemy.event.listen(source._engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    assert source.read(PersonKey(1), "housing", ["tenure", "no_such"]) == {"tenure": "social"}
    assert "rent" not in "".join(seen)


def test_empty_values_are_left_out(source):
    assert source.read(PersonKey(2), "housing", FIELDS) == {
        "landlord": "Sample office",
        "tenure": "private",
        "overcrowded": False,
    }


def test_nothing_held_is_none_not_an_empty_record(source):
    assert source.read(PersonKey(3), "housing", FIELDS) is None
    assert source.read(PersonKey(2), "housing", ["rent"]) is None
    assert source.read(PersonKey(1), "housing", ["landlord"]) == {"landlord": "Sample office"}


def test_a_category_that_is_not_mapped_is_refused(source):
    with pytest.raises(UnknownCategory):
        source.read(PersonKey(1), "debts", FIELDS)


def test_two_rows_where_one_is_meant_are_refused(tmp_path):
    source = small.source(tmp_path, more="INSERT INTO tenancy (person_id) VALUES (1);")
    with pytest.raises(TooManyRows) as refused:
        source.read(PersonKey(1), "housing", FIELDS)
    assert "categories.housing" in refused.value.detail


def test_a_value_that_does_not_convert_is_an_error_with_its_column_and_field(tmp_path):
    source = small.source(tmp_path, more="UPDATE claim SET filed = 'secret' WHERE kind = 'FSL';")
    with pytest.raises(NotConvertible) as refused:
        source.read(PersonKey(1), "housing", FIELDS)
    assert refused.value.facts["column"] == "filed"
    assert refused.value.facts["field"] == "applications.filed_on"
    assert "secret" not in str(refused.value.to_problem())


def test_a_query_can_stand_for_a_table(tmp_path):
    query = "SELECT p.id AS ref, p.name, p.given, p.born, p.file_no, p.phone FROM person p WHERE id <> 2"
    document = small.mapping(
        person__table=None,
        person__query=query,
        person__key="ref",
        categories__housing__table=None,
        categories__housing__person=None,
        categories__housing__query="SELECT * FROM tenancy WHERE person_id = :person AND kind <> 'it''s; --'",
    )
    source = small.source(tmp_path, document)
    source.check()
    assert source.find(ASKED) == [PersonKey(1)]
    assert source.find({"file_number": "F-2"}) == []
    assert source.read(PersonKey(1), "housing", FIELDS) == HOUSING


def test_capitals_of_column_names_may_differ_in_a_query(tmp_path):
    document = small.mapping(
        categories__housing__table=None,
        categories__housing__person=None,
        categories__housing__query="""
            SELECT RENT AS Rent, KIND AS Kind, MOVED_IN AS Moved_In, CRAMPED AS Cramped
            FROM tenancy WHERE person_id = :person""",
    )
    assert small.source(tmp_path, document).read(PersonKey(1), "housing", FIELDS) == HOUSING


def test_a_search_that_the_database_cannot_narrow_down_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.systems.sql.SCAN_LIMIT", 2)
    source = small.source(tmp_path, small.mapping(person__enough=[["family_name"]]))
    with pytest.raises(TooManyRows) as refused:
        source.find({"family_name": "Exemple"})
    assert "exact" in (refused.value.remedy or "")


def test_a_search_that_finds_a_crowd_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.systems.sql.FOUND_LIMIT", 1)
    with pytest.raises(TooManyRows):
        small.source(tmp_path, small.mapping(person__enough=[["family_name"]])).find(
            {"family_name": "Exemple"}
        )


def test_any_person_can_be_had_for_trying_out(source, tmp_path):
    assert source.some_person() == PersonKey(1)
    (tmp_path / "empty").mkdir()
    empty = small.source(tmp_path / "empty", more="DELETE FROM person;")
    assert empty.some_person() is None


def test_the_description_has_no_password(tmp_path):
    document = small.mapping(url="postgresql+psycopg://reader:hunter2@db.example.org/agency")
    described = open_sql("small", parse_mapping(document, tmp_path / "small.toml")).describe()
    assert "hunter2" not in repr(described)
    assert "db.example.org" in described.place
    assert "read-only" in described.read_only
    assert described.categories["housing"].fields == FIELDS


# --- types and names of real databases ----------------------------------------------------------------

NATIVE = {
    "kind": "sql",
    "person": {"table": "people", "key": "id", "enough": [["birth_date", "family_name"], ["number"]]},
    "identify": {
        "family_name": {"column": "Name", "compare": "folded"},
        "birth_date": {"column": "born", "compare": "date", "formats": ["native"]},
        "number": {"column": "number"},
    },
    "categories": {
        "debts": {
            "schema": "debts.bills/1",
            "fields": {
                "debts": {
                    "query": "SELECT owed, since FROM debt WHERE person = :person ORDER BY since",
                    "fields": {
                        "outstanding": {"column": "owed", "type": "money", "currency": "EUR"},
                        "since": {"column": "since", "type": "date", "formats": "native"},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def native(database_url, tmp_path):
    """A database with types of its own: dates, decimals, numbers as keys, a column name with capitals."""
    engine = sqlalchemy.create_engine(database_url)
    metadata = sqlalchemy.MetaData()
    people = sqlalchemy.Table(
        "people",
        metadata,
        sqlalchemy.Column("id", sqlalchemy.BigInteger, primary_key=True),
        sqlalchemy.Column("Name", sqlalchemy.String),
        sqlalchemy.Column("born", sqlalchemy.Date),
        sqlalchemy.Column("number", sqlalchemy.Integer),
    )
    debt = sqlalchemy.Table(
        "debt",
        metadata,
        sqlalchemy.Column("person", sqlalchemy.BigInteger),
        sqlalchemy.Column(
            "owed", sqlalchemy.Numeric(12, 2, asdecimal=True).with_variant(sqlalchemy.String, "sqlite")
        ),
        sqlalchemy.Column("since", sqlalchemy.Date),
    )
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            people.insert().values(id=2**40, Name="Exemple", born=date(1991, 4, 23), number=77)
        )
        connection.execute(people.insert().values(id=2, Name="Exemple", born=date(1961, 4, 23), number=78))
        connection.execute(debt.insert().values(person=2**40, owed="412.68", since=date(2026, 3, 1)))
    engine.dispose()
    document = {**NATIVE, "url": database_url}
    if database_url.startswith("sqlite"):
        # SQLite has no dates: SQLAlchemy writes them as text.
        document = json.loads(json.dumps(document).replace('"native"', '"YYYY-MM-DD"'))
    source = open_sql("native", parse_mapping(document, tmp_path / "native.toml"))
    yield source
    source._engine.dispose()


def test_a_databases_own_types_are_read(native):
    native.check()
    (person,) = native.find({"family_name": "EXEMPLE", "birth_date": "1991-04-23"})
    assert person == PersonKey(2**40)
    assert native.identity(person) == {"family_name": "Exemple", "birth_date": "1991-04-23", "number": "77"}
    assert native.read(person, "debts", ["debts"]) == {
        "debts": [{"outstanding": {"amount": 41268, "currency": "EUR"}, "since": "2026-03-01"}]
    }


def test_a_number_is_found_by_its_text_and_other_text_finds_nobody(native):
    assert native.find({"number": "78"}) == [PersonKey(2)]
    assert native.find({"number": "78 or 1=1"}) == []
    assert native.find({"number": "seventy-eight"}) == []


def test_nothing_can_be_written_through_the_source(native):
    with pytest.raises(sqlalchemy.exc.DBAPIError) as refused, native._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM debt")
    assert "read" in str(refused.value).casefold()
    assert native.read(PersonKey(2**40), "debts", ["debts"]) is not None

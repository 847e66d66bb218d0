"""A mapping file that is wrong is refused when it is loaded, with file, key path and what is expected."""

from __future__ import annotations

import pytest

from connectors.systems.faults import MappingFault
from connectors.systems.mapping_file import load_mapping, parse_mapping
from connectors.systems.sql import open_sql
from tests.unit.systems import small

RENT = "categories__housing__fields__rent"
HOUSING = "categories__housing"


@pytest.mark.parametrize(
    ("changes", "key", "what"),
    [
        ({"kind": None}, "kind", "required"),
        ({"tabel": "person"}, "tabel", "Unknown"),
        ({"person": None}, "person", "required"),
        ({"person__key": None}, "person.key", "required"),
        ({"person__query": "SELECT 1"}, "person.table", "either table or query"),
        ({"person__enough": [["nickname"]]}, "person.enough", '"nickname" is not under [identify]'),
        ({"person__enough": []}, "person.enough", "Shorter"),
        ({"identify": {}}, "identify", "at least one"),
        ({"identify__phone__compare": "soundex"}, "identify.phone", "Must be one of"),
        ({"identify__phone__column": "phone"}, "identify.phone", "either column or expr"),
        ({"identify__birth_date__formats": None}, "identify.birth_date", "compare"),
        ({"identify__birth_date__formats": ["DD/MM"]}, "identify.birth_date", "DD, MM and YYYY once each"),
        (
            {"identify__birth_date__formats": ["DD/MM/YYYY", "MM/DD/YYYY"]},
            "identify.birth_date",
            "different days",
        ),
        ({"identify__birth_date__timezone": "Paris"}, "identify.birth_date", "Europe/Paris"),
        ({f"{HOUSING}__schema": "housing.tenancy/9"}, "categories.housing.schema", "no record schema"),
        ({f"{HOUSING}__person": None}, "categories.housing.person", "needed with table"),
        ({f"{HOUSING}__query": "SELECT 1"}, "categories.housing.query", "stands alone"),
        ({f"{HOUSING}__fields": {}}, "categories.housing.fields", "at least one"),
        ({f"{HOUSING}__fields__tenur": "kind"}, "categories.housing.fields.tenur", 'did you mean "tenure"?'),
        ({RENT: {"column": "rent", "type": "cash"}}, "categories.housing.fields.rent", "Must be one of"),
        (
            {RENT: {"column": "rent", "type": "money"}},
            "categories.housing.fields.rent.currency",
            "needed for type",
        ),
        (
            {RENT: {"column": "rent", "type": "money", "currency": "euro"}},
            "categories.housing.fields.rent.currency",
            "ISO 4217",
        ),
        (
            {RENT: {"column": "rent", "type": "integer", "currency": "EUR"}},
            "categories.housing.fields.rent.currency",
            "not a key of type",
        ),
        ({RENT: {"colum": "rent"}}, "categories.housing.fields.rent", "expected one of: column"),
        ({RENT: {"column": "rent", "formt": "x"}}, "categories.housing.fields.rent.formt", "Unknown"),
        ({RENT: 3}, "categories.housing.fields.rent", "expected a column's name"),
        ({RENT: {"constant": 1.5}}, "categories.housing.fields.rent.constant", "whole number"),
        (
            {f"{HOUSING}__fields__tenure__codes": {"HLM": "sozial"}},
            "categories.housing.fields.tenure",
            '"sozial" does not fit',
        ),
        (
            {f"{HOUSING}__fields__tenure": {"constant": "sozial"}},
            "categories.housing.fields.tenure",
            '"sozial" does not fit',
        ),
        (
            {f"{HOUSING}__fields__overcrowded": {"column": "c", "type": "yes_no", "yes": ["N"]}},
            "categories.housing.fields.overcrowded.no",
            '"n" means yes too',
        ),
        (
            {f"{HOUSING}__fields__applications__fields__kidn": "kind"},
            "categories.housing.fields.applications.fields.kidn",
            'did you mean "kind"?',
        ),
        (
            {f"{HOUSING}__fields__applications__each": "kind"},
            "categories.housing.fields.applications",
            "either fields",
        ),
        (
            {f"{HOUSING}__fields__tenure": {"column": "kind", "type": "list", "separators": ","}},
            "categories.housing.fields.tenure",
            "one value here, not a list",
        ),
        (
            {f"{HOUSING}__fields__tenure": {"fields": {"x": "kind"}}},
            "categories.housing.fields.tenure",
            "one value here",
        ),
        ({"url_file": "secret.url"}, "url", "either url or url_file"),
    ],
)
def test_a_wrong_key_is_named_with_its_path(tmp_path, changes, key, what):
    with pytest.raises(MappingFault) as refused:
        parse_mapping(small.mapping(**changes), tmp_path / "small.toml")
    assert refused.value.detail.startswith("small.toml: ")
    assert key in refused.value.detail
    assert what in refused.value.detail
    assert refused.value.facts["file"] == "small.toml"
    assert str(refused.value.facts["key"]).startswith(key)


def test_several_faults_are_told_at_once(tmp_path):
    with pytest.raises(MappingFault) as refused:
        parse_mapping(small.mapping(kind=None, person__key=None), tmp_path / "small.toml")
    assert "kind" in refused.value.detail
    assert "person.key" in refused.value.detail


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("DELETE FROM tenancy WHERE person_id = :person", "SELECT or WITH"),
        ("SELECT 1; DELETE FROM tenancy WHERE person_id = :person", "SELECT or WITH"),
        ("selection WHERE person_id = :person", "SELECT or WITH"),
        ("-- SELECT\nUPDATE tenancy SET rent = :person", "SELECT or WITH"),
        ("SELECT rent FROM tenancy", "expected :person, found none"),
        ("SELECT rent FROM tenancy WHERE person_id = :person AND kind = :kind", "found :kind :person"),
        ("SELECT 'at :noon' FROM tenancy WHERE person_id = :person", "found :noon :person"),
    ],
)
def test_a_query_is_one_reading_statement_with_the_person_as_its_parameter(tmp_path, query, what):
    document = small.mapping(
        **{f"{HOUSING}__table": None, f"{HOUSING}__person": None, f"{HOUSING}__query": query}
    )
    with pytest.raises(MappingFault) as refused:
        small.source(tmp_path, document)
    assert refused.value.detail.startswith("small.toml: categories.housing")
    assert what in refused.value.detail


def test_a_comment_or_a_semicolon_in_a_text_does_not_spoil_a_query(tmp_path):
    query = """/* the lease */ -- now
        WITH t AS (SELECT * FROM tenancy) SELECT * FROM t WHERE person_id = :person AND kind <> ';';"""
    document = small.mapping(
        **{f"{HOUSING}__table": None, f"{HOUSING}__person": None, f"{HOUSING}__query": query}
    )
    small.source(tmp_path, document).check()


def test_the_query_for_persons_has_no_parameter(tmp_path):
    document = small.mapping(person__table=None, person__query="SELECT * FROM person WHERE id = :person")
    with pytest.raises(MappingFault, match="person.query: expected no parameters"):
        small.source(tmp_path, document)


def test_a_column_without_rows_to_stand_in_is_refused(tmp_path):
    document = small.mapping(**{f"{HOUSING}__table": None, f"{HOUSING}__person": None})
    with pytest.raises(MappingFault, match=r"categories\.housing\.fields\.\w+: a column needs"):
        small.source(tmp_path, document)


def test_rows_within_rows_are_refused(tmp_path):
    document = small.mapping()
    inner = {"table": "claim", "person": "person_id", "each": "kind"}
    document["categories"] = {
        "debts": {
            "schema": "debts.bills/1",
            "fields": {
                "debts": {"table": "t", "person": "p", "fields": {"plan": {"fields": {"period": inner}}}}
            },
        }
    }
    with pytest.raises(MappingFault):
        small.source(tmp_path, document)


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"kind = ", "this is not TOML"), (b"\xff\xfe", "cannot be read as UTF-8"), (None, "cannot be read")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, content, what):
    path = tmp_path / "broken.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingFault) as refused:
        load_mapping(path)
    assert refused.value.detail.startswith("broken.toml: ")
    assert what in refused.value.detail
    assert str(tmp_path) not in refused.value.detail


@pytest.mark.parametrize("url", [None, "not a url", "nosuch://host/db", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_leads_nowhere_is_refused(tmp_path, url):
    with pytest.raises(MappingFault) as refused:
        open_sql("small", parse_mapping(small.mapping(url=url), tmp_path / "small.toml"))
    assert refused.value.facts["key"] == "url"


def test_a_url_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(MappingFault, match="url_file"):
        parse_mapping(small.mapping(url=None, url_file="agency.url"), tmp_path / "small.toml")

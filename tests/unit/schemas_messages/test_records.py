"""The records that agencies share: names, labels, standards, minimising."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, fields

from schemas import records
from schemas.errors import Invalid, UnknownSchema
from schemas.records.record import RecordSchema
from schemas.vectors import examples

every_record = pytest.mark.parametrize("name", sorted(records.RECORDS))


def all_fields(schema: Schema) -> list[tuple[str, fields.Field[Any]]]:
    found = []
    for name, field in schema.fields.items():
        found.append((name, field))
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            found += all_fields(inner.schema)
    return found


@every_record
def test_every_field_has_a_label_in_both_languages_and_names_its_standard(name: str):
    for _, field in all_fields(records.schema_for(name)):
        assert field.metadata["x-label"].keys() == {"en", "fr"}
        assert all(field.metadata["x-label"].values())
        assert field.metadata["x-standard"]
        assert field.metadata["description"] == field.metadata["x-label"]["en"]


@every_record
def test_every_code_has_a_label_in_both_languages(name: str):
    for _, field in all_fields(records.schema_for(name)):
        for labels in field.metadata.get("x-codes", {}).values():
            assert labels.keys() == {"en", "fr"}
            assert all(labels.values())


@every_record
def test_every_field_may_be_left_out_but_not_all(name: str):
    assert not any(field.required for field in records.schema_for(name).fields.values())
    with pytest.raises(Invalid, match="at least one field"):
        records.validate(name, {})


@every_record
def test_no_field_is_a_float(name: str):
    assert not any(
        isinstance(field, fields.Float | fields.Decimal) for _, field in all_fields(records.schema_for(name))
    )


@every_record
def test_each_field_of_the_example_can_be_released_alone(name: str):
    record = examples.records()[name]
    for field in record:
        kept = records.keep_only(name, record, [field])
        assert kept == {field: record[field]}
        records.validate(name, kept)


@every_record
def test_a_schema_is_of_a_category_that_people_have_a_word_for(name: str):
    assert records.category_of(name) in records.CATEGORIES


def test_every_category_but_coordination_has_a_record():
    assert {records.category_of(name) for name in records.RECORDS} == set(records.CATEGORIES) - {
        "coordination"
    }


def test_labels_and_standards_are_found_by_name():
    assert records.label_of("housing.tenancy/1", "rent", "fr") == "Loyer mensuel"
    assert "HMIS 3.12" in records.standard_of("housing.tenancy/1", "living_situation")
    with pytest.raises(Invalid):
        records.label_of("housing.tenancy/1", "colour", "fr")
    with pytest.raises(Invalid):
        records.standard_of("housing.tenancy/1", "colour")


@pytest.mark.parametrize("name", ["housing.tenancy/2", "housing", "", "weather.report/1"])
def test_an_unknown_schema_is_refused(name: str):
    with pytest.raises(UnknownSchema):
        records.schema_for(name)


@pytest.mark.parametrize(
    ("record", "path"),
    [
        ({"rent": {"amount": 615.00, "currency": "EUR"}}, "record.rent.amount"),
        ({"rent": {"amount": True, "currency": "EUR"}}, "record.rent.amount"),
        ({"rent": {"amount": -1, "currency": "EUR"}}, "record.rent.amount"),
        ({"rent": {"amount": 1, "currency": "eur"}}, "record.rent.currency"),
        ({"rent": {"amount": 1}}, "record.rent.currency"),
        ({"since": "23/11/2026"}, "record.since"),
        ({"since": "2026-11-31"}, "record.since"),
        ({"overcrowded": "yes"}, "record.overcrowded"),
        ({"living_situation": "palace"}, "record.living_situation"),
        ({"landlord": "  "}, "record.landlord"),
        ({"landlord": "a\x00b"}, "record.landlord"),
        ({"landlord": "x" * 201}, "record.landlord"),
        ({"applications": []}, "record.applications"),
        ({"applications": [{}]}, "record.applications.0"),
        ({"applications": [{"kind": "villa"}]}, "record.applications.0.kind"),
        ({"colour": "blue"}, "record.colour"),
    ],
)
def test_a_bad_record_is_refused_with_the_path_of_its_fault(record: dict[str, Any], path: str):
    with pytest.raises(Invalid) as refused:
        records.validate("housing.tenancy/1", record)
    assert refused.value.facts["path"] == path


def test_minimising_refuses_names_that_the_schema_does_not_have():
    with pytest.raises(Invalid):
        records.keep_only("housing.tenancy/1", {"rent": {}}, ["rent", "colour"])


def test_minimising_to_nothing_is_refused_instead_of_releasing_an_empty_record():
    with pytest.raises(Invalid):
        records.keep_only("housing.tenancy/1", {"tenure": "social"}, ["rent"])


def test_every_nested_line_refuses_to_be_empty():
    for name in records.RECORDS:
        for _, field in all_fields(records.schema_for(name)):
            inner = field.inner if isinstance(field, fields.List) else field
            if isinstance(inner, fields.Nested):
                assert isinstance(inner.schema, RecordSchema)

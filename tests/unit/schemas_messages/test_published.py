"""The committed JSON Schemas are those that the code makes, and take what the code takes."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from schemas.messages.table import TYPES
from schemas.published import generate
from schemas.vectors import examples

DOCUMENTS = generate.documents()


def test_no_published_schema_is_stale():
    committed = {
        file.relative_to(generate.FOLDER).as_posix(): file.read_text("utf-8")
        for file in generate.FOLDER.rglob("*.json")
        if not file.name.startswith("openapi-")  # made from the routes, by another test held to them
    }
    made = {name: generate.text(content) for name, content in DOCUMENTS.items()}
    assert committed == made, "run `python -m schemas.published` and commit"


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - {"types.json"}))
def test_a_published_schema_is_one_of_the_dialect_and_closed(name: str):
    document = DOCUMENTS[name]
    jsonschema_rs.meta.validate(document)
    assert document["additionalProperties"] is False


@pytest.mark.parametrize("type_name", sorted(TYPES))
def test_good_envelopes_and_bodies_fit_what_is_published(type_name: str):
    payload = examples.payload(type_name)
    jsonschema_rs.validate(DOCUMENTS["envelope.json"], payload)
    if "body" in payload:
        jsonschema_rs.validate(DOCUMENTS[generate.path("bodies", type_name)], payload["body"])


@pytest.mark.parametrize("name", sorted(examples.contents()))
def test_good_statements_fit_what_is_published(name: str):
    folder = "records" if name in examples.records() else "statements"
    jsonschema_rs.validate(DOCUMENTS[generate.path(folder, name)], examples.contents()[name])


def test_good_documents_fit_what_is_published():
    jsonschema_rs.validate(DOCUMENTS["agreement.json"], examples.agreement())
    jsonschema_rs.validate(DOCUMENTS["consent.json"], examples.consent())
    jsonschema_rs.validate(DOCUMENTS["consent_terms.json"], examples.terms())


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"rent": {"amount": 1.5, "currency": "EUR"}},
        {"rent": {}},
        {"tenure": "castle"},
        {"colour": "blue"},
    ],
)
def test_bad_records_do_not_fit_what_is_published(record: dict[str, Any]):
    assert not jsonschema_rs.is_valid(DOCUMENTS["records/housing.tenancy.1.json"], record)


def test_the_table_of_types_is_published():
    assert set(DOCUMENTS["types.json"]) == set(TYPES)
    assert DOCUMENTS["types.json"]["record.erased/1"]["why_not_citizen"]

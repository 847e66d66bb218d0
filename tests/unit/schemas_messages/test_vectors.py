"""The frozen vectors: each gets its expected verdict here, and making them again gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas import errors
from schemas.messages.table import TYPES
from schemas.records import RECORDS
from schemas.vectors import generate
from schemas.vectors.known_keys import WARNING
from schemas.vectors.replay import replay
from schemas.vectors.vector import ACCEPTED

FILES = {file.name: json.loads(file.read_text("utf-8")) for file in sorted(generate.FOLDER.glob("*.json"))}
VECTORS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (vector, content["common"])
    for content in FILES.values()
    if "vectors" in content
    for vector in content["vectors"]
]


@pytest.mark.parametrize(("vector", "common"), VECTORS, ids=[vector["name"] for vector, _ in VECTORS])
def test_a_vector_gets_the_verdict_that_is_expected(vector: dict[str, Any], common: dict[str, Any]):
    assert replay(vector, common) == (vector["expect"], vector.get("reason", ""))


def test_making_the_vectors_again_gives_the_same_bytes():
    made = {name: generate.text(content) for name, content in generate.documents().items()}
    committed = {file.name: file.read_text("utf-8") for file in generate.FOLDER.glob("*.json")}
    assert made == committed, "run `python -m schemas.vectors` and look at what changed"


def test_every_type_and_every_record_schema_has_a_good_vector():
    names = {vector["name"] for vector in FILES["good.json"]["vectors"]}
    assert {f"a good {name}" for name in TYPES} <= names
    assert {f"a good record {name}" for name in RECORDS} <= names


def test_names_of_vectors_are_unique():
    names = [vector["name"] for vector, _ in VECTORS]
    assert len(set(names)) == len(names)


def test_only_bad_vectors_name_an_attack_and_every_expected_code_exists():
    codes = {kind.code for kind in _kinds(errors.Refusal)}
    for vector, _ in VECTORS:
        assert vector["expect"] in codes | {ACCEPTED}
        if "attack" in vector:
            assert vector["expect"] != ACCEPTED


@pytest.mark.parametrize(
    "attack",
    [
        *(f"J{number}" for number in range(1, 16)),
        *("P1", "P2", "P4", "P7", "P8", "P14", "P15", "W6", "W11", "W13", "W17"),
    ],
)
def test_every_attack_on_what_is_said_has_a_vector(attack: str):
    assert any(vector.get("attack") == attack for vector, _ in VECTORS)


def test_the_known_keys_say_that_they_are_known():
    assert FILES["known_keys.json"]["warning"] == WARNING


def _kinds(kind: type[errors.Refusal]) -> list[type[errors.Refusal]]:
    return [kind, *(each for child in kind.__subclasses__() for each in _kinds(child))]

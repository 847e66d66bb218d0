"""Narrowing a request: optional fields are left out one by one, needed ones never, and nothing is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from schemas.consent import check_answers
from schemas.errors import Invalid

NEEDED = {
    "category": "housing",
    "schema": "housing.tenancy/1",
    "fields": ["arrears"],
    "necessity": "needed",
    "special": False,
}
OPTIONAL = {**NEEDED, "fields": ["charges", "rent"], "necessity": "optional"}
REST: Mapping[str, Any] = {"notice": {}, "valid_until": "2027-01-01T00:00:00.000Z"}
TERMS = {**REST, "data": [NEEDED, OPTIONAL]}


@pytest.mark.parametrize(
    "data",
    [
        [NEEDED, OPTIONAL],
        [NEEDED, {**OPTIONAL, "fields": ["charges"]}],
        [NEEDED, {**OPTIONAL, "fields": ["rent"]}],
        [NEEDED],
    ],
)
def test_optional_fields_may_be_left_out_one_by_one(data: list[dict[str, Any]]) -> None:
    check_answers({**REST, "data": data}, TERMS)


@pytest.mark.parametrize(
    "data",
    [
        [OPTIONAL],
        [{**NEEDED, "fields": []}, OPTIONAL],
        [NEEDED, {**OPTIONAL, "fields": ["charges", "rent", "since"]}],
        [NEEDED, {**OPTIONAL, "fields": ["rent", "charges"]}],
        [NEEDED, {**OPTIONAL, "necessity": "needed"}],
        [NEEDED, {**OPTIONAL, "special": True}],
        [NEEDED, OPTIONAL, {**OPTIONAL, "category": "debts"}],
    ],
)
def test_needed_fields_stay_and_nothing_is_added(data: list[dict[str, Any]]) -> None:
    with pytest.raises(Invalid):
        check_answers({**REST, "data": data}, TERMS)


def test_a_shorter_time_is_an_answer_and_a_longer_one_is_not() -> None:
    check_answers({**TERMS, "valid_until": "2026-12-01T00:00:00.000Z"}, TERMS)
    with pytest.raises(Invalid):
        check_answers({**TERMS, "valid_until": "2027-01-02T00:00:00.000Z"}, TERMS)

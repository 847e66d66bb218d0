"""A consent that takes the place of another names all whom that one names; the refusal says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.consent_succession import check_succeeds
from schemas.errors import ConsentDoesNotCover
from schemas.vectors import examples
from schemas.vectors.examples import NORTH, SOUTH

OLD = examples.consent()


@pytest.mark.parametrize(
    ("old", "new", "left_out"),
    [
        ({"sources": [NORTH, "third-agency"]}, {}, "third-agency"),
        ({"recipients": [SOUTH, "third-agency", "a-fourth"]}, {}, "a-fourth, third-agency"),
        # It would still be told of it, and not what it may not do any more.
        ({"recipients": [SOUTH, NORTH], "sources": [NORTH, SOUTH]}, {}, SOUTH),
    ],
)
def test_who_is_left_out_is_named_and_the_way_out_too(
    old: dict[str, Any], new: dict[str, Any], left_out: str
):
    with pytest.raises(ConsentDoesNotCover) as refused:
        check_succeeds({**OLD, **new}, {**OLD, **old})
    assert refused.value.facts == {"consent": OLD["id"], "left_out": left_out}
    assert "Withdraw the old consent and decide anew" in (refused.value.remedy or "")


@pytest.mark.parametrize(
    "changes",
    [{"agreement": "summer-support@1"}, {"purpose": {**OLD["purpose"], "code": "marketing"}}],
)
def test_another_purpose_is_another_decision(changes: dict[str, Any]):
    with pytest.raises(ConsentDoesNotCover, match="another purpose"):
        check_succeeds({**OLD, **changes}, OLD)


@pytest.mark.parametrize(
    "changes",
    [
        {"data": OLD["data"][:1]},
        {"valid_until": "2026-12-23T05:00:00.000Z"},
        {"fetch": "once", "frequency": None},
        {"data_life": {"days": 1}},
        {"identify_with": ["family_name"]},
        {"agreement": "winter-support@2"},
        {"recipients": [SOUTH, "third-agency"]},
    ],
)
def test_everything_else_may_be_less_and_somebody_may_be_added(changes: dict[str, Any]):
    check_succeeds({**OLD, **changes}, OLD)

"""Whatever is offered or granted, it never gives more than was asked for, in any of the things that count."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import given, settings

from schemas.consent import check_answers, check_offer, load_consent, load_terms
from schemas.errors import Refusal
from schemas.vectors import examples

FIELDS = ("living_situation", "rent", "arrears")
DAYS = ("2026-12-23", "2027-03-23", "2027-05-23", "2027-05-24")


@st.composite
def narrowings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw terms around those of the example: some narrower, some wider, some both."""
    asked = examples.terms()
    fields = draw(st.lists(st.sampled_from([*FIELDS, "landlord"]), min_size=1, max_size=4, unique=True))
    entries = draw(
        st.lists(st.sampled_from([{**asked["data"][0], "fields": fields}, asked["data"][1]]), max_size=2)
    )
    frequency = draw(
        st.none()
        | st.fixed_dictionaries(
            {"count": st.integers(1, 4), "per": st.sampled_from(["day", "week", "month"])}
        )
    )
    return {
        **asked,
        "data": entries,
        "valid_until": f"{draw(st.sampled_from(DAYS))}T05:00:00.000Z",
        "review_due": draw(st.sampled_from([None, asked["review_due"], "2026-12-01T05:00:00.000Z"])),
        "data_life": {"days": draw(st.sampled_from([1, 30, 180, 181, 366]))},
        "fetch": "once" if frequency is None else "repeated",
        "frequency": frequency,
        "recipients": draw(
            st.sampled_from([[examples.SOUTH], ["third-agency"], [examples.SOUTH, "third-agency"]])
        ),
        **draw(st.sampled_from([{}, {"preview": True}, {"preview": False}])),
    }


def _may_flow(terms: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Give everything that could move: recipient, category, field."""
    return {
        (recipient, each["category"], field)
        for recipient in terms["recipients"]
        for each in terms["data"]
        for field in each["fields"]
    }


def _per_year(terms: dict[str, Any]) -> int:
    if terms["frequency"] is None:
        return 1
    return int(terms["frequency"]["count"]) * {"day": 365, "week": 52, "month": 12}[terms["frequency"]["per"]]


def _is_no_wider(given_: dict[str, Any], asked: dict[str, Any]) -> bool:
    return (
        _may_flow(given_) <= _may_flow(asked)
        and given_["valid_until"] <= asked["valid_until"]
        and given_["data_life"]["days"] <= asked["data_life"]["days"]
        and _per_year(given_) <= _per_year(asked)
        and (given_.get("preview", False) or not asked.get("preview", False))
    )


@settings(max_examples=300)
@given(offered=narrowings(), preview=st.booleans())
def test_an_offer_that_is_accepted_widens_nothing(offered: dict[str, Any], preview: bool):
    asked = {**examples.terms(), **({"preview": True} if preview else {})}
    try:
        check_offer(load_terms(offered), asked)
    except Refusal:
        return
    assert _is_no_wider(offered, asked)


@settings(max_examples=300)
@given(granted=narrowings(), preview=st.booleans())
def test_a_grant_that_is_accepted_widens_nothing(granted: dict[str, Any], preview: bool):
    asked = {**examples.terms(), **({"preview": True} if preview else {})}
    decided = {name: examples.consent()[name] for name in ("id", "proof", "actor", "valid_from")}
    document = {**granted, **decided, "notice": examples.consent()["notice"]}
    try:
        load_consent(document)
        check_answers(document, asked)
    except Refusal:
        return
    assert _is_no_wider(granted, asked)


def test_the_draw_finds_both_offers_that_are_accepted_and_offers_that_are_not():
    found = {"accepted": 0, "refused": 0}

    @settings(max_examples=300, database=None, derandomize=True)
    @given(offered=narrowings())
    def count(offered: dict[str, Any]) -> None:
        try:
            check_offer(load_terms(offered), examples.terms())
            found["accepted"] += 1
        except Refusal:
            found["refused"] += 1

    count()
    assert found["accepted"] > 5
    assert found["refused"] > 5

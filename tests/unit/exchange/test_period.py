"""What a consent for a period lets go: what is about it, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.exchange.outgoing.period import within

YEAR = (date(2030, 1, 1), date(2030, 12, 31))
TODAY = date(2031, 3, 10)
OLD = {"kind": "1", "since": "2028-01-01", "until": "2029-12-31"}
THEN = {"kind": "3", "since": "2029-06-01", "until": "2030-01-01"}
LATER = {"kind": "8", "since": "2031-01-01"}
ON = {"kind": "10", "since": "2025-01-01"}
UNDATED = {"kind": "17"}


def test_without_a_period_everything_stays() -> None:
    record = {"sources": [OLD, UNDATED], "monthly_total": {"amount": 1, "currency": "EUR"}}
    assert within(record, None, TODAY) == record


def test_rows_stay_that_overlap_and_what_has_no_date_is_of_today() -> None:
    record = {"sources": [OLD, THEN, LATER, ON, UNDATED], "without_resources": False}
    assert within(record, YEAR, TODAY) == {"sources": [THEN, ON]}
    assert within(record, (YEAR[0], TODAY), TODAY) == {
        "sources": [THEN, LATER, ON, UNDATED],
        "without_resources": False,
    }


@pytest.mark.parametrize("record", [{"sources": [OLD]}, {"rent": 1}, {"since": "2031-01-01", "rent": 1}, {}])
def test_nothing_is_left_where_nothing_is_about_it(record: dict[str, Any]) -> None:
    assert within(record, YEAR, TODAY) == {}


def test_a_record_with_dates_of_its_own_counts_by_them() -> None:
    record = {"since": "2029-05-01", "until": "2030-02-01", "history": [THEN, LATER]}
    found = within(record, (YEAR[0], TODAY), TODAY)
    assert found["history"] == [THEN, LATER]
    assert within({**record, "until": "2029-06-01"}, YEAR, TODAY) == {}


days = st.dates(date(2029, 1, 1), date(2032, 1, 1))
rows = st.lists(
    st.fixed_dictionaries({}, optional={"since": days.map(str), "until": days.map(str)}), max_size=6
)


@given(rows, days, st.integers(0, 400), days)
def test_every_row_that_stays_has_a_day_in_the_period(
    found: list[dict[str, str]], first: date, length: int, today: date
) -> None:
    last = first + timedelta(days=length)
    kept = within({"rows": found}, (first, last), today).get("rows", [])
    for row in found:
        begins = date.fromisoformat(row["since"]) if "since" in row else date.min
        ends = date.fromisoformat(row["until"]) if "until" in row else date.max
        if not row:
            begins = ends = today
        assert (row in kept) is (begins <= last and ends >= first)

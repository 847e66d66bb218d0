"""A day is read as people write it, in both languages; what could be another day, or is none, is refused."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.portal.typed_days import read_day


@pytest.mark.parametrize(
    "typed",
    [
        *("23/11/2026", "23.11.26", "23-11-2026", " 23  11 2026 ", "2026-11-23", "2026/11/23"),
        *("23 November 2026", "23 novembre 2026", "23 NOV. 2026", "23rd november, 2026", "23. nov 26"),
    ],
)
def test_a_day_is_read_as_people_write_it(typed):
    assert read_day(typed) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1er août 2026", date(2026, 8, 1)),
        ("8 fevrier 2026", date(2026, 2, 8)),
        ("8 FÉV 2026", date(2026, 2, 8)),
        ("3/4/2026", date(2026, 4, 3)),
        ("31/12/9999", date(9999, 12, 31)),
    ],
)
def test_accents_are_no_matter_and_the_day_comes_first(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize(
    "typed",
    [
        *("", "yesterday", "31/2/2026", "11/23/2026", "23/11", "0/1/2026", "1/1/0000", "5 jui 2026"),
        *("5 ma 2026", "23/11/2026 noon", "1" * 5000, "23 november " + "0" * 40),
    ],
)
def test_what_is_no_day_or_could_be_two_is_refused(typed):
    with pytest.raises(ValueError, match=r"."):
        read_day(typed)

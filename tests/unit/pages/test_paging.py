"""A long list on several pages: nothing is left out or shown twice, and addresses stay on this page."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from connectors.pages.paging import Part, part

SIZE = 5


def _asked(address: str, items: list[int]) -> Part[int]:
    with Flask(__name__).test_request_context(address):
        return part(items, size=SIZE)


@given(st.integers(0, 60))
def test_going_on_shows_everything_once_and_going_back_ends_at_the_top(count: int) -> None:
    steps = 0
    found = _asked("/cases/1/messages", list(range(count)))
    shown = list(found.items)
    while found.older is not None:
        found = _asked(found.older, list(range(count)))
        shown += found.items
        steps += 1
    assert shown == list(range(count))
    while found.newer is not None:
        found = _asked(found.newer, list(range(count)))
        steps -= 1
    assert steps == 0
    assert list(found.items) == list(range(count))[:SIZE]


@pytest.mark.parametrize("start", ["-3", "x", "", "1e9", "999999999999", "%00"])
def test_a_beginning_that_is_none_shows_a_part_that_is_there(start: str) -> None:
    found = _asked(f"/who-looked/?from={start}", list(range(12)))
    assert list(found.items) in ([0, 1, 2, 3, 4], [10, 11])


def test_the_other_choices_stay_and_nothing_in_them_leads_elsewhere() -> None:
    address = "/who-looked/?kind=view&_external=1&_scheme=javascript&_anchor=x&with=%22%3E%3Cb%3E"
    older = _asked(address, list(range(12))).older
    assert older is not None
    there = urlsplit(older)
    assert (there.scheme, there.netloc, there.path, there.fragment) == ("", "", "/who-looked/", "")
    asked = parse_qs(there.query)
    assert asked["from"] == ["5"]
    assert asked["kind"] == ["view"]
    assert asked["with"] == ['"><b>']
    assert "<" not in older

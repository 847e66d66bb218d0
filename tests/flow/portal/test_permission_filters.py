"""Permissions are narrowed by state, organisation and days; a day that is none narrows nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.flow.exchange.world import START
from tests.flow.portal.story import Story


@pytest.fixture
def page(tmp_path: Path, make_database: MakeDatabase):
    story = Story(tmp_path, make_database)
    visit = story.visit(story.citizen)
    yield lambda asked: visit.get(f"/permissions/?{asked}").text
    story.close()


def shown_in(html: str) -> set[str]:
    return set(re.findall(r'href="/permissions/([0-9a-f-]{36})"', html))


def test_days_leave_out_what_was_given_before_or_after(page):
    everything, given = shown_in(page("")), START.date()
    assert everything
    assert shown_in(page(f"since={given}&until={given + timedelta(days=30)}")) == everything
    later = page(f"since={given + timedelta(days=300)}")
    assert not shown_in(later)
    assert "Nothing here fits what you chose." in later
    assert not shown_in(page(f"until={given - timedelta(days=1)}"))
    assert not shown_in(page("state=suspended&with=nobody"))


def test_what_is_no_day_is_said_and_kept(page):
    shown = page("since=someday&state=granted")
    assert "Write the first day like 23/11/2026." in shown
    assert 'value="someday"' in shown
    assert page("since=2026-02-02&until=2026-02-01").count("This day is before the first day.") > 0

"""When somebody is reminded: in parts of the time, never ninety days without, of short ones rarely."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from connectors.portal.mail.reminders import AT_LEAST_EVERY, covered, is_due, marks

START = datetime(2031, 3, 10, tzinfo=UTC)


def days(count: float) -> dict[str, int]:
    return {name: (at - START).days for name, at in marks(START, START + timedelta(days=count)).items()}


def test_a_permission_for_100_days_is_reminded_of_at_half_four_fifths_and_near_the_end():
    assert days(100) == {"part50": 50, "part80": 80, "part95": 95, "day90": 90}


def test_a_short_one_is_reminded_of_once_and_a_very_short_one_never():
    assert days(10) == {"part80": 8}
    assert days(2) == {}


def test_ninety_days_never_pass_without_a_reminder():
    for length in range(30, 367):
        until = START + timedelta(days=length)
        times = [START, *sorted(marks(START, until).values()), until]
        assert max(b - a for a, b in itertools.pairwise(times)) <= AT_LEAST_EVERY
        assert all(at < until for at in times[1:-1])


def test_the_last_mark_that_has_passed_is_due_until_it_is_told():
    when = marks(START, START + timedelta(days=100))
    now = START + timedelta(days=81)
    assert not is_due(when, set(), START + timedelta(days=49))
    assert is_due(when, set(), now)
    assert is_due(when, {"part50"}, now)
    assert not is_due(when, {"part80"}, now)


def test_a_reminder_stands_for_what_would_be_due_within_a_week():
    when = marks(START, START + timedelta(days=100))
    assert set(covered(when, START + timedelta(days=89))) == {"part50", "part80", "day90", "part95"}
    assert set(covered(when, START + timedelta(days=50))) == {"part50"}

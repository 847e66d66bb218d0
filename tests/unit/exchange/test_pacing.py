"""How often tables may be written anew: seldom enough for those who wait, often enough for those erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.exchange.store.pacing import LONGEST, REST, Pace

NOW = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)


def test_the_first_time_is_at_once():
    Pace().check(NOW)


@pytest.mark.parametrize("seconds", [0.05, 2, 60])
def test_the_pause_is_a_hundred_times_as_long_as_the_work(seconds: float):
    pace = Pace()
    pace.took(seconds, NOW)
    over = NOW + timedelta(seconds=seconds) * REST
    with pytest.raises(BlockingIOError):
        pace.check(over - timedelta(milliseconds=1))
    pace.check(over)


def test_work_of_hours_is_done_again_after_a_day():
    pace = Pace()
    pace.took(3600, NOW)
    with pytest.raises(BlockingIOError):
        pace.check(NOW + LONGEST - timedelta(seconds=1))
    pace.check(NOW + LONGEST)


def test_a_clock_that_was_set_back_stops_nothing():
    pace = Pace()
    pace.took(3600, NOW)
    pace.check(NOW - timedelta(days=400))

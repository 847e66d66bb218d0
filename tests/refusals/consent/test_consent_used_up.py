"""A consent that was used as often as the citizen allowed permits no further release."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import instant
from schemas.consent import allows_another_release, load_consent
from schemas.errors import ConsentUsedUp
from schemas.vectors import examples

NOW = instant.parse("2027-01-15T12:00:00.000Z")
TWICE_A_MONTH = load_consent(examples.consent())
ONCE = load_consent({**examples.consent(), "fetch": "once", "frequency": None})


def test_the_first_release_is_always_allowed():
    allows_another_release(ONCE, [], NOW)
    allows_another_release(TWICE_A_MONTH, [], NOW)


def test_a_consent_for_one_time_is_used_up_by_one_release_however_long_ago():
    with pytest.raises(ConsentUsedUp):
        allows_another_release(ONCE, [NOW - timedelta(days=200)], NOW)


def test_twice_a_month_allows_two_releases_in_thirty_days():
    allows_another_release(TWICE_A_MONTH, [NOW - timedelta(days=1)], NOW)
    with pytest.raises(ConsentUsedUp) as refused:
        allows_another_release(TWICE_A_MONTH, [NOW - timedelta(days=1), NOW - timedelta(days=29)], NOW)
    assert refused.value.facts == {"consent": examples.CONSENT, "count": 2}


def test_the_period_is_rolling_and_its_end_is_exact():
    earlier = [NOW - timedelta(days=1), NOW - timedelta(days=30)]
    allows_another_release(TWICE_A_MONTH, earlier, NOW)
    with pytest.raises(ConsentUsedUp):
        allows_another_release(TWICE_A_MONTH, [earlier[0], earlier[1] + timedelta(milliseconds=1)], NOW)

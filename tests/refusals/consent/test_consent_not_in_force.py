"""Only a consent that is granted, and only within its time, permits anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.consent import Status, check_granted, covers, load_consent
from schemas.errors import ConsentNotInForce
from schemas.vectors import examples

CONSENT = load_consent(examples.consent())
USE: dict[str, Any] = {
    "source": examples.NORTH,
    "recipient": examples.SOUTH,
    "purpose": "rent-help",
    "categories": ["housing"],
    "agreement": examples.AGREEMENT,
}
MOMENT = timedelta(milliseconds=1)


def test_it_covers_from_its_first_to_its_last_moment():
    covers(CONSENT, **USE, at=CONSENT.valid_from)
    covers(CONSENT, **USE, at=CONSENT.valid_until - MOMENT)


@pytest.mark.parametrize("at", [CONSENT.valid_from - MOMENT, CONSENT.valid_until])
def test_outside_of_its_time_it_is_refused_with_its_dates(at):
    with pytest.raises(ConsentNotInForce) as refused:
        covers(CONSENT, **USE, at=at)
    assert refused.value.facts["valid_until"] == CONSENT.document["valid_until"]


@pytest.mark.parametrize("status", [*(each for each in Status if each != Status.GRANTED), "unknown", ""])
def test_no_state_but_granted_permits(status: str):
    with pytest.raises(ConsentNotInForce):
        check_granted(examples.CONSENT, status)


def test_granted_permits_whether_it_is_a_word_of_ours_or_of_the_database():
    check_granted(examples.CONSENT, Status.GRANTED)
    check_granted(examples.CONSENT, "granted")

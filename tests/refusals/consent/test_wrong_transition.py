"""What cannot happen to a consent in its state is refused, unknown states and events included."""

from __future__ import annotations

import pytest

from schemas.consent import Event, Status, next_status
from schemas.consent_life import TRANSITIONS
from schemas.errors import WrongTransition

FINAL = ("refused", "withdrawn", "expired", "superseded", "invalidated")


@pytest.mark.parametrize("status", FINAL)
@pytest.mark.parametrize("event", Event)
def test_nothing_happens_to_a_consent_that_has_ended(status: str, event: Event):
    with pytest.raises(WrongTransition):
        next_status(status, event)


@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("granted", "grant"),
        ("granted", "refuse"),
        ("granted", "resume"),
        ("suspended", "suspend"),
        ("suspended", "grant"),
        ("requested", "withdraw"),
        ("requested", "resume"),
        ("deferred", "suspend"),
        ("unknown", "grant"),
        ("granted", "explode"),
    ],
)
def test_an_impossible_step_is_refused_with_state_and_event(status: str, event: str):
    with pytest.raises(WrongTransition) as refused:
        next_status(status, event)
    assert refused.value.facts == {"status": status, "event": event}


def test_a_withdrawal_is_possible_from_every_state_that_may_permit():
    assert next_status("granted", "withdraw") == next_status("suspended", "withdraw") == Status.WITHDRAWN


def test_the_machine_names_every_state():
    assert set(TRANSITIONS) == set(Status)

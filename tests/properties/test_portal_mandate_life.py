"""Whatever happens to a mandate, whenever and in whatever order: it permits only while it is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connectors.portal.acting.rules import (
    KINDS,
    LONGEST_GIVEN,
    POWERS,
    Event,
    Standing,
    Status,
    Terms,
    check_power,
    check_terms,
    in_force,
    next_status,
)
from connectors.portal.errors import MandateRefused, PowerMissing
from schemas.errors import WrongTransition

START = datetime(2031, 3, 10, tzinfo=UTC)
HOURS = st.integers(min_value=1, max_value=400)


class LifeOfAMandate(RuleBasedStateMachine):
    """Keeps what a person would say about the mandate beside what the machine says."""

    @initialize(lasts=HOURS, of_age=st.none() | HOURS, powers=st.sets(st.sampled_from(POWERS), min_size=1))
    def invited(self, lasts: int, of_age: int | None, powers: set[str]) -> None:
        self.now = START
        self.status = Status.INVITED
        self.until = START + timedelta(hours=lasts)
        self.of_age = None if of_age is None else START + timedelta(hours=of_age)
        self.powers = powers
        self.accepted = self.over = False

    @rule(hours=HOURS)
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(event=st.sampled_from(Event))
    def something_happens(self, event: Event) -> None:
        possible = not self.over and (event is not Event.ACCEPT or not self.accepted)
        if not possible:
            with pytest.raises(WrongTransition):
                next_status(self.status, event)
            return
        self.status = next_status(self.status, event)
        self.accepted |= event is Event.ACCEPT
        self.over |= event is not Event.ACCEPT

    @invariant()
    def it_can_be_used_only_between_its_acceptance_and_its_end(self) -> None:
        grown = self.of_age is not None and self.now >= self.of_age
        usable = self.accepted and not self.over and self.now < self.until and not grown
        assert in_force(self._standing(), self.now) is usable

    @invariant()
    def it_has_the_powers_that_were_given_and_no_other(self) -> None:
        for power in POWERS:
            if power in self.powers:
                check_power(self._standing(), power)
            else:
                with pytest.raises(PowerMissing):
                    check_power(self._standing(), power)

    def _standing(self) -> Standing:
        return Standing(
            status=self.status,
            valid_from=START,
            valid_until=self.until,
            powers=tuple(self.powers),
            of_age_on=self.of_age,
        )


LifeOfAMandate.TestCase.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
test_a_mandate_permits_only_while_it_is_in_force = LifeOfAMandate.TestCase


@given(
    kind=st.sampled_from([name for name, each in KINDS.items() if not each.by_staff]),
    powers=st.none() | st.sets(st.sampled_from(POWERS)),
    lasts=st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=800)),
)
def test_what_a_citizen_gives_ends_within_a_year_lets_see_and_a_helper_do_no_more_than_withdraw(
    kind: str, powers: set[str] | None, lasts: timedelta
):
    terms = Terms(kind=kind, valid_until=START + lasts, powers=powers)
    try:
        check_terms(terms, by_staff=False, now=START)
    except MandateRefused:
        wrong_end = not timedelta(0) < lasts <= LONGEST_GIVEN
        wrong_powers = powers is not None and (
            "view" not in powers or (kind == "informal_helper" and not powers <= {"view", "withdraw"})
        )
        assert wrong_end or wrong_powers
        return
    assert timedelta(0) < lasts <= LONGEST_GIVEN
    assert "view" in terms.whole_powers
    if kind == "informal_helper":
        assert set(terms.whole_powers) <= {"view", "withdraw"}

"""Whatever happens to a consent, in whatever order: it permits only after a grant that nothing has ended."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from schemas.consent import Event, Status, check_granted, next_status
from schemas.errors import ConsentNotInForce, WrongTransition

ENDS = {Event.WITHDRAW, Event.EXPIRE, Event.SUPERSEDE, Event.INVALIDATE}


class LifeOfAConsent(RuleBasedStateMachine):
    """Keeps what a person would say about the consent beside what the machine says."""

    @initialize()
    def asked(self) -> None:
        self.status = Status.REQUESTED
        self.answered = self.yes = self.paused = self.over = False

    @rule(event=st.sampled_from(Event))
    def something_happens(self, event: Event) -> None:
        if not self.possible(event):
            with pytest.raises(WrongTransition):
                next_status(self.status, event)
            return
        self.status = next_status(self.status, event)
        self.yes |= event is Event.GRANT
        self.answered |= event in {Event.GRANT, Event.REFUSE} or event in ENDS
        self.paused = event is Event.SUSPEND or (self.paused and event is not Event.RESUME)
        self.over |= event in ENDS

    def possible(self, event: Event) -> bool:
        if event in {Event.GRANT, Event.REFUSE, Event.DEFER}:
            return not self.answered
        if event in {Event.EXPIRE, Event.SUPERSEDE} and not self.answered:
            return True  # the question itself ends: unanswered for too long, or asked for less instead
        live = self.yes and not self.over
        if event is Event.SUSPEND:
            return live and not self.paused
        if event is Event.RESUME:
            return live and self.paused
        return live

    @invariant()
    def it_permits_only_while_a_yes_stands(self) -> None:
        if self.yes and not self.paused and not self.over:
            check_granted("consent", self.status)
        else:
            with pytest.raises(ConsentNotInForce):
                check_granted("consent", self.status)


LifeOfAConsent.TestCase.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)
test_a_consent_permits_only_while_a_yes_stands = LifeOfAConsent.TestCase

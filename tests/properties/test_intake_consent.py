"""Whatever is decided about consents, in whatever order: a release is admitted exactly when one permits it.

A model of a few lines goes along with the real coordinator; they must agree on every answer and on what
the recipient can collect.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from coordinator.intake.flow import Admitted
from schemas.errors import Refusal
from tests.conftest import MakeDatabase
from tests.factories import START, World, id_of, make_world
from tests.prepared import coordinators_tables

STEPS = 20
YEAR = timedelta(days=260)
"""Beyond a year the members' keys end; that is another test's subject."""


class Consents(RuleBasedStateMachine):
    """Grants, suspends, resumes, withdraws, supersedes, lets time pass, releases, collects."""

    def __init__(self, make_database: MakeDatabase) -> None:
        """Begin with a world and its first consent."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = make_database(prepared_by=coordinators_tables)
        self.world: World = make_world(Path(self.folder.name), url)
        self.states = {self.world.consent: "granted"}
        self.ends = {self.world.consent: self.world.clock().timestamp() + 180 * 86400}
        self.waiting: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self.released: set[str] = set()

    def teardown(self) -> None:
        """Stop it."""
        self.world.stop()
        self.folder.cleanup()

    def _permits(self, consent: str) -> bool:
        return self.states[consent] == "granted" and self.world.clock().timestamp() < self.ends[consent]

    def _pick(self, number: int) -> str:
        return sorted(self.states)[number % len(self.states)]

    def _end(self, consent: str) -> None:
        self.waiting = {release: under for release, under in self.waiting.items() if under != consent}

    def _send(self, raw: bytes) -> bool:
        answer = self.world.send(raw)
        assert isinstance(answer, Admitted | Refusal)
        return isinstance(answer, Admitted)

    @rule(number=st.integers(0, 9), supersede=st.booleans())
    def grant(self, number: int, *, supersede: bool) -> None:
        """Grant a new consent, perhaps in place of another."""
        old = self._pick(number) if supersede else None
        document = self.world.consent_document(supersedes=old)
        may = old is None or self.states[old] in {"granted", "suspended"}
        assert self._send(self.world.grant(document)) is may
        if may:
            self.states[document["id"]] = "granted"
            self.ends[document["id"]] = self.world.clock().timestamp() + 180 * 86400
            if old is not None:
                self.states[old] = "superseded"
                self._end(old)

    @rule(number=st.integers(0, 9))
    def suspend(self, number: int) -> None:
        """Suspend one."""
        consent = self._pick(number)
        may = self.states[consent] == "granted"
        assert self._send(self.world.decide("suspend", consent)) is may
        if may:
            self.states[consent] = "suspended"
            self._end(consent)

    @rule(number=st.integers(0, 9))
    def resume(self, number: int) -> None:
        """Resume one."""
        consent = self._pick(number)
        may = self.states[consent] == "suspended" and self.world.clock().timestamp() < self.ends[consent]
        assert self._send(self.world.decide("resume", consent)) is may
        if may:
            self.states[consent] = "granted"

    @rule(number=st.integers(0, 9))
    def withdraw(self, number: int) -> None:
        """Withdraw one."""
        consent = self._pick(number)
        may = self.states[consent] in {"granted", "suspended"}
        assert self._send(self.world.decide("withdraw", consent)) is may
        if may:
            self.states[consent] = "withdrawn"
            self._end(consent)

    @rule(number=st.integers(0, 9))
    def release(self, number: int) -> None:
        """Release under one."""
        self.world.consent = consent = self._pick(number)
        raw = self.world.release()
        may = self._permits(consent)
        assert self._send(raw) is may
        if may:
            self.waiting[id_of(raw)] = consent
            self.released.add(id_of(raw))

    @rule()
    def collect(self) -> None:
        """Let the recipient collect everything."""
        page = self.world.coordinator.mailboxes.collect(self.world.benefits.id)
        found = {id_of(letter.message) for letter in page.letters}
        known = self.waiting | self.given
        allowed = {release: consent for release, consent in known.items() if self._permits(consent)}
        assert found & self.released == set(allowed)
        # What was given and is not acknowledged is given again; what no consent carries any more never is.
        self.given, self.waiting = allowed, {}

    @precondition(lambda self: self.world.clock() < START + YEAR)
    @rule(days=st.integers(1, 100))
    def time_passes(self, days: int) -> None:
        """Let days pass; the coordinator does what is due, or does not get to it."""
        self.world.clock.move(days=days)
        if days % 2:
            self.world.coordinator.tick()
            for consent, state in self.states.items():
                over = self.world.clock().timestamp() >= self.ends[consent]
                if over and state in {"granted", "suspended"}:
                    self.states[consent] = "expired"
                    self._end(consent)


def test_a_release_is_admitted_exactly_when_a_consent_permits_it(make_database: MakeDatabase):
    tried = settings(max_examples=15, stateful_step_count=STEPS)
    made: Any = lambda: Consents(make_database)  # noqa: E731 - hypothesis takes any factory, and types a class
    run_state_machine_as_test(made, settings=tried)

"""Whatever happens around a record that the citizen sees first: it goes on only by their word, and once.

A model of a few lines goes along with a real coordinator and real connectors: consents are paused, resumed
and withdrawn, words are said, time passes, connectors are killed and started again, in any order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from connectors.exchange import spool
from connectors.exchange.acts import consents as deciding
from connectors.exchange.acts import previews as acts
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import previews, statements
from schemas.errors import Refusal
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World

VERBS = {"suspend": deciding.suspend, "resume": deciding.resume, "withdraw": deciding.withdraw}
STEPS: dict[str, Callable[[Connector], object]] = {
    "send": spool.flush,
    "receive": incoming.receive,
    "answer": outgoing.work,
    "keep": keeping.keep,
}


class Previews(RuleBasedStateMachine):
    """One case, one consent with preview, several requests."""

    def __init__(self, make_database: MakeDatabase) -> None:
        """Go to where the first record can be asked for."""
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(Path(self.folder.name), make_database)
        self.case, self.consent = self.world.everything(consent={"preview": True, "data_life": {"days": 5}})
        self.status = "granted"
        self.words: dict[str, str] = {}
        self.asked: list[str] = []

    def teardown(self) -> None:
        """Let everything come to rest, and look at it a last time."""
        self.world.settle(40)
        self.nothing_went_on_without_a_word()
        self._at_rest()
        self.world.close()
        self.folder.cleanup()

    @precondition(lambda self: self.status == "granted" and len(self.asked) < 3)
    @rule()
    def ask(self) -> None:
        """The agency asks for the record."""
        self.asked.append(self.world.request(self.case, self.consent))

    @rule(number=st.integers(0, 5), word=st.sampled_from(["pass", "stop"]))
    def decide(self, number: int, word: str) -> None:
        """The citizen says their word about something that waits."""
        portal = self.world.members[PORTAL]
        waiting = acts.waiting_previews(portal, self.case)
        if not waiting:
            return
        row = waiting[number % len(waiting)]
        try:
            acts.pass_on(portal, row.release, word)  # type: ignore[arg-type]  # drawn from the two words
        except Refusal:
            assert word == "pass"
            assert self.status != "granted"
        else:
            self.words[row.request] = word

    @rule(verb=st.sampled_from(sorted(VERBS)))
    def change(self, verb: str) -> None:
        """The citizen changes the consent."""
        after = {"suspend": "suspended", "resume": "granted", "withdraw": "withdrawn"}[verb]
        try:
            VERBS[verb](self.world.members[PORTAL], self.consent)
        except Refusal:
            return
        self.status = after

    @rule(member=st.sampled_from([DEBT, HOUSING, PORTAL]), step=st.sampled_from(sorted(STEPS)))
    def work(self, member: str, step: str) -> None:
        """One connector does one thing."""
        STEPS[step](self.world.members[member])

    @rule(member=st.sampled_from([HOUSING, PORTAL]))
    def restart(self, member: str) -> None:
        """A connector is stopped and started again from its files."""
        self.world.reopen(member)

    @rule(hours=st.sampled_from([1, 25, 72]))
    def time_passes(self, hours: int) -> None:
        """Time passes."""
        self.world.clock.move(hours=hours)

    @rule()
    def rest(self) -> None:
        """Everybody sends and receives until nothing moves."""
        self.world.settle(40)

    @invariant()
    def nothing_went_on_without_a_word(self) -> None:
        """Who asked has a record only where the citizen passed it on, and has it once."""
        with self.world.members[DEBT].database.reading() as connection:
            for request in self.asked:
                records = [row for row in statements.answers_to(connection, request) if not row.mine]
                assert len(records) <= 1
                if records:
                    assert self.words.get(request) == "pass"

    def _at_rest(self) -> None:
        """Nothing that was decided is left undone, and no record is kept longer than it waits."""
        with self.world.members[HOUSING].database.reading() as connection:
            for row in previews.of_case(connection, self.case):
                assert row.state in {"waiting", "sent", "declined", "lapsed", "failed"}
                kept = statements.find(connection, row.statement)
                assert kept is not None
                assert (kept.plaintext is not None) is (row.state == "waiting")


SETTINGS = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_a_record_that_is_seen_first_goes_on_only_by_the_citizens_word(make_database: MakeDatabase):
    made: Any = lambda: Previews(make_database)  # noqa: E731 - hypothesis takes any factory, and types a class
    run_state_machine_as_test(made, settings=SETTINGS)

"""Whatever is put, sent, refused and postponed: the outbox keeps its order and lets withdrawals through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.exchange.store import outbox
from connectors.exchange.store.database import Database, open_database
from connectors.exchange.store.outbox import Signed
from tests.conftest import MakeDatabase
from tests.prepared import connectors_tables

NOW = datetime(2031, 3, 10, 9, 0, tzinfo=UTC)
CASES = ("a", "b")
KINDS = ("consent.grant/1", "consent.withdraw/1", "consent.suspend/1", "consent.resume/1", "note.add/1")

puts = st.tuples(st.sampled_from(KINDS), st.sampled_from(CASES), st.sampled_from((1, 2)))
steps = st.lists(st.one_of(puts, st.sampled_from(["send", "postpone", "refuse"])), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def database(make_database_for_module: MakeDatabase) -> Iterator[Database]:
    """Give one store for all the cases that are tried; each case empties it first."""
    made = open_database(make_database_for_module(prepared_by=connectors_tables))
    yield made
    made.close()


@settings(max_examples=150)
@given(steps)
def test_no_order_of_events_lets_a_message_overtake_an_earlier_word_about_the_same(
    database: Database, script
):
    put: list[Signed] = []
    gone: list[str] = []
    with database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM outbox")
        for number, step in enumerate(script):
            if isinstance(step, tuple):
                kind, case, consent = step
                about = f"{case}{consent}" if kind.startswith("consent.") else None
                message = Signed(f"m{number}", kind, case, about, b"x", "0")
                outbox.put(connection, message, NOW)
                put.append(message)
                continue
            due = outbox.due(connection, NOW, 1)
            if not due:
                continue
            if step == "postpone":
                outbox.postponed(connection, due[0].id, NOW + timedelta(minutes=1), {})
                continue
            _check(put, gone, due[0].id)
            gone.append(due[0].id)
            if step == "send":
                outbox.sent(connection, due[0].id, b"receipt", 1)
            else:
                outbox.refused(connection, due[0].id, {})
        later = NOW + timedelta(minutes=2)
        while due := outbox.due(connection, later, 3):
            for each in due:
                gone.append(each.id)
                outbox.sent(connection, each.id, b"receipt", 1)
    assert sorted(gone) == sorted(message.id for message in put)


def _check(put: list[Signed], gone: list[str], chosen: str) -> None:
    """What is chosen may overtake only what it has nothing to do with."""
    place = next(n for n, message in enumerate(put) if message.id == chosen)
    message = put[place]
    waiting = [each for each in put[:place] if each.id not in gone]
    if message.about is not None:
        same = [each for each in waiting if each.about == message.about]
        assert not same, "it overtook an earlier word about the same consent"
    if message.type not in outbox.URGENT and message.about is None:
        same_case = [each for each in waiting if message.case is not None and each.case == message.case]
        assert not same_case, "it overtook an earlier message of its case"

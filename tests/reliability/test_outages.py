"""Outages of hours and days: everything goes on by itself, withdrawals first, each case in its order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from connectors.exchange import runner, spool
from connectors.exchange.acts import cases, consents
from connectors.exchange.connector import Connector
from connectors.exchange.errors import HeadTooOld, Unreachable
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import consents as consent_store
from connectors.exchange.store import outbox, requests, statements
from connectors.exchange.upkeep import find_places
from coordinator.http.edge import edge
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, terms, there
from tests.wsgi import cut


@pytest.fixture
def world(tmp_path: Path, make_database: MakeDatabase):
    made = World(tmp_path, make_database)
    yield made
    made.close()


def _cut(world: World) -> None:
    for line in world.lines.values():
        line.before = cut


def _mend(world: World) -> None:
    for line in world.lines.values():
        line.before = None


def _try(connector: Connector) -> None:
    with pytest.raises(Unreachable):
        runner.sync_once(connector)


def _index(connector: Connector, message: str) -> int:
    with connector.database.reading() as connection:
        row = there(outbox.find(connection, message))
        assert row is not None
        assert row.state == "sent", row.problem
        return int(row.log_index)


@pytest.mark.parametrize("hours", [3, 72, 7 * 24])
def test_after_an_outage_withdrawals_go_first_and_the_rest_in_order(world: World, hours: int):
    case, consent = world.everything()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    asked = consents.ask_consent(debt, case, terms(world.clock()), {"en": "Again.", "fr": "Encore."})
    world.settle()
    _cut(world)
    first = cases.close(portal, case)
    second = cases.reopen(portal, case, "A mistake.")
    refused = consents.refuse(portal, asked)
    withdrawn = consents.withdraw(portal, consent)
    for _ in range(5):
        world.clock.move(hours=hours / 5)
        _try(portal)
    _mend(world)
    world.settle()
    find_places(portal)  # on PostgreSQL the receipts came before the places
    order = [_index(portal, each) for each in (withdrawn, first, second, refused)]
    assert order == sorted(order)
    with debt.database.reading() as connection:
        assert there(consent_store.find(connection, consent)).status == "withdrawn"


def test_what_waited_longer_than_it_may_is_shown_but_a_withdrawal_is_said_again(world: World):
    case, consent = world.everything()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    _cut(world)
    asked = world.request(case, consent)
    withdrawn = consents.withdraw(portal, consent)
    world.clock.move(days=8)
    _try(portal)
    _mend(world)
    world.settle()
    with portal.database.reading() as connection:
        old = there(outbox.find(connection, withdrawn))
        assert old.state == "replaced"
        assert there(outbox.find(connection, old.replaced_by)).state == "sent"
    with debt.database.reading() as connection:
        assert there(outbox.find(connection, asked)).state == "expired"
        assert there(outbox.find(connection, asked)).problem["code"] == "too_old"
        assert there(consent_store.find(connection, consent)).status == "withdrawn"


def test_a_release_waits_while_the_word_about_consents_is_too_old(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    housing = world.members[HOUSING]
    incoming.receive(housing)
    _cut(world)
    world.clock.move(hours=25)
    outgoing.work(housing)
    with housing.database.reading() as connection:
        row = there(requests.find(connection, request))
        assert (row.state, row.reason) == ("waiting", HeadTooOld.code)
    _mend(world)
    world.clock.move(minutes=6)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        assert len([row for row in statements.answers_to(connection, request) if not row.mine]) == 1


def test_an_answer_that_is_lost_on_the_way_changes_nothing(world: World):
    case, consent = world.everything()
    debt, line = world.members[DEBT], world.lines[DEBT]
    request = world.request(case, consent)
    line.after = cut
    for _ in range(3):
        _try(debt)
    line.after = None
    world.settle()
    with debt.database.reading() as connection:
        assert there(outbox.find(connection, request)).state == "sent"
        assert len([row for row in statements.answers_to(connection, request) if not row.mine]) == 1


def test_a_coordinator_that_is_started_again_is_used_again(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.restart_coordinator()
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        assert len([row for row in statements.answers_to(connection, request) if not row.mine]) == 1


def test_messages_dated_by_a_clock_that_is_ahead_are_said_again(world: World):
    case, consent = world.everything()
    debt = world.members[DEBT]
    world.reopen(DEBT)  # a new process does not trust its clock yet
    debt = world.members[DEBT]
    world.clock.move(hours=1)
    first, second = world.request(case, consent), world.request(case, consent)
    world.clock.move(hours=-1)  # for the coordinator it is an hour earlier
    with debt.database.reading() as connection:
        assert outbox.counts(connection)["queued"] == 2
    spool.flush(debt)
    world.clock.move(hours=1, minutes=2)
    world.settle()
    with debt.database.reading() as connection:
        states = [there(outbox.find(connection, each)) for each in (first, second)]
        assert [row.state for row in states] == ["replaced", "sent"]
        assert there(outbox.find(connection, states[0].replaced_by)).state == "sent"


def test_the_threads_outlive_trouble_and_stop_when_told(world: World):
    case, consent = world.everything()
    running = [runner.Runner(each) for each in world.members.values()]
    for each in running:
        each.start()
    try:
        _cut(world)
        request = world.request(case, consent)
        time.sleep(0.5)
        _mend(world)
        assert _comes(world, request)
        assert all(each.alive for each in running)
    finally:
        for each in running:
            each._stop.set()
        edge(world.app).coordinator.stop_waiting()  # else a long poll would end after its world
        for each in running:
            each.stop(timeout_s=20)
    assert not any(thread.is_alive() for each in running for thread in each._threads)


def _comes(world: World, request: str) -> bool:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with world.members[DEBT].database.reading() as connection:
            if [row for row in statements.answers_to(connection, request) if not row.mine]:
                return True
        time.sleep(0.05)
    return False

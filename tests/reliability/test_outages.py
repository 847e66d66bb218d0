"""Outages of hours and days: everything goes on by itself, withdrawals first, each case in its order."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from connectors.exchange import runner, spool
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import cases, consents, coordination, membership, records
from connectors.exchange.connector import Connector
from connectors.exchange.errors import HeadTooOld, Unreachable
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import access, inbox, outbox, statements
from connectors.exchange.store import consents as consent_store
from connectors.exchange.store import requests as request_store
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
    find_places(connector)  # on PostgreSQL the receipts came before the places
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
        row = there(request_store.find(connection, request))
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


def _released(world: World) -> tuple[str, str, str]:
    """Give a case, a consent and the statement that debt advice got by it."""
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
    return case, consent, str(record.id)


def _look(world: World, record: str) -> None:
    actor, reason = looking.Actor("worker-7", "adviser"), looking.Reason("plan")
    looking.view_record(world.members[DEBT], record, actor, reason)


def _looks(world: World, case: str) -> list[str]:
    with world.members[PORTAL].database.reading() as connection:
        return [row.viewed for row in access.views_of(connection, case) if row.member == DEBT]


def test_what_was_erased_and_who_looked_is_told_even_after_eight_days(world: World):
    case, consent, record = _released(world)
    debt, portal = world.members[DEBT], world.members[PORTAL]
    consents.withdraw(portal, consent)
    runner.sync_once(portal)
    incoming.receive(debt)
    _cut(world)
    _look(world, record)
    keeping.keep(debt)
    world.clock.move(days=8)
    _try(debt)
    _mend(world)
    world.settle()
    assert _looks(world, case) == [record]
    with portal.database.reading() as connection:
        assert [row.member for row in access.erasures_of(connection, case)].count(DEBT) == 1
    with debt.database.reading() as connection:
        assert outbox.failed(connection) == []


def test_what_the_citizen_contests_is_told_even_after_eight_days(world: World):
    _, _, record = _released(world)
    debt, portal = world.members[DEBT], world.members[PORTAL]
    _cut(world)
    records.contest(portal, record, "That is not my rent.", ["rent"])
    world.clock.move(days=8)
    _try(portal)
    _mend(world)
    world.settle()
    with debt.database.reading() as connection:
        assert there(statements.find(connection, record)).contested
        assert inbox.aside(connection) == []


def test_who_looked_is_told_though_the_key_that_signed_it_has_ended_meanwhile(world: World):
    case, _, record = _released(world)
    debt = world.members[DEBT]
    old = [entry.kid for entry in debt.keyring.entries]
    _look(world, record)
    with debt.database.writing() as connection:
        (said,) = [each for each in outbox.due(connection, world.clock(), 9) if "viewed" in each.type]
        outbox.postponed(connection, said.id, world.clock() + timedelta(hours=2), {})
    world.clock.move(hours=1)
    membership.rotate(debt)
    world.settle()
    for kid in old:
        membership.end_key(debt, kid)
    world.settle()
    world.clock.move(hours=2)
    world.settle()
    assert _looks(world, case) == [record]
    with world.members[PORTAL].database.reading() as connection:
        assert inbox.aside(connection) == []


def _refusing_uploads(request: requests.PreparedRequest) -> None:
    if "/v1/attachments/" in (request.url or ""):
        cut(request)


def _paper(world: World, case: str) -> str:
    file = coordination.File("A lease", "lease.pdf", "application/pdf", b"%PDF a lease")
    return coordination.add_document(world.members[DEBT], case, file)


def test_a_file_that_cannot_be_uploaded_holds_up_only_its_own_case(world: World):
    case, _ = world.everything()
    other = world.case()
    debt = world.members[DEBT]
    before = coordination.add_note(debt, case, "Said before.")
    paper = _paper(world, case)
    behind = coordination.add_note(debt, case, "Said after.")
    elsewhere = coordination.add_note(debt, other, "Of another case.")
    world.lines[DEBT].before = _refusing_uploads
    world.settle()
    with debt.database.reading() as connection:
        states = [there(outbox.find(connection, each)).state for each in (before, paper, behind, elsewhere)]
    assert states == ["sent", "queued", "queued", "sent"]
    world.lines[DEBT].before = None
    world.clock.move(minutes=6)
    world.settle()
    assert _index(debt, before) < _index(debt, paper) < _index(debt, behind)


def test_a_withdrawal_goes_although_a_file_cannot_be_uploaded(world: World):
    case, consent = world.everything()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    file = coordination.File("A lease", "lease.pdf", "application/pdf", b"%PDF a lease")
    coordination.add_document(portal, case, file)
    world.lines[PORTAL].before = _refusing_uploads
    world.settle()
    consents.withdraw(portal, consent)
    world.settle()
    with debt.database.reading() as connection:
        assert there(consent_store.find(connection, consent)).status == "withdrawn"


def test_one_file_that_always_fails_does_not_keep_the_next_one_from_going(world: World):
    case, _ = world.everything()
    other = world.case()
    debt = world.members[DEBT]
    first, second = _paper(world, case), _paper(world, other)
    with debt.database.reading() as connection:
        (blocked,) = access.to_upload(connection, [first])

    def refuse_one(request: requests.PreparedRequest) -> None:
        if blocked.sha256 in (request.url or ""):
            cut(request)

    world.lines[DEBT].before = refuse_one
    world.settle()
    runner.sync_once(debt)
    with debt.database.reading() as connection:
        assert there(outbox.find(connection, first)).state == "queued"
        assert there(outbox.find(connection, second)).state == "sent"


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

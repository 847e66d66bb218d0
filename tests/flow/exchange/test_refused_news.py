"""News about a case that the coordinator refuses: said to those who are there, or taken back here."""

from __future__ import annotations

import pytest

from connectors.exchange import runner, spool
from connectors.exchange.acts import cases, membership
from connectors.exchange.connector import Connector
from connectors.exchange.errors import Unreachable
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.store import access, outbox, statements
from connectors.exchange.store import cases as case_store
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there
from tests.wsgi import cut


def _status(world: World, member: str, case: str) -> str:
    with world.members[member].database.reading() as connection:
        return str(there(case_store.find(connection, case)).status)


def _seat(world: World, at: str, case: str, member: str) -> str:
    with world.members[at].database.reading() as connection:
        return str(there(case_store.seat(connection, case, "agency", member)).status)


def _failed(connector: Connector) -> list[tuple[str, str]]:
    with connector.database.reading() as connection:
        return [(row.type, row.problem["code"]) for row in outbox.failed(connection)]


def _go(world: World, member: str) -> None:
    """Let one member speak while the others do not listen."""
    runner.sync_once(world.members[member])


def _offline_for(world: World, member: str, days: float) -> None:
    world.lines[member].before = cut
    world.clock.move(days=days)
    with pytest.raises(Unreachable):
        runner.sync_once(world.members[member])
    world.lines[member].before = None


def _record(world: World, request: str) -> str:
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        return str(record.state)


def test_a_case_is_closed_for_all_though_one_of_them_has_just_left(world: World):
    case, _ = world.everything()
    cases.leave(world.members[HOUSING], case)
    _go(world, HOUSING)
    cases.close(world.members[PORTAL], case)
    _go(world, PORTAL)
    assert _failed(world.members[PORTAL]) == []
    world.settle()
    assert [_status(world, each, case) for each in (PORTAL, DEBT)] == ["closed", "closed"]


def test_a_case_is_closed_for_all_though_one_of_them_takes_no_part_in_the_exchange_any_more(world: World):
    case, _ = world.everything()
    membership.leave(world.members[HOUSING])
    spool.flush(world.members[HOUSING])
    cases.close(world.members[DEBT], case)
    _go(world, DEBT)
    assert _failed(world.members[DEBT]) == []
    _go(world, PORTAL)
    assert _status(world, PORTAL, case) == "closed"


def test_closing_and_opening_again_keep_their_order_when_they_are_said_to_others(world: World):
    case, _ = world.everything()
    cases.leave(world.members[HOUSING], case)
    _go(world, HOUSING)
    cases.close(world.members[PORTAL], case)
    cases.reopen(world.members[PORTAL], case, "A mistake.")
    world.settle()
    assert _failed(world.members[PORTAL]) == []
    assert [_status(world, each, case) for each in (PORTAL, DEBT)] == ["open", "open"]


def test_nothing_is_erased_for_a_close_that_is_not_admitted_and_the_case_stays_open(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    debt = world.members[DEBT]
    cases.close(debt, case)
    keeping.keep(debt)
    assert _record(world, request) == "current"
    _offline_for(world, DEBT, 8)
    world.settle()
    assert _failed(debt) == [("case.close/1", "too_old")]
    assert _record(world, request) == "current"
    assert [_status(world, each, case) for each in (DEBT, PORTAL)] == ["open", "open"]
    with world.members[PORTAL].database.reading() as connection:
        assert access.erasures_of(connection, case) == []
    cases.close(debt, case)
    world.settle()
    assert _record(world, request) == "erased"


def test_an_opening_again_that_was_refused_leaves_the_case_closed(world: World):
    case, _ = world.everything()
    cases.close(world.members[DEBT], case)
    world.settle()
    cases.reopen(world.members[DEBT], case, "It goes on.")
    _offline_for(world, DEBT, 8)
    world.settle()
    assert [_status(world, each, case) for each in (DEBT, PORTAL)] == ["closed", "closed"]


def test_the_end_of_an_agencys_seat_is_said_again_after_a_long_outage(world: World):
    case, _ = world.everything()
    cases.end_agencys_seat(world.members[PORTAL], case, HOUSING)
    _offline_for(world, PORTAL, 8)
    world.settle()
    assert _failed(world.members[PORTAL]) == []
    assert [_seat(world, each, case, HOUSING) for each in (PORTAL, HOUSING, DEBT)] == ["ended"] * 3


def test_the_citizen_ends_a_seat_though_another_agency_has_just_left(world: World):
    case, _ = world.everything()
    cases.leave(world.members[DEBT], case)
    _go(world, DEBT)
    cases.end_agencys_seat(world.members[PORTAL], case, HOUSING)
    world.settle()
    assert _failed(world.members[PORTAL]) == []
    assert _seat(world, HOUSING, case, HOUSING) == "ended"


def test_a_seat_whose_end_is_refused_is_shown_as_it_was(world: World):
    case, _ = world.everything()
    cases.end_agencys_seat(world.members[PORTAL], case, DEBT)  # it opened the case: no consent carries it
    world.settle()
    assert _failed(world.members[PORTAL]) == [("case.leave/1", "not_your_turn")]
    assert _seat(world, PORTAL, case, DEBT) == "active"


def test_an_agency_that_could_not_say_in_time_that_it_leaves_still_sits_there(world: World):
    case, _ = world.everything()
    cases.leave(world.members[HOUSING], case)
    _offline_for(world, HOUSING, 8)
    world.settle()
    assert _failed(world.members[HOUSING]) == [("case.leave/1", "too_old")]
    assert _seat(world, HOUSING, case, HOUSING) == "active"


def test_a_seat_stays_ended_when_its_holder_has_left_before_the_citizen_ends_it(world: World):
    case, _ = world.everything()
    cases.leave(world.members[HOUSING], case)
    _go(world, HOUSING)
    cases.end_agencys_seat(world.members[PORTAL], case, HOUSING)
    world.settle()
    assert _seat(world, PORTAL, case, HOUSING) == "ended"

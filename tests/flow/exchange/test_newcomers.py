"""Whoever joins a case later learns at once how its citizen may safely be reached."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from connectors.cases.gather import read_case, read_safe_contact
from connectors.cases.view import SafeContact
from connectors.exchange import runner
from connectors.exchange.acts import cases, coordination
from connectors.exchange.store.tables import seats
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World

LETTER = "Only by letter to my sister."


@pytest.fixture
def case(world: World) -> str:
    """A case of the citizen and one agency; the other is named by the consent and comes later."""
    world.agreed()
    return world.case()


def _say(world: World, case: str, text: str) -> None:
    coordination.add_note(world.members[PORTAL], case, text, kind="safe_contact")
    world.settle()


def _contact(world: World, member: str, case: str) -> SafeContact | None:
    """Give it as the whole case shows it, and as it is looked up by itself."""
    connector = world.members[member]
    with connector.database.reading() as connection:
        whole = read_case(connection, connector, case, world.clock()).safe_contact
        assert read_safe_contact(connection, connector, case, world.clock()) == whole
    return whole


def _join_later(world: World, case: str) -> None:
    world.invite_source(case, world.consent(case))


def test_who_joins_later_is_told_what_holds_now(world: World, case: str):
    _say(world, case, "Call me.")
    _say(world, case, LETTER)
    _join_later(world, case)
    told = _contact(world, HOUSING, case)
    assert told is not None
    assert told.text == LETTER


def test_the_citizen_sees_that_all_of_them_have_it_and_nobody_gets_it_twice(world: World, case: str):
    _say(world, case, LETTER)
    _join_later(world, case)
    shown = _contact(world, PORTAL, case)
    assert shown is not None
    assert shown.readers == tuple(sorted((DEBT, HOUSING)))
    debt = world.members[DEBT]
    with debt.database.reading() as connection:
        timeline = read_case(connection, debt, case, world.clock()).timeline
    assert [line.words for line in timeline].count("note.add") == 1


def test_where_nothing_was_said_of_it_nothing_is_sent(world: World, case: str):
    coordination.add_note(world.members[PORTAL], case, "A note like any other.")
    world.settle()
    _join_later(world, case)
    assert _contact(world, HOUSING, case) is None
    assert _contact(world, PORTAL, case) is None


def test_who_was_invited_behind_the_citizens_back_is_not_told_by_itself(world: World, case: str):
    consent = world.consent(case)
    _say(world, case, LETTER)
    debt, portal = world.members[DEBT], world.members[PORTAL]
    cases.invite_agency(debt, case, HOUSING, Authority("consent", consent))
    runner.sync_once(debt)
    runner.sync_once(portal)
    with portal.database.writing() as connection:
        connection.execute(delete(seats).where(seats.c.case == case, seats.c.member == HOUSING))
    world.settle()
    assert _contact(world, HOUSING, case) is None
    shown = _contact(world, PORTAL, case)
    assert shown is not None
    assert shown.readers == (DEBT,)

"""When the citizen gives their seat up, every permission of the case ends where it is held."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import update

from connectors.exchange import runner
from connectors.exchange.acts import cases, membership
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.store import access, consents, inbox, outbox, statements
from connectors.exchange.store.tables import members
from connectors.exchange.upkeep import upkeep
from schemas import instant
from schemas.errors import NotSignedIn
from tests.flow.exchange.world import DEBT, HOUSING, KEPT, PORTAL, World, there


def _released(world: World, **terms: object) -> tuple[str, str, str]:
    case, consent = world.everything(consent=terms)
    request = world.request(case, consent)
    world.settle()
    return case, consent, request


def _state(world: World, request: str) -> tuple[str, str | None]:
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        return record.state, record.erased_why


def _nothing_failed(world: World) -> None:
    for member in world.members.values():
        with member.database.reading() as connection:
            assert outbox.failed(connection) == []
            assert inbox.aside(connection) == []


def _confirmed(world: World, case: str) -> list[tuple[str, str]]:
    with world.members[HOUSING].database.reading() as connection:
        return [(row.member, row.why) for row in access.erasures_of(connection, case)]


def test_every_holder_ends_the_consents(world: World):
    case, consent, _ = _released(world)
    cases.leave(world.members[PORTAL], case)
    world.settle()
    for member in (DEBT, HOUSING, PORTAL):
        with world.members[member].database.reading() as connection:
            assert there(consents.find(connection, consent)).status == "invalidated", member
    _nothing_failed(world)


def test_what_was_received_is_erased_and_confirmed_to_its_source(world: World):
    case, _, request = _released(world)
    cases.leave(world.members[PORTAL], case)
    world.settle()
    assert _state(world, request) == ("erased", "withdrawn")
    assert _confirmed(world, case) == [(DEBT, "withdrawn")]
    _nothing_failed(world)


def test_what_was_received_is_erased_where_the_consent_s_time_was_over_before_that_came(world: World):
    """We were away, and our own clock has ended the consent meanwhile."""
    case, _, request = _released(world, valid_until=instant.format(world.clock() + timedelta(days=1)))
    world.clock.move(hours=23)
    cases.leave(world.members[PORTAL], case)
    runner.sync_once(world.members[PORTAL])
    world.clock.move(hours=26)
    keeping.keep(world.members[DEBT])
    assert _state(world, request) == ("current", None)
    world.settle()
    assert _state(world, request) == ("erased", "withdrawn")


def test_what_the_consent_lets_stay_is_erased_in_its_time_and_confirmed_then(world: World):
    case, _, request = _released(world, on_withdrawal=KEPT)
    cases.leave(world.members[PORTAL], case)
    world.settle()
    assert _state(world, request) == ("current", None)
    world.clock.move(days=91)
    world.settle()
    assert _state(world, request) == ("erased", "data_life")
    assert _confirmed(world, case) == [(DEBT, "data_life")]
    _nothing_failed(world)


def test_a_confirmation_on_its_way_when_the_citizen_leaves_is_still_taken(world: World):
    """It was written for source and citizen; by the time it is sent there is no citizen any more."""
    case, _, _ = _released(world)
    world.clock.move(days=91)
    cases.leave(world.members[PORTAL], case)
    runner.sync_once(world.members[PORTAL])
    assert keeping.keep(world.members[DEBT]) > 0
    world.settle()
    assert _confirmed(world, case) == [(DEBT, "data_life")]
    _nothing_failed(world)


def test_an_agency_that_leaves_ends_no_consent(world: World):
    case, consent, _ = _released(world)
    cases.leave(world.members[HOUSING], case)
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        assert there(consents.find(connection, consent)).status == "granted"


def _portal_leaves_the_register(world: World) -> None:
    portal = world.members.pop(PORTAL)
    membership.leave(portal)
    with suppress(NotSignedIn):  # what it asks for after that it is not given
        runner.sync_once(portal)
    portal.close()
    world.clock.move(hours=2)
    for member in world.members.values():
        upkeep(member, timedelta(hours=1))


def test_when_the_portal_leaves_the_register_holders_erase_and_confirm_as_well(world: World):
    case, consent, request = _released(world)
    _portal_leaves_the_register(world)
    world.settle()
    for member in (DEBT, HOUSING):
        with world.members[member].database.reading() as connection:
            assert there(consents.find(connection, consent)).status == "invalidated", member
    assert _state(world, request) == ("erased", "withdrawn")
    assert _confirmed(world, case) == [(DEBT, "withdrawn")]
    _nothing_failed(world)


def test_that_a_portal_has_left_is_believed_of_its_own_word_alone(world: World):
    _, consent, request = _released(world)
    debt = world.members[DEBT]
    with debt.database.writing() as connection:  # as an answer of the coordinator would put it
        connection.execute(update(members).where(members.c.id == PORTAL).values(status="left"))
    upkeep(debt, timedelta(hours=1))
    with debt.database.reading() as connection:
        assert there(consents.find(connection, consent)).status == "granted"
    assert _state(world, request) == ("current", None)

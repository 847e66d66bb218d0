"""A citizen offers less than was asked for; the asker takes it or not. Questions do not stay for ever."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row

from connectors.exchange import runner
from connectors.exchange.acts import consents as deciding
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.store import consents, offers, outbox
from schemas.errors import Invalid, RequestExpired, RequestReplaced
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, terms, there

WHY = {"en": "For your plan.", "fr": "Pour le plan."}


def _asked(world: World, **changed: Any) -> tuple[str, str]:
    world.agreed()
    case = world.case()
    request = deciding.ask_consent(world.members[DEBT], case, terms(world.clock(), **changed), WHY)
    world.settle()
    return case, request


def _request(world: World, request: str, member: str) -> Row[Any]:
    with world.members[member].database.reading() as connection:
        return there(consents.request(connection, request))


def _less(world: World, request: str) -> dict[str, Any]:
    """Leave out the rent, which was needed, and give it once."""
    found = dict(_request(world, request, PORTAL).terms)
    (data,) = found["data"]
    return {
        **found,
        "data": [{**data, "fields": ["landlord"]}],
        "fetch": "once",
        "frequency": None,
        "data_life": {"days": 10},
    }


def test_an_offer_is_taken_and_replaces_the_question_everywhere(world: World):
    case, first = _asked(world)
    offer = deciding.offer(world.members[PORTAL], first, _less(world, first))
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (row,) = offers.of_case(connection, case)
    assert (row.id, row.request, row.state) == (offer, first, "open")
    assert _request(world, first, PORTAL).state == "open"
    second = deciding.accept_offer(world.members[DEBT], offer)
    world.settle()
    for member in (DEBT, PORTAL):
        assert _request(world, first, member).state == "replaced"
        assert _request(world, second, member).state == "open"
        with world.members[member].database.reading() as connection:
            assert there(offers.find(connection, offer)).state == "accepted"
    consent = world.grant(second)
    with world.members[HOUSING].database.reading() as connection:
        (data,) = there(consents.find(connection, consent)).document["data"]
    assert data["fields"] == ["landlord"]


def test_a_question_that_was_replaced_is_answered_no_more(world: World):
    _, first = _asked(world)
    portal = world.members[PORTAL]
    offer = deciding.offer(portal, first, _less(world, first))
    world.settle()
    deciding.accept_offer(world.members[DEBT], offer)
    world.settle()
    with pytest.raises(RequestReplaced):
        deciding.refuse(portal, first)
    with pytest.raises(RequestReplaced):
        world.grant(first)
    with pytest.raises(RequestReplaced):
        deciding.offer(portal, first, _less(world, first))
    with pytest.raises(AlreadyDecided):
        deciding.accept_offer(world.members[DEBT], offer)


def test_the_portal_makes_no_offer_that_widens_or_is_no_less(world: World):
    _, first = _asked(world)
    portal = world.members[PORTAL]
    same = dict(_request(world, first, PORTAL).terms)
    with pytest.raises(Invalid):
        deciding.offer(portal, first, same)
    with pytest.raises(Invalid):
        deciding.offer(portal, first, {**_less(world, first), "data_life": {"days": 91}})
    with pytest.raises(NotHere):
        deciding.accept_offer(world.members[DEBT], first)


def test_an_answer_that_crosses_the_new_question_is_refused_by_the_coordinator(world: World):
    case, first = _asked(world)
    portal = world.members[PORTAL]
    offer = deciding.offer(portal, first, _less(world, first))
    world.settle()
    deciding.accept_offer(world.members[DEBT], offer)
    runner.sync_once(world.members[DEBT])
    refusal = deciding.refuse(portal, first)  # the portal has not heard of it yet
    runner.sync_once(portal)
    with portal.database.reading() as connection:
        assert there(outbox.find(connection, refusal)).problem["code"] == "request_replaced"
    world.settle()
    assert _request(world, first, PORTAL).state == "replaced"
    assert case


def test_closing_the_page_decides_nothing_and_a_question_ends_after_fourteen_days(world: World):
    _, request = _asked(world)
    portal = world.members[PORTAL]
    deciding.draft(portal, request, deciding.Decision(shown_at=world.clock()))
    world.clock.move(days=13, hours=23)
    world.settle()
    assert _request(world, request, PORTAL).state == "open"
    assert _request(world, request, DEBT).state == "open"
    world.clock.move(hours=1)
    with pytest.raises(RequestExpired):
        deciding.refuse(portal, request)
    world.settle()
    world.settle()
    assert _request(world, request, PORTAL).state == "expired"
    assert _request(world, request, DEBT).state == "expired"
    with pytest.raises(RequestExpired):
        world.grant(request)


def test_how_often_the_same_was_asked_is_known(world: World):
    case, first = _asked(world)
    deciding.refuse(world.members[PORTAL], first)
    world.settle()
    world.clock.move(hours=1)
    second = deciding.ask_consent(world.members[DEBT], case, terms(world.clock()), WHY)
    world.settle()
    with world.members[PORTAL].database.reading() as connection:
        row = there(consents.request(connection, second))
        assert [each.id for each in consents.asked_before(connection, row)] == [first]
        assert consents.asked_before(connection, there(consents.request(connection, first))) == []


def test_everything_is_paused_at_once(world: World):
    world.agreed()
    case = world.case()
    one, two = world.consent(case), world.consent(case)
    portal = world.members[PORTAL]
    assert len(deciding.suspend_all(portal, case)) == 2
    assert deciding.suspend_all(portal, case) == []
    world.settle()
    for member in (DEBT, HOUSING, PORTAL):
        with world.members[member].database.reading() as connection:
            found = [there(consents.find(connection, each)).status for each in (one, two)]
        assert found == ["suspended", "suspended"]

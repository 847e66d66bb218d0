"""The world of the browser tests holds what it promises: a case, a permission, a release, a look."""

from __future__ import annotations

from connectors.exchange.store import access
from connectors.portal.store import accounts


def test_a_case_goes_from_the_code_to_a_look_at_a_record(world):
    citizen = world.person()
    case = world.case_with_citizen(citizen)
    consent = world.grant(world.ask_consent(case))
    statement = world.release(case, consent)
    world.look(statement)
    with world.portal.database.reading() as connection:
        assert accounts.owner_of(connection, case) == citizen.account
        (view,) = access.views_of(connection, case)
    assert view.viewed == statement


def test_two_tests_never_meet_the_same_person(world):
    assert world.person().account != world.person().account

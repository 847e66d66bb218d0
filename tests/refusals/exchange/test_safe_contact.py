"""Nobody but the citizen says how the citizen is reached safely: not to them, and not to other agencies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.cases.gather import read_case
from connectors.exchange.acts import coordination
from connectors.exchange.outgoing.compose import Letter
from schemas.errors import NotYourTurn
from schemas.messages.coordination_v1 import NOTE
from tests.flow.exchange.shared import by_consent as basis_of
from tests.flow.exchange.shared import said, shared_case
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import aside
from tests.refusals.exchange.test_shared_work import by_consent, letter, put

CALL = "Call at any time."


def false(case: str) -> Letter:
    """Write as housing what only the citizen says."""
    return replace(letter(case, NOTE), content={"text": CALL, "kind": "safe_contact"})


def test_an_agency_does_not_say_it_of_its_own_accord(world: World):
    case, consent = shared_case(world).split()
    housing = world.members[HOUSING]
    with pytest.raises(NotYourTurn):
        coordination.add_note(housing, case, CALL, kind="safe_contact")
    with pytest.raises(NotYourTurn):
        coordination.add_note(housing, case, CALL, kind="safe_contact", to=[DEBT], basis=basis_of(consent))
    assert coordination.add_note(housing, case, CALL, kind="note")


def test_the_citizens_portal_does_not_take_it_from_an_agency(world: World):
    case, _ = shared_case(world).split()
    put(world, HOUSING, replace(false(case), to=("citizen",)))
    world.settle()
    assert aside(world, PORTAL) == [(NOTE, "rejected", "not_your_turn")]
    assert said(world.members[PORTAL], case, NOTE) == []


def test_another_agency_does_not_take_it_from_an_agency_and_keeps_what_the_citizen_said(world: World):
    case, consent = shared_case(world).split()
    coordination.add_note(world.members[PORTAL], case, "Only by letter.", kind="safe_contact")
    world.settle()
    put(world, HOUSING, by_consent(false(case), consent))
    world.settle()
    assert (NOTE, "rejected", "not_your_turn") in aside(world, DEBT)
    debt = world.members[DEBT]
    with debt.database.reading() as connection:
        found = read_case(connection, debt, case, world.clock()).safe_contact
    assert found is not None
    assert found.text == "Only by letter."

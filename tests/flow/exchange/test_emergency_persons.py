"""Whoever opens an emergency does not review it: the connector says so before anything is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.exchange.acts import access as looking
from connectors.exchange.store import access
from schemas.errors import Invalid, SamePerson
from tests.flow.exchange.world import AGREEMENT, DEBT, World


def _emergency(world: World, case: str, **persons: Any) -> looking.Emergency:
    until = world.clock() + timedelta(hours=2)
    return looking.Emergency(
        case=case, agreement=AGREEMENT, reason="danger", categories=["housing"], until=until, **persons
    )


def test_without_a_second_person_it_says_who_opens_it(world: World):
    world.agreed()
    case = world.case()
    with pytest.raises(Invalid):
        looking.open_emergency(world.members[DEBT], _emergency(world, case))


def test_the_second_person_is_not_the_one_who_opens_it(world: World):
    world.agreed()
    case = world.case()
    with pytest.raises(Invalid):
        both = _emergency(world, case, opened_by="worker-1", second_person="worker-1")
        looking.open_emergency(world.members[DEBT], both)


def test_who_opened_it_is_named_and_does_not_review_it(world: World):
    world.agreed()
    case = world.case()
    debt = world.members[DEBT]
    emergency = looking.open_emergency(debt, _emergency(world, case, opened_by="worker-1"))
    with debt.database.reading() as connection:
        (row,) = access.emergencies_of(connection, case)
    assert row.body["opened_by"] == "worker-1"
    with pytest.raises(SamePerson):
        looking.review_emergency(debt, emergency, "justified", "worker-1")
    with debt.database.reading() as connection:
        assert access.emergencies_of(connection, case)[0].outcome is None

"""Who has left a case has no more say in it, even where the coordinator lets them speak."""

from __future__ import annotations

import pytest

from connectors.exchange.acts import cases
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases as stored
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import admit_anything, aside


@pytest.mark.parametrize("member", [DEBT, PORTAL])
def test_closing_after_leaving_closes_nothing(world: World, monkeypatch: pytest.MonkeyPatch, member: str):
    case, _ = world.everything()
    housing = world.members[HOUSING]
    cases.leave(housing, case)
    world.settle()
    admit_anything(monkeypatch, "case.close/1")
    now = housing.clock()
    signed = sign_open(housing, now, type="case.close/1", to=[DEBT, "citizen"], case=case, body={})
    with housing.database.writing() as connection:
        post(connection, signed, now)
    world.settle()
    assert aside(world, member) == [("case.close/1", "rejected", "no_seat")]
    with world.members[member].database.reading() as connection:
        assert stored.require(connection, case).status == "open"

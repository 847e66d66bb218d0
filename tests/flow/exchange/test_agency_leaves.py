"""An agency leaves a case: whoever is told, however late, takes its words in their order."""

from __future__ import annotations

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import cases
from connectors.exchange.store import cases as stored
from connectors.exchange.store import tables as rows
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World


def _news(world: World, member: str) -> list[tuple[str, str, str | None]]:
    """Give what arrived from the housing agency about the circle of the case, and what became of it."""
    with world.members[member].database.reading() as connection:
        found = connection.execute(rows.inbox.select().order_by(rows.inbox.c.log_index)).all()
    told = {"case.leave/1", "case.close/1", "case.reopen/1"}
    return [(row.type, row.state, row.reason) for row in found if row.sender == HOUSING and row.type in told]


def _seat(world: World, member: str, case: str) -> str:
    with world.members[member].database.reading() as connection:
        row = stored.seat(connection, case, "agency", HOUSING)
    assert row is not None
    return str(row.status)


def _sent_on(world: World) -> None:
    """Let the housing agency speak while nobody listens."""
    assert runner.sync_once(world.members[HOUSING]).sent


@pytest.mark.parametrize("member", [DEBT, PORTAL])
def test_its_word_is_taken_by_everybody(world: World, member: str):
    case, _ = world.everything()
    cases.leave(world.members[HOUSING], case)
    world.settle()
    assert _news(world, member) == [("case.leave/1", "stored", None)]
    assert _seat(world, member, case) == "ended"


@pytest.mark.parametrize("member", [DEBT, PORTAL])
def test_what_it_said_before_it_left_still_counts(world: World, member: str):
    case, _ = world.everything()
    cases.close(world.members[HOUSING], case)
    _sent_on(world)
    cases.leave(world.members[HOUSING], case)
    _sent_on(world)
    world.settle()
    assert _news(world, member) == [("case.close/1", "stored", None), ("case.leave/1", "stored", None)]
    with world.members[member].database.reading() as connection:
        assert stored.require(connection, case).status == "closed"
    assert _seat(world, member, case) == "ended"

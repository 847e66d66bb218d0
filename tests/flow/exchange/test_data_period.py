"""A consent for a period releases what is about it, and says so where nothing is."""

from __future__ import annotations

from connectors.exchange.store import statements
from connectors.exchange.store.tables import declines
from tests.flow.exchange.world import DEBT, World


def _asked(world: World, period: dict[str, str]) -> str:
    case, consent = world.everything(consent={"data_period": period})
    request = world.request(case, consent)
    world.settle()
    return request


def test_what_is_of_today_does_not_go_for_a_year_that_is_over(world: World) -> None:
    request = _asked(world, {"from": "2030-01-01", "to": "2030-12-31"})
    with world.members[DEBT].database.reading() as connection:
        assert [row for row in statements.answers_to(connection, request) if not row.mine] == []
        (declined,) = connection.execute(declines.select().where(declines.c.request == request)).all()
    assert declined.reason == "not_held"


def test_it_goes_for_a_period_of_which_today_is_part(world: World) -> None:
    request = _asked(world, {"from": "2031-01-01", "to": "2031-12-31"})
    with world.members[DEBT].database.reading() as connection:
        (released,) = [row for row in statements.answers_to(connection, request) if not row.mine]
    assert released.type == "record.release/1"

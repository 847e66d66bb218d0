"""The citizen is left out, or told later, only where a clause allows it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import instant
from schemas.errors import WithholdingNotAllowed
from tests.factories import Authority, Withheld, World


def _release(world: World, ground: str) -> bytes:
    review = (world.clock() + timedelta(days=30)).date()
    return world.release(
        to=[world.benefits.id],
        purpose="arrears",
        authority=Authority("statute", "l123-4"),
        withheld=Withheld(ground, review),
    )


def test_leaving_the_citizen_out_on_a_clause_that_does_not_allow_it_is_refused(world: World) -> None:
    assert isinstance(world.refused(_release(world, "l123-4")), WithholdingNotAllowed)


def test_leaving_the_citizen_out_on_a_clause_that_allows_it_is_admitted(world: World) -> None:
    world.must(_release(world, "l226-2"))


def test_what_moves_by_the_citizen_s_own_word_is_not_held_back_from_them(world: World) -> None:
    withheld = Withheld("l226-2", (world.clock() + timedelta(days=30)).date())
    for say in (world.release, world.request):
        other = world.benefits if say == world.release else world.housing
        assert isinstance(world.refused(say(to=[other.id], withheld=withheld)), WithholdingNotAllowed)


@pytest.mark.parametrize(
    "changed",
    [{"ground": "l123-4"}, {"officer": "somebody-else"}, {"on": "2026-11-22T00:00:00.000Z"}],
    ids=["ground", "officer", "date"],
)
def test_a_delayed_notice_needs_ground_officer_and_date(world: World, changed: dict[str, str]) -> None:
    on = instant.format(world.clock() + timedelta(days=10))
    notice = {"kind": "delayed", "on": on, "officer": "duty-officer", "ground": "l226-2"}
    assert isinstance(
        world.refused(world.emergency(body={"notice": notice | changed})), WithholdingNotAllowed
    )
    world.must(world.emergency(body={"notice": notice}))

"""A clause carries what the agreement rests on it, and no more."""

from __future__ import annotations

from schemas.errors import NoStatute
from tests.factories import Authority, World


def _release(world: World, clause: str) -> bytes:
    return world.release(purpose="arrears", authority=Authority("statute", clause))


def test_a_clause_that_the_agreement_does_not_name_is_refused(world: World) -> None:
    assert isinstance(world.refused(_release(world, "l999-9")), NoStatute)


def test_a_clause_on_which_the_purpose_does_not_rest_is_refused(world: World) -> None:
    assert isinstance(world.refused(_release(world, "l226-2")), NoStatute)


def test_the_clause_on_which_it_rests_is_admitted(world: World) -> None:
    world.must(_release(world, "l123-4"))


def test_an_invitation_is_carried_by_a_clause_between_the_two(world: World) -> None:
    raw = world.invite_agency(
        world.debts, world.benefits, authority=Authority("statute", "l123-4"), agreement="winter-support@1"
    )
    assert isinstance(world.refused(raw), NoStatute)
    world.must(
        world.invite_agency(
            world.debts, world.housing, authority=Authority("statute", "l123-4"), agreement="winter-support@1"
        )
    )

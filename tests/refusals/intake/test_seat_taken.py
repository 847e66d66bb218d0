"""Each party has one seat in a case."""

from __future__ import annotations

from schemas.errors import SeatTaken
from schemas.messages.joining import new_code
from tests.factories import World


def test_inviting_an_agency_that_sits_already_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.invite_agency(world.benefits)), SeatTaken)


def test_inviting_a_second_citizen_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.invite_citizen(new_code())), SeatTaken)


def test_an_invitation_whose_code_was_lost_can_be_replaced(world: World) -> None:
    world.open_case()
    world.must(world.invite_citizen(new_code()))
    world.citizen_joins()


def test_an_agency_that_left_can_be_invited_again(world: World) -> None:
    world.must(world.message("case.leave/1", world.benefits, body={}))
    world.agency_joins(world.benefits)
    world.must(world.release())

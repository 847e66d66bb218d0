"""Whoever has no active seat neither sends nor receives in a case."""

from __future__ import annotations

from schemas.errors import NoSeat
from tests.factories import World


def test_a_stranger_to_the_case_sends_nothing(world: World) -> None:
    assert isinstance(world.refused(world.release(world.debts)), NoSeat)


def test_a_stranger_to_the_case_is_sent_nothing(world: World) -> None:
    assert isinstance(world.refused(world.release(to=[world.debts.id, "citizen"])), NoSeat)


def test_one_who_was_invited_and_has_not_joined_is_sent_nothing(world: World) -> None:
    world.must(world.invite_agency(world.debts))
    assert isinstance(world.refused(world.release(to=[world.debts.id, "citizen"])), NoSeat)


def test_one_who_left_sends_nothing(world: World) -> None:
    world.must(world.message("case.leave/1", body={}))
    assert isinstance(world.refused(world.release()), NoSeat)

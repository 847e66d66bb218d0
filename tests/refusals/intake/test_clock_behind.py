"""A clock of ours that went back is our fault, and nothing is decided by it."""

from __future__ import annotations

from schemas.errors import ClockBehind
from tests.factories import World


def test_nothing_is_decided_while_our_clock_is_wrong(world: World) -> None:
    world.clock.move(hours=1)
    world.must(world.message("case.close/1", body={}))
    world.clock.move(hours=-1)
    refusal = world.refused(world.message("case.reopen/1", body={"reason": "again"}))
    assert isinstance(refusal, ClockBehind)
    assert refusal.facts["clock"] == "ours"
    world.clock.move(hours=1, seconds=1)
    world.must(world.message("case.reopen/1", body={"reason": "again"}))


def test_a_small_correction_of_our_clock_is_passed_over(world: World) -> None:
    world.must(world.release())
    world.clock.move(seconds=-30)
    world.must(world.release())

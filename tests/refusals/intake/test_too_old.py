"""A message that waited longer than it says it may is refused."""

from __future__ import annotations

from datetime import timedelta

from schemas.errors import TooOld
from tests.factories import World


def test_a_message_after_its_until_is_refused(world: World) -> None:
    raw = world.release(until=world.clock() + timedelta(minutes=5))
    world.clock.move(minutes=6)
    refusal = world.refused(raw)
    assert isinstance(refusal, TooOld)
    assert refusal.facts == {"clock": "yours", "ahead_s": -60}


def test_a_message_waits_at_most_a_week(world: World) -> None:
    raw = world.release()
    world.clock.move(days=7)
    world.must(raw)
    raw = world.release()
    world.clock.move(days=7, seconds=1)
    assert isinstance(world.refused(raw), TooOld)

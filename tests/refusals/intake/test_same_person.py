"""Whoever was the second person does not review."""

from __future__ import annotations

from schemas.errors import SamePerson
from tests.factories import World


def test_the_second_person_does_not_review_their_own_word(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    assert isinstance(world.refused(world.review(emergency, reviewer="colleague-7")), SamePerson)

"""Only an open emergency of the recipient carries a release, within its categories."""

from __future__ import annotations

from schemas.errors import NoEmergency
from tests.factories import Authority, World, id_of, new_id


def _release(world: World, emergency: str) -> bytes:
    return world.release(purpose="danger", authority=Authority("emergency", emergency))


def test_an_emergency_that_nobody_opened_carries_nothing(world: World) -> None:
    assert isinstance(world.refused(_release(world, new_id())), NoEmergency)


def test_an_emergency_carries_a_release_until_it_ends(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    world.must(_release(world, id_of(emergency)))
    world.clock.move(hours=6)
    assert isinstance(world.refused(_release(world, id_of(emergency))), NoEmergency)


def test_the_emergency_of_another_member_carries_nothing(world: World) -> None:
    emergency = world.emergency(world.housing)
    world.must(emergency)
    assert isinstance(world.refused(_release(world, id_of(emergency))), NoEmergency)


def test_the_emergency_of_another_case_carries_nothing(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    world.open_case()
    world.citizen_joins()
    world.agency_joins(world.benefits)
    assert isinstance(world.refused(_release(world, id_of(emergency))), NoEmergency)


def test_reviewing_what_was_not_opened_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.review(world.emergency())), NoEmergency)

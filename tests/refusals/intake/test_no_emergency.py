"""Only an open emergency of the recipient carries a release, within its categories."""

from __future__ import annotations

from schemas.errors import NoEmergency
from tests.factories import Authority, World, id_of, new_id
from tests.refusals.intake.corrections import correction


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


def _over(world: World) -> tuple[str, str]:
    """Let a release move in an emergency that is over then; gives emergency and release."""
    emergency = world.emergency()
    world.must(emergency)
    release = _release(world, id_of(emergency))
    world.must(release)
    world.clock.move(hours=6)
    return id_of(emergency), id_of(release)


def _correction(world: World, release: str, emergency: str) -> bytes:
    return correction(world, release, purpose="danger", authority=Authority("emergency", emergency))


def test_what_it_brought_is_corrected_when_it_is_over(world: World) -> None:
    emergency, release = _over(world)
    world.must(_correction(world, release, emergency))


def test_what_it_did_not_bring_is_not_corrected_when_it_is_over(world: World) -> None:
    emergency, _ = _over(world)
    by_consent = world.release()
    world.must(by_consent)
    assert isinstance(world.refused(_correction(world, id_of(by_consent), emergency)), NoEmergency)
    assert isinstance(world.refused(_correction(world, new_id(), emergency)), NoEmergency)


def test_what_it_brought_of_another_kind_is_not_corrected_when_it_is_over(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    to_citizen = world.release(to=["citizen"], authority=Authority("seat"), agreement=None, purpose=None)
    world.must(to_citizen)
    world.clock.move(hours=6)
    assert isinstance(world.refused(_correction(world, id_of(to_citizen), id_of(emergency))), NoEmergency)


def test_nothing_new_is_released_with_the_name_of_what_it_brought(world: World) -> None:
    emergency, release = _over(world)
    again = world.release(purpose="danger", authority=Authority("emergency", emergency), re=release)
    assert isinstance(world.refused(again), NoEmergency)

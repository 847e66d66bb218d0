"""In a closed case only what protects the citizen may be said, and what opens it again."""

from __future__ import annotations

from schemas.errors import CaseClosed
from tests.factories import World, id_of
from tests.refusals.intake.corrections import correction


def test_nothing_is_released_in_a_closed_case(world: World) -> None:
    world.must(world.message("case.close/1", body={}))
    assert isinstance(world.refused(world.release()), CaseClosed)


def test_a_consent_is_withdrawn_in_a_closed_case(world: World) -> None:
    world.must(world.message("case.close/1", body={}))
    world.must(world.decide("withdraw"))


def test_a_case_that_was_opened_again_goes_on(world: World) -> None:
    world.must(world.message("case.close/1", body={}))
    world.must(world.message("case.reopen/1", body={"reason": "more to do"}))
    world.must(world.release())


def test_a_record_is_corrected_in_a_closed_case_for_the_citizen_and_for_nobody_else(world: World) -> None:
    """The citizen keeps their copy; agencies have erased theirs, and a correction would bring it back."""
    release = world.release()
    world.must(release)
    world.must(world.message("case.close/1", body={}))
    assert isinstance(world.refused(correction(world, id_of(release))), CaseClosed)
    world.must(correction(world, id_of(release), ["citizen"]))

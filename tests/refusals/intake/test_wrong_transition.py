"""What is over cannot be ended or resumed again."""

from __future__ import annotations

import pytest

from schemas.errors import WrongTransition
from tests.factories import World, new_id


@pytest.mark.parametrize("verb", ["withdraw", "suspend", "resume"])
def test_after_a_withdrawal_nothing_is_decided_any_more(world: World, verb: str) -> None:
    world.must(world.decide("withdraw"))
    assert isinstance(world.refused(world.decide(verb)), WrongTransition)


def test_what_was_not_suspended_is_not_resumed(world: World) -> None:
    assert isinstance(world.refused(world.decide("resume")), WrongTransition)


def test_an_expired_consent_is_not_resumed(world: World) -> None:
    world.must(world.decide("suspend"))
    world.clock.move(days=181)
    assert isinstance(world.refused(world.decide("resume")), WrongTransition)


def test_an_open_case_is_not_reopened(world: World) -> None:
    raw = world.message("case.reopen/1", body={"reason": "why not"})
    assert isinstance(world.refused(raw), WrongTransition)


def test_a_party_signs_once(world: World) -> None:
    document = world.agreement_document(version=2)
    world.must(world.propose(document))
    world.must(world.sign_agreement(document, world.housing))
    assert isinstance(world.refused(world.sign_agreement(document, world.housing)), WrongTransition)


def test_nobody_is_attested_twice(world: World) -> None:
    seat = world.seats[world.case].seat
    assert isinstance(world.refused(world.attest(new_id(), seat)), WrongTransition)


def test_an_emergency_is_reviewed_once(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    world.must(world.review(emergency))
    assert isinstance(world.refused(world.review(emergency)), WrongTransition)

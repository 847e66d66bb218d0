"""Only a granted consent permits, within its time."""

from __future__ import annotations

from schemas.errors import ConsentNotInForce
from tests.factories import World


def _status(world: World) -> object:
    refusal = world.refused(world.release())
    assert isinstance(refusal, ConsentNotInForce)
    return refusal.facts["state"]


def test_a_withdrawn_consent_permits_nothing(world: World) -> None:
    world.must(world.decide("withdraw"))
    assert _status(world) == "withdrawn"


def test_a_suspended_consent_permits_nothing_until_it_is_resumed(world: World) -> None:
    world.must(world.decide("suspend"))
    assert _status(world) == "suspended"
    world.must(world.decide("resume"))
    world.must(world.release())


def test_of_what_is_paused_nobody_is_told_to_stop_for_good(world: World) -> None:
    world.must(world.decide("suspend"))
    assert str(world.refused(world.release()).to_problem()["remedy"]).startswith("Wait.")
    world.must(world.decide("withdraw"))
    assert str(world.refused(world.release()).to_problem()["remedy"]).startswith("Stop.")


def test_an_expired_consent_permits_nothing_to_the_millisecond(world: World) -> None:
    world.clock.move(days=180, milliseconds=-1)
    world.must(world.release())
    world.clock.move(milliseconds=1)
    assert _status(world) == "expired"


def test_a_superseded_consent_permits_nothing(world: World) -> None:
    old = world.consent
    world.granted(supersedes=old)
    world.must(world.release())
    world.consent = old
    assert _status(world) == "superseded"


def test_consents_end_when_the_citizen_leaves(world: World) -> None:
    world.must(world.message("case.leave/1", world.portal, to=[world.housing.id, world.benefits.id], body={}))
    assert world.refused(world.release()).code in {"citizen_not_joined", "consent_not_in_force"}


def test_a_withdrawal_in_the_same_batch_counts_for_what_stands_behind_it(world: World) -> None:
    before, after = world.release(), world.release()
    answers = world.coordinator.admit_batch([before, world.decide("withdraw"), after])
    assert [getattr(each, "code", "ok") for each in answers] == ["ok", "ok", "consent_not_in_force"]

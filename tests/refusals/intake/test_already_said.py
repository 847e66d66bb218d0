"""The same id with other bytes is refused; the same bytes get the same answer."""

from __future__ import annotations

from coordinator.intake.flow import Admitted
from schemas.errors import AlreadySaid, ConsentNotInForce
from tests.factories import World, new_id


def test_the_same_id_with_other_bytes_is_refused(world: World) -> None:
    message = new_id()
    world.must(world.release(id=message))
    assert isinstance(world.refused(world.release(id=message)), AlreadySaid)


def test_the_same_bytes_get_the_same_receipt(world: World) -> None:
    raw = world.release()
    first, second = world.must(raw), world.must(raw)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.receipt == first.receipt
    assert second.index == first.index


def test_the_same_bytes_twice_in_one_batch_are_admitted_once(world: World) -> None:
    raw = world.release()
    first, second = world.coordinator.admit_batch([raw, raw])
    assert isinstance(first, Admitted)
    assert isinstance(second, Admitted)
    assert first.receipt == second.receipt
    assert second.duplicate


def test_a_duplicate_of_a_refused_message_is_refused_the_same_way(world: World) -> None:
    world.must(world.decide("suspend"))
    raw = world.release()
    first = world.refused(raw)
    world.must(world.decide("resume"))
    second = world.refused(raw)
    assert isinstance(second, ConsentNotInForce)
    assert second.to_problem() == first.to_problem()


def test_other_bytes_under_the_id_of_a_refused_message_are_refused(world: World) -> None:
    message = new_id()
    world.refused(world.release(id=message, purpose="arrears"))
    assert isinstance(world.refused(world.release(id=message)), AlreadySaid)


def test_two_members_may_choose_the_same_id(world: World) -> None:
    message = new_id()
    world.must(world.release(id=message))
    world.must(world.request(id=message))

"""Only who received a message can reject it."""

from __future__ import annotations

from schemas.errors import NotDelivered, WrongRecipients
from tests.factories import World, id_of, new_id


def _reject(world: World, message: str, to: list[str]) -> bytes:
    body = {"message": message, "reason": "statement_mismatch"}
    return world.message("message.reject/1", world.benefits, to=to, body=body)


def test_rejecting_what_was_delivered_is_admitted(world: World) -> None:
    release = world.release()
    world.must(release)
    world.must(_reject(world, id_of(release), [world.housing.id, "citizen"]))


def test_rejecting_what_does_not_exist_is_refused(world: World) -> None:
    assert isinstance(world.refused(_reject(world, new_id(), [world.housing.id, "citizen"])), NotDelivered)


def test_rejecting_what_went_to_another_is_refused(world: World) -> None:
    world.agency_joins(world.debts)
    release = world.release()
    world.must(release)
    body = {"message": id_of(release), "reason": "invalid"}
    raw = world.message("message.reject/1", world.debts, to=[world.housing.id, "citizen"], body=body)
    assert isinstance(world.refused(raw), NotDelivered)


def test_a_rejection_is_told_to_no_stranger(world: World) -> None:
    world.agency_joins(world.debts)
    release = world.release()
    world.must(release)
    raw = _reject(world, id_of(release), [world.housing.id, world.debts.id, "citizen"])
    assert isinstance(world.refused(raw), WrongRecipients)

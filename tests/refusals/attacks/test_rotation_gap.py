"""P12: keys are changed while messages are on their way: nothing lawful is refused, nothing is signed or
sealed by a key that has ended.
"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from coordinator.intake.flow import Admitted
from schemas.errors import KeyNotInForce
from schemas.keys import SealingKey, SigningKey
from tests.factories import Actor, World
from tests.rotation import change_keys, new_key

MESSAGES = 40


def _renewed(actor: Actor) -> Actor:
    return Actor(actor.id, actor.kind)


def test_while_two_keys_overlap_each_of_them_is_taken(world: World):
    old = world.housing
    new = _renewed(old)
    world.must(
        change_keys(
            world,
            add=[new_key(world, "sign", new.sign.public.jwk), new_key(world, "seal", new.seal.public.jwk)],
        )
    )
    chance = random.Random(12)
    raws = [world.release(chance.choice([old, new])) for _ in range(MESSAGES)]
    assert all(isinstance(answer, Admitted) for answer in world.coordinator.admit_batch(raws))


def test_messages_in_the_same_batch_as_the_change_are_judged_in_their_order(world: World):
    old = world.housing
    new = _renewed(old)
    before = [world.release(old) for _ in range(5)]
    change = change_keys(world, add=[new_key(world, "sign", new.sign.public.jwk)], end=[old.sign.kid])
    after = [world.release(old), world.release(old)]
    answers = world.coordinator.admit_batch([*before, change, *after])
    assert [isinstance(answer, Admitted) for answer in answers] == [True] * 6 + [False] * 2
    assert {getattr(answer, "code", None) for answer in answers[6:]} == {KeyNotInForce.code}
    world.must(world.release(new))


def test_what_was_signed_before_the_change_and_was_late_is_signed_anew_by_nobody_else(world: World):
    """A message of the old key that comes after its end is refused, whatever time it names."""
    old = world.housing
    new = _renewed(old)
    late = world.release(old)
    world.clock.move(minutes=5)
    world.must(change_keys(world, add=[new_key(world, "sign", new.sign.public.jwk)], end=[old.sign.kid]))
    assert isinstance(world.refused(late), KeyNotInForce)
    for minutes in (0, 1, 10, 60 * 24 * 6):
        backdated = world.release(old, at=world.clock() - timedelta(minutes=minutes))
        assert isinstance(world.refused(backdated), KeyNotInForce)


def test_a_receipt_of_before_stands_after_the_change(world: World):
    raw = world.release()
    admitted = world.must(raw)
    new = _renewed(world.housing)
    end = [world.housing.sign.kid]
    world.must(change_keys(world, add=[new_key(world, "sign", new.sign.public.jwk)], end=end))
    again = world.must(raw)
    assert again.duplicate
    assert again.receipt == admitted.receipt


def test_what_is_sealed_for_either_key_is_taken_while_both_are_in_force(world: World):
    """Whoever seals may not have heard of the new key yet, or may already use it."""
    new = SealingKey.generate()
    world.must(change_keys(world, sender=world.benefits, add=[new_key(world, "seal", new.public.jwk)]))
    world.must(world.release())
    world.actors[world.benefits.id] = Actor(world.benefits.id, "public", world.benefits.sign, new)
    world.must(world.release())


@pytest.mark.parametrize("use", ["sign", "seal"])
def test_many_changes_in_a_row_leave_no_moment_without_a_key(world: World, use: str):
    """Ten rotations; between any two of them a message goes through."""
    actor = world.housing
    for _ in range(10):
        sign = SigningKey.generate() if use == "sign" else actor.sign
        seal = SealingKey.generate() if use == "seal" else actor.seal
        added = sign.public.jwk if use == "sign" else seal.public.jwk
        ended = actor.sign.kid if use == "sign" else actor.seal.public.kid
        world.must(change_keys(world, sender=actor, add=[new_key(world, use, added)], end=[ended]))
        actor = Actor(actor.id, actor.kind, sign, seal)
        world.actors[actor.id] = actor
        world.must(world.release(actor))
        world.clock.move(minutes=1)

"""A key that has ended, or does not begin yet, neither signs nor is sealed for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import instant
from schemas.errors import KeyNotInForce
from schemas.keys import SealingKey, SigningKey
from tests.factories import Actor, World
from tests.rotation import change_keys, new_key


def test_a_key_that_was_ended_signs_no_more_whatever_time_it_names(world: World) -> None:
    fresh = SigningKey.generate()
    old = world.housing
    world.must(change_keys(world, add=[new_key(world, "sign", fresh.public.jwk)], end=[old.sign.kid]))
    refusal = world.refused(world.release(old, at=world.clock() - timedelta(hours=1)))
    assert isinstance(refusal, KeyNotInForce)
    world.must(world.release(Actor(old.id, old.kind, fresh, old.seal)))


def test_a_key_past_its_validity_signs_no_more(world: World) -> None:
    world.clock.move(days=366)
    assert isinstance(world.refused(world.release()), KeyNotInForce)


def test_a_message_of_before_the_end_of_validity_is_admitted_after_it(world: World) -> None:
    world.clock.move(days=365, hours=-1)
    raw = world.message("case.close/1", body={})
    world.clock.move(hours=2)
    world.must(raw)


def test_sealing_for_a_key_that_was_ended_is_refused(world: World) -> None:
    fresh = SealingKey.generate()
    raw = world.release()
    housing = world.housing
    world.must(
        change_keys(
            world,
            sender=world.benefits,
            add=[new_key(world, "seal", fresh.public.jwk)],
            end=[world.benefits.seal.public.kid],
        )
    )
    assert isinstance(world.refused(raw), KeyNotInForce)
    world.actors[world.benefits.id] = Actor(world.benefits.id, "public", world.benefits.sign, fresh)
    world.must(world.release(housing))


def test_sealing_for_the_key_of_another_is_refused(world: World) -> None:
    world.actors[world.benefits.id] = Actor(
        world.benefits.id, "public", world.benefits.sign, world.debts.seal
    )
    assert isinstance(world.refused(world.release()), KeyNotInForce)


@pytest.mark.parametrize("use", ["sign", "seal"])
def test_a_rotation_with_a_gap_is_refused(world: World, use: str) -> None:
    key = SigningKey.generate().public.jwk if use == "sign" else SealingKey.generate().public.jwk
    ending = world.housing.sign.kid if use == "sign" else world.housing.seal.public.kid
    begins = world.clock() + timedelta(hours=2)
    raw = change_keys(
        world,
        add=[new_key(world, use, key, begins=begins)],
        end=[ending],
        end_at=instant.format(world.clock() + timedelta(hours=1)),
    )
    assert isinstance(world.refused(raw), KeyNotInForce)


def test_ending_the_last_key_is_refused(world: World) -> None:
    assert isinstance(world.refused(change_keys(world, end=[world.housing.sign.kid])), KeyNotInForce)


def test_ending_the_key_of_another_is_refused(world: World) -> None:
    assert isinstance(world.refused(change_keys(world, end=[world.debts.sign.kid])), KeyNotInForce)

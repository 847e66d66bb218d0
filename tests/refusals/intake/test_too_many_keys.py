"""A member has a bounded number of keys."""

from __future__ import annotations

from coordinator.intake.rules.member import MOST_KEYS
from schemas.errors import TooManyKeys
from schemas.keys import SigningKey
from tests.factories import World
from tests.rotation import change_keys, new_key


def test_more_keys_than_allowed_are_refused(world: World) -> None:
    keys = [new_key(world, "sign", SigningKey.generate().public.jwk) for _ in range(MOST_KEYS)]
    world.must(change_keys(world, add=keys[:-1]))
    assert isinstance(world.refused(change_keys(world, add=keys[-1:])), TooManyKeys)

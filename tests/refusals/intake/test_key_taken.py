"""A key belongs to one member, for ever."""

from __future__ import annotations

from schemas.errors import KeyTaken
from tests.factories import Actor, World
from tests.rotation import change_keys, new_key


def test_enrolling_with_the_signing_key_of_another_is_refused(world: World) -> None:
    twin = Actor("food-bank", "charity", sign=world.housing.sign)
    assert isinstance(world.refused(world.enrolment(twin)), KeyTaken)


def test_enrolling_with_the_sealing_key_of_another_is_refused(world: World) -> None:
    twin = Actor("food-bank", "charity", seal=world.housing.seal)
    assert isinstance(world.refused(world.enrolment(twin)), KeyTaken)


def test_adding_the_key_of_another_is_refused(world: World) -> None:
    raw = change_keys(world, add=[new_key(world, "sign", world.debts.sign.public.jwk)])
    assert isinstance(world.refused(raw), KeyTaken)

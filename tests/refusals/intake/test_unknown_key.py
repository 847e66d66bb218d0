"""A signature by a key that is nobody’s, or another’s, is refused before anything is looked at."""

from __future__ import annotations

from dataclasses import replace

from coordinator.database.engine import reading
from coordinator.database.tables import refusals
from schemas.errors import UnknownKey
from schemas.keys import SigningKey
from tests.factories import World


def test_a_key_of_nobody_is_refused(world: World) -> None:
    stranger = replace(world.housing, sign=SigningKey.generate())
    assert isinstance(world.refused(world.release(stranger)), UnknownKey)


def test_the_key_of_another_member_is_refused(world: World) -> None:
    thief = replace(world.housing, sign=world.benefits.sign)
    assert isinstance(world.refused(world.release(thief)), UnknownKey)


def test_what_was_not_verified_is_neither_stored_nor_logged(world: World) -> None:
    world.refused(world.release(replace(world.housing, sign=SigningKey.generate())))
    with reading(world.coordinator.engine) as connection:
        assert connection.execute(refusals.select()).all() == []

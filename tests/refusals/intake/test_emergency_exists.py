"""An emergency’s id is one member’s."""

from __future__ import annotations

from schemas.errors import EmergencyExists
from tests.factories import World, new_id


def test_the_id_of_another_emergency_is_taken(world: World) -> None:
    message = new_id()
    world.must(world.emergency(id=message))
    assert isinstance(world.refused(world.emergency(world.housing, id=message)), EmergencyExists)

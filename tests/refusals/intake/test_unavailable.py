"""What cannot be done now is refused so that sending the same again is right; nothing is stored of it."""

from __future__ import annotations

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from coordinator.database.engine import reading
from coordinator.database.tables import refusals
from schemas.errors import Unavailable
from tests.factories import World


def test_a_database_that_cannot_be_written_refuses_and_remembers_nothing(world: World) -> None:
    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    raw = world.release()
    event.listen(world.coordinator.engine, "commit", fail)
    refusal = world.refused(raw)
    event.remove(world.coordinator.engine, "commit", fail)
    assert isinstance(refusal, Unavailable)
    assert refusal.remedy
    with reading(world.coordinator.engine) as connection:
        assert connection.execute(refusals.select()).all() == []
    world.must(raw)

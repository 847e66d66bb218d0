"""log_damaged: nothing is signed and nothing proved over tiles that do not lead to the signed head."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from coordinator.database.engine import reading, writing
from coordinator.database.tables_log import log_entries, log_tiles
from coordinator.log import tiles
from schemas.errors import LogDamaged
from tests.unit.log.world import Log


def test_a_changed_tile_at_the_edge_is_not_signed_over(log: Log):
    log.sequencer.settle(log.grow(300))
    with writing(log.engine) as connection:
        connection.execute(update(log_tiles).where(log_tiles.c.tile == 1).values(data=bytes(44 * 32)))
    log.restart()
    log.admit(1)
    with pytest.raises(LogDamaged) as refused:
        log.sequence()
    assert set(refused.value.facts) == {"expected", "found"}
    assert log.count(log_entries) == 300


@pytest.mark.parametrize("data", [b"", bytes(31), bytes(43 * 32), bytes(44 * 32 + 1), bytes(257 * 32)])
def test_a_tile_of_the_wrong_length_is_named(log: Log, data: bytes):
    log.sequencer.settle(log.grow(300))
    with writing(log.engine) as connection:
        connection.execute(update(log_tiles).where(log_tiles.c.tile == 1).values(data=data))
    log.restart()
    log.admit(1)
    with pytest.raises(LogDamaged, match="Tile 1 of level 0 should hold 44 hashes"):
        log.sequence()


def test_a_proof_over_a_missing_tile_is_refused_and_the_tile_named(log: Log):
    log.grow(300)
    with writing(log.engine) as connection:
        connection.execute(log_tiles.delete().where(log_tiles.c.level == 0, log_tiles.c.tile == 0))
    with reading(log.engine) as connection, pytest.raises(LogDamaged) as refused:
        tiles.inclusion(connection, 7, 300)
    assert refused.value.facts == {"level": 0, "tile": 0, "expected": 256, "found": 0}
    assert "log check" in str(refused.value.remedy)

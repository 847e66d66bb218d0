"""log_forked: a database that went another way after a restore is neither signed nor shown."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from coordinator.database.engine import reading, writing
from coordinator.database.tables_log import log_entries, log_heads, log_tiles
from coordinator.log.checkpoint import newest, published, standing
from coordinator.log.guard import HeadGuard, TreeHead
from schemas.errors import LogForked
from tests.unit.log.world import NOW, Log


def go_another_way(log: Log, size: int) -> TreeHead:
    """Build another history of this size in the same database, as a coordinator without a guard would."""
    real = log.guard_file
    with writing(log.engine) as connection:
        for table in (log_entries, log_tiles, log_heads):
            connection.execute(table.delete())
    log.guard_file.rename(real.with_name("kept"))
    log.restart()
    with writing(log.engine) as connection:
        log.sequencer.found(connection, now=NOW)
    log.admitted = 5000
    head = log.grow(size).head
    real.with_name("kept").replace(real)
    log.restart()
    return head


@pytest.mark.parametrize("size", [5, 6, 300])
def test_another_history_is_not_signed(log: Log, size: int):
    log.sequencer.settle(log.grow(5))
    go_another_way(log, size)
    log.admit(1)
    with pytest.raises(LogForked) as refused:
        log.sequence()
    assert (refused.value.facts["size"], refused.value.facts["found_size"]) == (5, size)
    assert "log check" in str(refused.value.remedy)


@pytest.mark.parametrize("size", [5, 6, 300])
def test_another_history_is_not_shown_and_not_ready(log: Log, size: int):
    log.sequencer.settle(log.grow(5))
    shown = log.guard.shown
    go_another_way(log, size)
    with reading(log.engine) as connection, pytest.raises(LogForked):
        published(connection, log.guard)
    with reading(log.engine) as connection, pytest.raises(LogForked):
        standing(connection, log.guard)
    assert log.guard.shown == shown


def test_a_running_process_notices_when_the_database_is_swapped_under_it(log: Log):
    log.sequencer.settle(log.grow(5))
    guard, sequencer = log.guard, log.sequencer
    go_another_way(log, 8)
    log.guard, log.sequencer = guard, sequencer
    log.admit(1)
    with pytest.raises(LogForked):
        log.sequence()


def test_another_process_that_showed_a_head_is_believed(log: Log):
    done = log.grow(5)
    HeadGuard(log.guard_file).advance(TreeHead(5, bytes(32)))
    with pytest.raises(LogForked):
        log.sequencer.settle(done)


def test_a_root_changed_in_the_table_of_heads_is_not_shown(log: Log):
    log.sequencer.settle(log.grow(5))
    with writing(log.engine) as connection:
        connection.execute(update(log_heads).values(root=bytes(32)))
    with reading(log.engine) as connection:
        assert newest(connection) is not None
        with pytest.raises(LogForked):
            published(connection, log.guard)

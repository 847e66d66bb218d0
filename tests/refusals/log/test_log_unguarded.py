"""log_unguarded: without a record of what was shown, a log that has entries is not signed."""

from __future__ import annotations

import pytest

from coordinator.database.engine import reading, writing
from coordinator.log.checkpoint import published, standing
from schemas.errors import LogUnguarded
from tests.unit.log.world import NOW, Log


def test_a_missing_guard_stops_start_signing_and_showing(log: Log):
    log.sequencer.settle(log.grow(5))
    log.guard_file.unlink()
    log.restart()
    log.admit(1)
    with pytest.raises(LogUnguarded) as refused:
        log.sequence()
    assert "log adopt" in str(refused.value.remedy)
    with writing(log.engine) as connection, pytest.raises(LogUnguarded):
        log.sequencer.found(connection, now=NOW)
    with reading(log.engine) as connection, pytest.raises(LogUnguarded):
        published(connection, log.guard)
    assert not log.guard_file.exists()


def test_a_guard_that_vanishes_while_running_is_noticed(log: Log):
    done = log.grow(5)
    log.guard_file.unlink()
    with pytest.raises(LogUnguarded):
        log.sequencer.settle(done)
    log.admit(1)
    with pytest.raises(LogUnguarded):
        log.sequence()


@pytest.mark.parametrize("content", [b"", b"0 0 0\n", b"x" * 248, bytes(248)])
def test_a_guard_that_cannot_be_read_is_not_taken_for_an_empty_one(log: Log, content: bytes):
    log.sequencer.settle(log.grow(5))
    log.guard_file.write_bytes(content)
    with pytest.raises(LogUnguarded, match="damaged"):
        log.sequencer.settle(log.grow(1))


def test_a_guard_with_one_changed_digit_is_not_believed(log: Log):
    log.sequencer.settle(log.grow(5))
    lines = log.guard_file.read_bytes().replace(b"0000000000000000005 ", b"0000000000000000004 ")
    log.guard_file.write_bytes(lines[:124] * 2 if b"4 " in lines[:124] else lines[124:] * 2)
    with pytest.raises(LogUnguarded):
        _ = log.guard.shown


def test_an_operator_can_adopt_the_head_that_members_saw(log: Log):
    head = log.grow(5).head
    log.guard_file.unlink()
    log.restart()
    log.guard.adopt(head)
    with reading(log.engine) as connection:
        assert standing(connection, log.guard) == head
    assert log.grow(1).head.size == 6

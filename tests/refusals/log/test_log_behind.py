"""log_behind: an older copy of the database is never signed over, whatever is admitted into it."""

from __future__ import annotations

import random

import pytest

from coordinator.database.engine import reading, writing
from coordinator.database.tables_log import log_entries, log_heads, log_tiles, sequencing_queue
from coordinator.log.checkpoint import published, standing
from schemas.errors import LogBehind
from schemas.log import HASH_SIZE
from tests.unit.log.world import NOW, ORIGIN, Log

TABLES = (log_entries, log_tiles, log_heads, sequencing_queue)


def restore(log: Log, backup: dict[str, list[dict[str, object]]]) -> None:
    """Put the database back to where it was, and start the coordinator anew; the guard's file stays."""
    with writing(log.engine) as connection:
        for table in TABLES:
            connection.execute(table.delete())
            if backup[table.name]:
                connection.execute(table.insert(), backup[table.name])
    log.restart()


def backup(log: Log) -> dict[str, list[dict[str, object]]]:
    return {table.name: [dict(row._mapping) for row in log.rows(table)] for table in TABLES}


def test_an_older_copy_refuses_to_start(log: Log):
    log.sequencer.settle(log.grow(5))
    copy = backup(log)
    log.sequencer.settle(log.grow(5))
    restore(log, copy)
    with pytest.raises(LogBehind) as refused, writing(log.engine) as connection:
        log.sequencer.found(connection, now=NOW)
    assert refused.value.facts == {"expected": 10, "found": 5}
    assert "newest copy" in str(refused.value.remedy)
    with reading(log.engine) as connection, pytest.raises(LogBehind):
        standing(connection, log.guard)


def test_an_older_copy_refuses_to_sign_even_when_it_would_grow_larger(log: Log):
    log.sequencer.settle(log.grow(5))
    copy = backup(log)
    log.sequencer.settle(log.grow(5))
    restore(log, copy)
    log.admit(50)
    with pytest.raises(LogBehind):
        log.sequence()
    assert (log.count(log_entries), log.count(sequencing_queue)) == (5, 50)
    assert [row.size for row in log.rows(log_heads)] == [5]


def test_an_older_copy_is_refused_wherever_it_was_taken(log: Log):
    seeded = random.Random(20)
    copies = []
    for _ in range(20):
        log.sequencer.settle(log.grow(seeded.randint(1, 40)))
        copies.append(backup(log))
    newest = copies.pop()
    for copy in copies:
        restore(log, copy)
        log.admit(1)
        with pytest.raises(LogBehind):
            log.sequence()
    restore(log, newest)
    assert log.grow(1).head.size == int(str(newest["log_heads"][-1]["size"])) + 1


def test_an_emptied_database_is_refused(log: Log):
    empty = backup(log)
    log.sequencer.settle(log.grow(5))
    restore(log, {**empty, "log_heads": []})
    log.admit(1)
    with pytest.raises(LogBehind):
        log.sequence()


def test_a_log_without_a_head_shows_none(log: Log):
    with writing(log.engine) as connection:
        connection.execute(log_heads.delete())
    with reading(log.engine) as connection, pytest.raises(LogBehind, match="no head yet"):
        published(connection, log.guard)


def test_the_refusal_says_nothing_about_anyone(log: Log):
    log.sequencer.settle(log.grow(5))
    with writing(log.engine) as connection:
        connection.execute(log_heads.delete())
    log.restart()
    log.admit(1)
    with pytest.raises(LogBehind) as refused:
        log.sequence()
    assert set(refused.value.to_problem()) == {
        "type",
        "title",
        "detail",
        "code",
        "remedy",
        "expected",
        "found",
    }
    assert ORIGIN not in refused.value.detail
    assert HASH_SIZE == 32

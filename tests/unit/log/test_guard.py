"""The guard's file: what it remembers, and that neither crashes nor other processes spoil it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coordinator.database.engine import reading, writing
from coordinator.log.checkpoint import published, standing
from coordinator.log.guard import EMPTY_HEAD, HeadGuard, TreeHead
from tests.unit.log.world import Log, guard_lines


def head(size: int) -> TreeHead:
    return TreeHead(size, size.to_bytes(32, "big"))


def founded(path: Path) -> HeadGuard:
    guard = HeadGuard(path)
    guard.check(EMPTY_HEAD, lambda size: bytes(32))
    return guard


def test_a_new_log_gets_a_guard(tmp_path: Path):
    guard = founded(tmp_path / "head")
    assert guard.shown == EMPTY_HEAD
    assert (tmp_path / "head").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["head"]


def test_what_was_shown_is_remembered_by_another_process(tmp_path: Path):
    guard = founded(tmp_path / "head")
    for size in range(1, 6):
        guard.advance(head(size))
        assert HeadGuard(tmp_path / "head").shown == head(size)


def test_an_older_head_changes_nothing(tmp_path: Path):
    guard = founded(tmp_path / "head")
    guard.advance(head(5))
    guard.advance(head(4))
    assert guard.shown == head(5)


def test_two_processes_share_the_file(tmp_path: Path):
    one, other = founded(tmp_path / "head"), founded(tmp_path / "head")
    one.advance(head(1))
    other.advance(head(2))
    one.advance(head(3))
    assert one.shown == other.shown == head(3)


@pytest.mark.parametrize("torn", range(0, 125, 7))
def test_a_torn_write_leaves_the_head_before(tmp_path: Path, torn: int):
    guard = founded(tmp_path / "head")
    guard.advance(head(1))
    guard.advance(head(2))
    before = (tmp_path / "head").read_bytes()
    guard.advance(head(3))
    after = bytearray((tmp_path / "head").read_bytes())
    (start,) = [at for at in (0, 124) if before[at : at + 124] != bytes(after[at : at + 124])]
    after[start + torn : start + 124] = before[start + torn : start + 124]
    (tmp_path / "head").write_bytes(after)
    assert HeadGuard(tmp_path / "head").shown in (head(2), head(3))


def test_an_operator_can_adopt_a_head_while_processes_run(tmp_path: Path):
    guard = founded(tmp_path / "head")
    guard.advance(head(9))
    HeadGuard(tmp_path / "head").adopt(head(5))
    assert guard.shown == head(5)
    guard.advance(head(6))
    assert guard_lines(tmp_path / "head") == [6, 5]


def test_founding_never_replaces_what_another_process_wrote(tmp_path: Path):
    late = HeadGuard(tmp_path / "head")
    founded(tmp_path / "head").advance(head(3))
    late._may_be_founded(EMPTY_HEAD)
    assert late.shown == head(3)


def test_the_file_is_forced_to_disk_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    forced: list[int] = []
    clock = iter([0.0, 0.2, 0.5, 1.1, 1.1, 1.3])
    guard = HeadGuard(tmp_path / "head", clock=lambda: next(clock))
    guard.check(EMPTY_HEAD, lambda size: bytes(32))
    monkeypatch.setattr(os, "fsync", forced.append)
    for size in range(1, 5):
        guard.advance(head(size))
    assert len(forced) == 1


def test_a_closed_guard_opens_again_when_it_is_needed(tmp_path: Path):
    guard = founded(tmp_path / "head")
    guard.advance(head(1))
    guard.close()
    guard.close()
    assert guard.shown == head(1)


def test_a_head_is_remembered_before_it_is_shown(log: Log):
    done = log.grow(3)
    assert log.guard.shown == EMPTY_HEAD
    with reading(log.engine) as connection:
        assert published(connection, log.guard).head == done.head
    assert HeadGuard(log.guard_file).shown == done.head


def test_settling_after_the_commit_remembers_it_too(log: Log):
    done = log.grow(3)
    log.sequencer.settle(done)
    assert HeadGuard(log.guard_file).shown == done.head


def test_a_snapshot_from_a_moment_ago_may_still_be_shown(log: Log):
    log.grow(3)
    with reading(log.engine) as connection:
        published(connection, log.guard)
    log.guard.adopt(TreeHead(9, bytes(32)))
    with reading(log.engine) as connection:
        assert published(connection, log.guard).size == 3


def test_a_guard_that_is_behind_is_fine_when_the_log_contains_its_head(log: Log):
    log.sequencer.settle(log.grow(300))
    copy = log.guard_file.read_bytes()
    log.sequencer.settle(log.grow(300))
    log.guard_file.write_bytes(copy)
    log.restart()
    with reading(log.engine) as connection:
        assert standing(connection, log.guard).size == 600
    assert log.grow(1).head.size == 601


def test_checking_needs_no_tile_while_the_same_process_goes_on(log: Log):
    with writing(log.engine):
        pass
    log.sequencer.settle(log.grow(3))
    log.grow(3)
    done = log.grow(3)  # two heads ahead of what was shown
    log.guard.check(done.head, lambda size: pytest.fail(f"read the tree at {size}"))

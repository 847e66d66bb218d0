"""Silent damage is found and named (P11): whatever bit flips in what the log stores."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, update

from coordinator.database.engine import reading, writing
from coordinator.database.tables_log import log_entries, log_heads, log_tiles
from coordinator.log.damage import Damage, find_damage
from coordinator.log.guard import TreeHead
from tests.unit.log.world import KEY, NOW, ORIGIN, Log

SIZE = 70_000


def damage(log: Log) -> list[Damage]:
    with reading(log.engine) as connection:
        return find_damage(connection, key=KEY.public, origin=ORIGIN, guard=log.guard)


def places(log: Log) -> set[tuple[str, str]]:
    return {(found.kind, found.where) for found in damage(log)}


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def change(log: Log, table: Any, row: Any, **values: Any) -> None:
    with writing(log.engine) as connection:
        key = [column == row._mapping[column.name] for column in table.primary_key]
        connection.execute(update(table).where(*key).values(**values))


def test_a_sound_log_has_no_damage(log: Log):
    for count in (0, 1, 254, 1, 1, 400):
        if count:
            log.sequencer.settle(log.grow(count))
        assert damage(log) == []


def test_every_flipped_bit_is_found_and_named(log: Log):
    log.sequencer.settle(log.grow(300))
    log.admit(257)
    log.sequence(now=NOW.replace(day=25))  # two heads are kept
    seeded = random.Random(11)
    for table, column, kind in (
        (log_entries, "commitment", "entry"),
        (log_tiles, "data", "tile"),
        (log_heads, "root", "head"),
    ):
        rows = log.rows(table)
        for _ in range(60):
            row = seeded.choice(rows)
            data = getattr(row, column)
            change(log, table, row, **{column: flip(data, seeded.randrange(len(data) * 8))})
            where = {"entry": lambda r: str(r.index), "tile": lambda r: f"{r.level}/{r.tile}"}.get(
                kind, lambda r: str(r.size)
            )(row)
            assert places(log) == {(kind, where)}
            change(log, table, row, **{column: data})
    assert damage(log) == []


def test_every_changed_character_of_a_checkpoint_is_found(log: Log):
    log.sequencer.settle(log.grow(3))
    (row,) = log.rows(log_heads)
    for at in range(len(row.checkpoint)):
        changed = row.checkpoint[:at] + chr(ord(row.checkpoint[at]) ^ 1) + row.checkpoint[at + 1 :]
        change(log, log_heads, row, checkpoint=changed)
        assert ("head", "3") in places(log)


def delete_entry(connection: Connection) -> None:
    connection.execute(log_entries.delete().where(log_entries.c.index == 270))


def delete_full_tile(connection: Connection) -> None:
    connection.execute(log_tiles.delete().where(log_tiles.c.level == 0, log_tiles.c.tile == 0))


def delete_last_tile(connection: Connection) -> None:
    connection.execute(log_tiles.delete().where(log_tiles.c.level == 0, log_tiles.c.tile == 1))


def delete_upper_tile(connection: Connection) -> None:
    connection.execute(log_tiles.delete().where(log_tiles.c.level == 1))


def cut_tile(connection: Connection) -> None:
    connection.execute(update(log_tiles).where(log_tiles.c.tile == 1).values(data=bytes(33)))


def lengthen_tile(connection: Connection) -> None:
    connection.execute(update(log_tiles).where(log_tiles.c.level == 1).values(data=bytes(64)))


def add_entry(connection: Connection) -> None:
    connection.execute(log_entries.insert().values(index=300, commitment=bytes(32), kind="message"))


def add_tile(connection: Connection) -> None:
    connection.execute(log_tiles.insert().values(level=2, tile=0, data=bytes(32)))


def move_entry(connection: Connection) -> None:
    connection.execute(update(log_entries).where(log_entries.c.index == 7).values(index=-7))


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (delete_entry, {("entry", "270")}),
        (delete_full_tile, {("tile", "0/0")}),
        (delete_last_tile, {("tile", "0/1")}),
        (delete_upper_tile, {("tile", "1/0")}),
        (cut_tile, {("tile", "0/1")}),
        (lengthen_tile, {("tile", "1/0")}),
        (add_entry, {("entry", "300")}),
        (add_tile, {("tile", "2/0")}),
        (move_entry, {("entry", "7"), ("entry", "-7")}),
    ],
)
def test_rows_that_are_missing_or_too_many_are_named(
    log: Log, spoil: Callable[[Connection], None], expected: set[tuple[str, str]]
):
    log.sequencer.settle(log.grow(300))
    with writing(log.engine) as connection:
        spoil(connection)
    assert places(log) == expected


def test_a_head_whose_tree_was_replaced_is_named(log: Log):
    log.sequencer.settle(log.grow(3))
    other = log.guard.shown
    assert other
    log.guard.adopt(TreeHead(2, bytes(32)))
    assert places(log) == {("guard", "2")}
    log.guard.adopt(TreeHead(9, bytes(32)))
    assert places(log) == {("guard", "9")}
    log.guard_file.write_bytes(b"nothing")
    assert places(log) == {("guard", "file")}
    log.guard_file.unlink()
    assert places(log) == {("guard", "file")}


def test_the_operator_sees_how_far_it_is(log: Log):
    log.grow(600)
    steps: list[tuple[int, int]] = []
    with reading(log.engine) as connection:
        find_damage(
            connection, key=KEY.public, origin=ORIGIN, progress=lambda done, of: steps.append((done, of))
        )
    assert steps == [(256, 600), (512, 600), (600, 600)]


def test_a_larger_log_is_checked_in_seconds(log: Log):
    log.sequencer.settle(log.grow(SIZE))
    began = time.monotonic()
    assert damage(log) == []
    assert time.monotonic() - began < 20

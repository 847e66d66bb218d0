"""What was admitted gets its place, its mailboxes and a signed head, in one transaction."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coordinator.database.engine import reading, writing
from coordinator.database.tables_log import (
    log_entries,
    log_heads,
    log_tiles,
    mailbox,
    mailbox_cursors,
    sequencing_queue,
)
from coordinator.log.checkpoint import newest, published
from coordinator.log.sequence import sequence
from schemas.log import EMPTY_ROOT, leaf_hash, tree_root, verify_checkpoint
from tests.unit.log.world import KEY, NOW, ORIGIN, Log, commitment, queue

ANNE = {"member": "town", "consent": None, "kind": "other"}
CONSENT = {"member": "town", "consent": "c1", "kind": "consent"}
PORTAL = {"member": "portal", "consent": "c1", "kind": "other"}


def test_a_founded_log_has_a_signed_head_of_size_0(log: Log):
    (head,) = log.rows(log_heads)
    read = verify_checkpoint(head.checkpoint, ORIGIN, KEY.public)
    assert (head.size, read.size, read.root) == (0, 0, EMPTY_ROOT)


def test_founding_again_changes_nothing(log: Log):
    log.grow(3)
    with writing(log.engine) as connection:
        assert log.sequencer.found(connection, now=NOW).size == 3
    assert [head.size for head in log.rows(log_heads)] == [3]


def test_the_order_of_decisions_is_the_order_of_the_log(log: Log):
    log.admit(5)
    done = log.sequence()
    assert done.indexes == {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}
    assert [row.commitment for row in log.rows(log_entries)] == [commitment(number) for number in range(5)]
    assert [row.message_seq for row in log.rows(log_entries)] == [1, 2, 3, 4, 5]
    assert log.count(sequencing_queue) == 0


def test_the_head_covers_exactly_the_entries(log: Log):
    done = log.grow(5)
    leaves = [leaf_hash(commitment(number)) for number in range(5)]
    with reading(log.engine) as connection:
        head = published(connection, log.guard)
    read = verify_checkpoint(head.checkpoint, ORIGIN, KEY.public)
    assert (read.size, read.root) == (5, tree_root(leaves)) == (done.head.size, done.head.root)


def test_a_refusal_is_an_entry_without_a_message(log: Log):
    log.grow(1, kind="refusal")
    (entry,) = log.rows(log_entries)
    assert (entry.kind, entry.message_seq) == ("refusal", None)


def test_every_route_becomes_a_row_in_that_mailbox(log: Log):
    log.grow(2, routes=[ANNE, PORTAL])
    assert [(row.member, row.index, row.seq, row.consent) for row in log.rows(mailbox)] == [
        ("portal", 0, 1, "c1"),
        ("portal", 1, 2, "c1"),
        ("town", 0, 1, None),
        ("town", 1, 2, None),
    ]


def test_the_cursor_names_the_newest_message_and_the_newest_consent_decision(log: Log):
    log.grow(1, routes=[CONSENT, PORTAL])
    log.grow(2, routes=[ANNE])
    cursors = {row.member: (row.acked, row.last, row.last_consent) for row in log.rows(mailbox_cursors)}
    assert cursors == {"town": (-1, 2, 0), "portal": (-1, 0, -1)}


def test_a_cursor_that_was_moved_keeps_its_place(log: Log):
    log.grow(1, routes=[ANNE])
    with writing(log.engine) as connection:
        connection.execute(mailbox_cursors.update().values(acked=0, seen_at=7))
    log.grow(1, routes=[CONSENT])
    (cursor,) = log.rows(mailbox_cursors)
    assert (cursor.acked, cursor.seen_at, cursor.last, cursor.last_consent) == (0, 7, 1, 1)


def test_at_most_the_limit_is_taken_and_the_rest_waits(log: Log):
    log.admit(5)
    assert log.sequence(limit=2).indexes == {1: 0, 2: 1}
    assert log.count(sequencing_queue) == 3
    assert log.sequence(limit=10).indexes == {3: 2, 4: 3, 5: 4}


def test_nothing_waiting_changes_nothing(log: Log):
    log.grow(3)
    before = log.rows(log_heads)
    assert log.sequence().head.size == 3
    log.restart()
    assert log.sequence().head.size == 3
    assert log.rows(log_heads) == before


def test_a_transaction_that_is_rolled_back_leaves_the_log_as_it_was(log: Log):
    log.grow(3)
    with pytest.raises(RuntimeError, match="disk full"), writing(log.engine) as connection:
        queue(connection, 3, 300, [], "message")
        log.sequencer.sequence(connection, limit=1000, now=NOW)
        raise RuntimeError("disk full")
    assert log.sequence().head.size == 3
    log.admitted = 1000  # other messages than those that were rolled back
    assert log.grow(2).head.size == 5
    numbers = [0, 1, 2, 1000, 1001]
    assert log.root(5) == tree_root([leaf_hash(commitment(number)) for number in numbers])


def test_a_rolled_back_head_does_not_stop_the_log_though_it_was_signed(log: Log):
    log.grow(3)
    with pytest.raises(RuntimeError), writing(log.engine) as connection:
        queue(connection, 3, 2, [], "message")
        log.sequencer.sequence(connection, limit=10, now=NOW)
        raise RuntimeError
    log.restart()
    log.admitted = 500
    done = log.grow(2)
    log.sequencer.settle(done)
    assert log.guard.shown == done.head


def test_another_process_may_go_on(log: Log):
    log.grow(3)
    with writing(log.engine) as connection:
        queue(connection, 3, 300, [], "message")
        size = sequence(connection, limit=1000, now=NOW, log_key=KEY, origin=ORIGIN, guard=log.guard)
    assert size == 303
    log.admitted = 303
    assert log.grow(1).head.size == 304
    leaves = [leaf_hash(commitment(number)) for number in range(304)]
    assert log.root(304) == tree_root(leaves)


def test_two_calls_in_one_transaction_go_on_from_one_another(log: Log):
    with writing(log.engine) as connection:
        queue(connection, 0, 4, [], "message")
        log.sequencer.sequence(connection, limit=2, now=NOW)
        assert log.sequencer.sequence(connection, limit=2, now=NOW).head.size == 4
    assert log.root(4) == tree_root([leaf_hash(commitment(number)) for number in range(4)])


def test_one_head_a_day_is_kept(log: Log):
    for day in range(3):
        for hour in (1, 2, 3):
            log.admit(1)
            log.sequence(now=NOW + timedelta(days=day, hours=hour))
    assert [head.size for head in log.rows(log_heads)] == [3, 6, 9]


def test_only_the_right_edge_is_written(log: Log):
    log.grow(600)
    tiles = {(row.level, row.tile): len(row.data) // 32 for row in log.rows(log_tiles)}
    assert tiles == {(0, 0): 256, (0, 1): 256, (0, 2): 88, (1, 0): 2}
    with writing(log.engine) as connection:
        connection.execute(log_tiles.delete().where(log_tiles.c.level == 0, log_tiles.c.tile < 2))
    log.restart()
    assert log.grow(1).head.size == 601  # nothing of the left side was needed


def test_the_newest_head_is_none_before_the_log_is_founded(log: Log):
    with writing(log.engine) as connection:
        connection.execute(log_heads.delete())
    with reading(log.engine) as connection:
        assert newest(connection) is None

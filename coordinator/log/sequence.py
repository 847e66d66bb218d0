"""Gives what was admitted its place in the log, puts it into mailboxes and signs the head: one transaction.

With PostgreSQL the integrator takes the rows of `sequencing_queue`, in the order of decisions; with SQLite
the intake hands over what it has just decided, inside its own commit, and nothing waits in the queue. What
the messages say, and why they were admitted, it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from coordinator.log.checkpoint import SignedHead, newest, sign_head, standing
from coordinator.log.guard import EMPTY_HEAD, HeadGuard, TreeHead
from coordinator.log.merkle import RightEdge, Tree, read_edge, read_from
from coordinator.log.statements import (
    ADD_ENTRIES,
    ADD_HEAD,
    ADD_TO_MAILBOXES,
    FOUND_HEAD,
    KEEP_TILES,
    MOVE_CURSORS,
    REPLACE_HEAD,
    TAKE,
    WAITING,
)
from schemas import instant
from schemas.errors import LogDamaged
from schemas.keys import SigningKey
from schemas.log import leaf_hash

DAY_MS = 24 * 60 * 60 * 1000
"""Of the heads of one day (UTC) only the last is kept: 365 rows a year, whatever the load. Any two sizes that
were ever signed can still be proved consistent, because proofs come from the tiles."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What was decided and waits for its place in the log, and whose mailboxes it goes to."""

    seq: int
    kind: str
    commitment: bytes
    routes: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Sequenced:
    """What one call did: the head after it, and the index of each seq."""

    head: TreeHead
    indexes: dict[int, int]


def sequence(
    connection: Connection, *, limit: int, now: datetime, log_key: SigningKey, origin: str, guard: HeadGuard
) -> int:
    """Sequence at most `limit` waiting rows and give the new size; a process keeps a Sequencer instead."""
    sequencer = Sequencer(log_key=log_key, origin=origin, guard=guard)
    return sequencer.sequence(connection, limit=limit, now=now).head.size


class Sequencer:
    """Sequences again and again: it remembers the right edge of the tree, which saves reading it each time.

    What it remembers counts only while the stored head is the same, so a transaction that was rolled back, or
    another process that went on, costs one reading of the edge. One thread at a time.
    """

    def __init__(self, *, log_key: SigningKey, origin: str, guard: HeadGuard) -> None:
        self._key = log_key
        self._origin = origin
        self._guard = guard
        self._edge = RightEdge()

    def found(self, connection: Connection, *, now: datetime) -> TreeHead:
        """At the start: check the database against the guard; a log without a head gets one of size 0."""
        head = standing(connection, self._guard)
        if newest(connection) is None:
            text = self._signed(connection, EMPTY_HEAD, EMPTY_HEAD)
            FOUND_HEAD.once(connection, (EMPTY_HEAD.root, text, instant.to_ms(now), EMPTY_HEAD.size))
        return head

    def sequence(self, connection: Connection, *, limit: int, now: datetime) -> Sequenced:
        """Give at most `limit` rows of the queue their places; the caller commits, then calls `settle`."""
        waiting = _waiting(connection, limit)
        sequenced = self.place(connection, waiting, now=now)
        TAKE.for_each(connection, [(row.seq,) for row in waiting])
        return sequenced

    def place(self, connection: Connection, waiting: Sequence[Waiting], *, now: datetime) -> Sequenced:
        """Give these their places, in this order; the caller commits, then calls `settle`."""
        if not waiting:
            return Sequenced(_head(newest(connection)), {})
        # 1. Where the log stands: that it goes on from what was shown, and that its tiles lead to its head.
        base = newest(connection)
        self._guard.check(_head(base), Tree(read_from(connection)).root)
        self._take_up(connection, base)
        # 2. One place in the log for each, in the order of decisions.
        first = self._edge.size
        placed = list(enumerate(waiting, start=first))
        tiles = self._edge.append(leaf_hash(row.commitment) for row in waiting)
        ADD_ENTRIES.for_each(connection, [_entry(index, row) for index, row in placed])
        KEEP_TILES.for_each(connection, [(tile.level, tile.tile, tile.data) for tile in tiles])
        # 3. Whoever it is for can collect it from now on.
        ADD_TO_MAILBOXES.for_each(connection, _deliveries(placed))
        MOVE_CURSORS.for_each(connection, _cursors(placed))
        # 4. The head over all of it, signed only if it goes on from what was shown: no fork, no older copy.
        head = TreeHead(self._edge.size, self._edge.root)
        self._sign(connection, base, head, now)
        return Sequenced(head, {row.seq: index for index, row in placed})

    def settle(self, sequenced: Sequenced) -> None:
        """After the commit: tell the guard what is stored for good. Showing a head does it too."""
        if sequenced.indexes:
            self._guard.advance(sequenced.head)

    def _take_up(self, connection: Connection, base: SignedHead | None) -> None:
        head = _head(base)
        if (self._edge.size, self._edge.root) == (head.size, head.root):
            return
        self._edge = read_edge(read_from(connection), head.size)
        if self._edge.root != head.root:
            raise LogDamaged(
                f"The stored tiles do not lead to the head of size {head.size} that was signed.",
                remedy="Run `accord coordinator log check`, then restore the named rows from a copy.",
                expected=head.root.hex(),
                found=self._edge.root.hex(),
            )

    def _sign(self, connection: Connection, base: SignedHead | None, head: TreeHead, now: datetime) -> None:
        text = self._signed(connection, _head(base), head)
        at = instant.to_ms(now)
        row = (head.root, text, at, head.size)
        if base and base.at // DAY_MS == at // DAY_MS:
            REPLACE_HEAD.once(connection, (*row, base.size))
        else:
            ADD_HEAD.once(connection, row)

    def _signed(self, connection: Connection, base: TreeHead, head: TreeHead) -> str:
        root_at = Tree(read_from(connection)).root
        return sign_head(base, head, root_at, key=self._key, origin=self._origin, guard=self._guard)


def _head(stored: SignedHead | None) -> TreeHead:
    return stored.head if stored else EMPTY_HEAD


def _waiting(connection: Connection, limit: int) -> list[Waiting]:
    return [Waiting(row[0], row[1], row[2], _routes(row[3])) for row in WAITING.once(connection, (limit,))]


def _routes(stored: Any) -> Sequence[dict[str, Any]]:
    # SQLite gives JSON as text, psycopg as what it stands for.
    routes: Sequence[dict[str, Any]] = json.loads(stored) if isinstance(stored, str) else stored
    return routes


def _entry(index: int, row: Waiting) -> tuple[int, bytes, str, int | None]:
    return index, row.commitment, row.kind, row.seq if row.kind == "message" else None


def _deliveries(placed: Sequence[tuple[int, Waiting]]) -> list[tuple[str, int, int, str | None]]:
    return [
        (route["member"], index, row.seq, route.get("consent"))
        for index, row in placed
        for route in row.routes
    ]


def _cursors(placed: Sequence[tuple[int, Waiting]]) -> list[tuple[str, int, int]]:
    """Give for each member the newest message, and the newest that decides about a consent."""
    last: dict[str, int] = {}
    last_consent: dict[str, int] = {}
    for index, row in placed:
        for route in row.routes:
            last[route["member"]] = index
            if route.get("kind") == "consent":
                last_consent[route["member"]] = index
    return [(member, index, last_consent.get(member, -1)) for member, index in sorted(last.items())]

"""The way out, in order: choose → mark as collected → read → prove → sign a fresh head.

A mailbox is the log filtered by recipient. Until it is acknowledged everything is given again; a message
whose consent ended before it was collected is never given. Pages are bounded in number and bytes, so that
memory stays flat however much waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from coordinator.database.engine import reading
from coordinator.intake.committer import Committer
from coordinator.log.checkpoint import published
from coordinator.log.guard import HeadGuard
from coordinator.log.merkle import TileCache, Tree, read_from
from coordinator.mailbox import rows
from coordinator.mailbox.bell import Bell
from schemas import head as heads
from schemas.errors import Malformed
from schemas.keys import SigningKey

MOST_LETTERS = 200
MOST_BYTES = 4 * 1024 * 1024
"""Of message bytes on one page; a page has at least one message."""
LONGEST_WAIT_S = 25


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is given out: with its place in the log, its receipt, and the proof of inclusion."""

    index: int
    message: bytes
    receipt: bytes
    inclusion: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """What a member gets: letters, the signed head, the checkpoint, and the proof that the log only grew."""

    letters: Sequence[Letter]
    head: bytes
    checkpoint: str
    consistency: Sequence[bytes]
    next: int


class Mailboxes:
    """All members' mailboxes."""

    def __init__(
        self,
        engine: Engine,
        committer: Committer,
        *,
        key: SigningKey,
        guard: HeadGuard,
        tiles: TileCache,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the database, the one writer, the coordinator's key, what the log shows, and who waits."""
        self._engine = engine
        self._committer = committer
        self._key = key
        self._guard = guard
        self._tiles = tiles
        self._bell = bell
        self._clock = clock

    def collect(
        self,
        member: str,
        *,
        after: int | None = None,
        limit: int = MOST_LETTERS,
        wait: float = 0,
        seen: int = 0,
        still_there: Callable[[], bool] = lambda: True,
    ) -> Page:
        """Give what waits behind `after`, or wait up to `wait` seconds for it.

        `seen` is the size of the log that the member saw last; the page proves that the log of now begins
        with it. `still_there` says whether anybody listens: nothing counts as collected by one who has gone.
        """
        if not 1 <= limit <= MOST_LETTERS:
            raise Malformed(f"A page has 1 to {MOST_LETTERS} messages.", limit=MOST_LETTERS)
        until = time.monotonic() + min(max(wait, 0), LONGEST_WAIT_S)
        with self._bell.listening(member) as rung:
            while True:
                chosen = self._choose(member, after, limit) if still_there() else []
                left = until - time.monotonic()
                if chosen or left <= 0 or self._bell.is_silenced or not still_there():
                    return self._page(member, after, chosen, seen)
                rung.wait(left)
                rung.clear()

    def acknowledge(self, member: str, index: int) -> None:
        """Move the member's cursor forward: up to here it will not be given again unless it is asked for."""
        now = self._clock()
        self._committer.run(lambda connection: rows.acknowledge(connection, member, index, now))

    def _choose(self, member: str, after: int | None, limit: int) -> list[int]:
        """Give the indexes of the next page, after marking those that are collected for the first time."""
        now = self._clock()
        with reading(self._engine) as connection:
            waiting = rows.waiting(
                connection, member, after=after, limit=limit, most_bytes=MOST_BYTES, now=now
            )
        new = [each.index for each in waiting if not each.collected]
        marked: frozenset[int] = frozenset()
        if new:
            marked = self._committer.run(
                lambda connection: rows.mark_collected(connection, member, new[0], new[-1], now)
            )
        ended = [each for each in waiting if each.collected and not each.in_force]
        if ended:
            self._committer.run(lambda connection: rows.reopen(connection, member, now))
        if ended or len(marked) < len(new):
            # Their consent ended; left there they would fill the page before what stands behind them.
            self._committer.take_back_forgotten()
        return [each.index for each in waiting if each.index in marked or (each.collected and each.in_force)]

    def _page(self, member: str, after: int | None, chosen: Sequence[int], seen: int) -> Page:
        with reading(self._engine) as connection:
            cursor = rows.cursor(connection, member)
            signed = published(connection, self._guard, self._tiles)
            tree = Tree(read_from(connection), self._tiles)
            letters = self._letters(connection, member, chosen, tree, signed.size)
            consistency = tree.consistency(seen, signed.size) if 0 < seen <= signed.size else []
        head = heads.Head(member, self._clock(), signed.size, signed.root, cursor.last, cursor.last_consent)
        start = cursor.acked if after is None else after
        return Page(
            letters=letters,
            head=heads.issue(head, self._key),
            checkpoint=signed.checkpoint,
            consistency=consistency,
            next=letters[-1].index if letters else start,
        )

    def _letters(
        self, connection: Connection, member: str, chosen: Sequence[int], tree: Tree, size: int
    ) -> list[Letter]:
        if not chosen:
            return []
        wanted = set(chosen)
        return [
            Letter(each.index, each.raw, each.receipt, tree.inclusion(each.index, size))
            for each in rows.letters(connection, member, chosen[0], chosen[-1])
            if each.index in wanted
        ]

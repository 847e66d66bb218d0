"""Signs the log's head, and reads it for answers; the guard sees each before it is signed and shown.

A signature made in a transaction that is rolled back never leaves the process: heads are shown from what is
committed, and the guard has seen them by then.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from coordinator.database.driver import run
from coordinator.log.guard import EMPTY_HEAD, HeadGuard, RootAt, TreeHead
from coordinator.log.merkle import TileCache, Tree, read_from
from schemas.errors import LogBehind
from schemas.keys import SigningKey
from schemas.log import sign_checkpoint

_NEWEST = "SELECT size, root, checkpoint, at FROM log_heads ORDER BY size DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as it is stored and shown: with its checkpoint (C2SP) and when it was signed (ms)."""

    size: int
    root: bytes
    checkpoint: str
    at: int

    @property
    def head(self) -> TreeHead:
        """Size and root alone."""
        return TreeHead(self.size, self.root)


def newest(connection: Connection) -> SignedHead | None:
    """Read the newest head without the guard: for the integrator and for checks, not for answers."""
    rows = run(connection, _NEWEST, ())
    return SignedHead(*rows[0]) if rows else None


def published(connection: Connection, guard: HeadGuard, cache: TileCache | None = None) -> SignedHead:
    """Read the newest head for an answer; the guard remembers it first.

    Give it a transaction that only reads. Its snapshot may be older than what another request showed a moment
    ago; such a head is part of the newer one, and is given. Raises LogForked for one that is not.
    """
    signed = newest(connection)
    if signed is None:
        raise LogBehind("The log has no head yet.", remedy="Start the coordinator; it founds the log.")
    shown = guard.shown
    if shown is None or signed.size >= shown.size:
        guard.check(signed.head, Tree(read_from(connection), cache).root)
        guard.advance(signed.head)
    return signed


def standing(connection: Connection, guard: HeadGuard) -> TreeHead:
    """Check that the database goes on from what was shown, for a start and for readiness.

    Give it a fresh transaction. Raises LogBehind, LogForked or LogUnguarded, which say what to do.
    """
    shown = guard.shown  # before the database is read: whatever was shown was committed before
    signed = newest(connection)
    head = signed.head if signed else EMPTY_HEAD
    if shown is None or head != shown:
        guard.check(head, Tree(read_from(connection)).root)
    return head


def sign_head(
    base: TreeHead, head: TreeHead, root_at: RootAt, *, key: SigningKey, origin: str, guard: HeadGuard
) -> str:
    """Sign a head that was built on `base`, once the guard agrees that `base` goes on from what was shown."""
    guard.check(base, root_at)
    text = sign_checkpoint(origin, head.size, head.root, key)
    guard.built(base, head)
    return text

"""What the log showed last, kept in a file beside its key, so that an older database cannot fork the log.

It lives outside the database on purpose: a restored backup must not bring back an older guard. It knows heads
and compares them; it signs nothing and reads no database (the caller gives `root_at`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from schemas.errors import LogBehind, LogForked, LogUnguarded
from schemas.log import EMPTY_ROOT

SYNC_EVERY_S = 1.0
"""How often the file is forced to disk. A crash of the process loses nothing; when the power fails, the
database, which is forced at every commit, is ahead of the guard, never behind it."""
KNOWN_HEADS = 64
"""Heads remembered as built on one another, so that a check need not read the tree."""

_LINE = re.compile(rb"([0-9]{20}) ([0-9]{20}) ([0-9a-f]{64}) ([0-9a-f]{16})\n")
_LINE_SIZE = 20 + 1 + 20 + 1 + 64 + 1 + 16 + 1

RootAt = Callable[[int], bytes]
"""Gives the root that the stored tree had at a size."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How large the log is, and the hash that stands for all of it."""

    size: int
    root: bytes


EMPTY_HEAD = TreeHead(0, EMPTY_ROOT)


class HeadGuard:
    """A file with the last head that was shown: two lines, written in turn, each with its own check sum.

    Overwriting the older line in place costs 2 µs, where replacing the file costs 150, and it is written at
    every commit; a torn write leaves the other line. Processes on one machine share the file under a lock.
    Machines that share a database each have their own: it need not be the newest, only contained in the log.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the file's path, beside the log's key; it is made when the log is founded."""
        self._path = path
        self._clock = clock
        self._synced = clock()
        self._lock = Lock()
        self._descriptor: int | None = None
        self._line: dict[int, bytes] = {}

    @property
    def shown(self) -> TreeHead | None:
        """The last head that was shown, or none when there is no file yet."""
        with self._locked() as descriptor:
            return _read(descriptor)[1] if descriptor is not None else None

    def check(self, stored: TreeHead, root_at: RootAt) -> None:
        """Raise unless the stored tree is the one that was shown last, or goes on from it."""
        shown = self.shown
        if shown is None:
            self._may_be_founded(stored)
            return
        if stored.size < shown.size:
            raise _behind(stored, shown)
        line = self._line
        if line.get(shown.size) == shown.root and line.get(stored.size) == stored.root:
            return
        if (stored.root if stored.size == shown.size else root_at(shown.size)) != shown.root:
            raise _forked(stored, shown)
        self._line = {shown.size: shown.root, stored.size: stored.root}

    def built(self, base: TreeHead, head: TreeHead) -> None:
        """Remember that `head` was built on `base`; what was built on `base` before was rolled back."""
        if self._line.get(base.size) == base.root:
            kept = [(size, root) for size, root in self._line.items() if size <= base.size]
            self._line = {**dict(kept[-KNOWN_HEADS:]), head.size: head.root}

    def advance(self, head: TreeHead) -> None:
        """Remember a committed and checked head before it is shown; an older one changes nothing."""
        with self._locked() as descriptor:
            if descriptor is None:
                raise _unguarded(self._path)
            turn, shown = _read(descriptor)
            if head.size == shown.size and head.root != shown.root:
                raise _forked(head, shown)
            if head.size > shown.size:
                self._write(descriptor, turn + 1, head)

    def adopt(self, head: TreeHead) -> None:
        """Write the file anew, for an operator who compared the head with what members last saw."""
        self._draft(head).replace(self._path)
        self._line = {}

    def close(self) -> None:
        """Force what was written to disk, and let go of the file."""
        with self._lock:
            if self._descriptor is not None:
                os.fsync(self._descriptor)
            self._close()

    def _may_be_founded(self, stored: TreeHead) -> None:
        if stored.size:
            raise _unguarded(self._path)
        draft = self._draft(EMPTY_HEAD)
        with suppress(FileExistsError):  # another process was first, and may have gone on already
            os.link(draft, self._path)
        draft.unlink()

    def _draft(self, head: TreeHead) -> Path:
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, _line(0, head) + _line(1, head))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return draft

    @contextmanager
    def _locked(self) -> Iterator[int | None]:
        with self._lock:
            descriptor = self._open()
            if descriptor is None:
                yield None
                return
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            try:
                yield descriptor
            finally:
                fcntl.flock(descriptor, fcntl.LOCK_UN)

    def _open(self) -> int | None:
        if self._descriptor is not None and os.fstat(self._descriptor).st_nlink == 0:
            self._close()  # the file was replaced or removed
        if self._descriptor is None:
            with suppress(FileNotFoundError):
                self._descriptor = os.open(self._path, os.O_RDWR)
        return self._descriptor

    def _write(self, descriptor: int, turn: int, head: TreeHead) -> None:
        os.pwrite(descriptor, _line(turn, head), turn % 2 * _LINE_SIZE)
        if self._clock() - self._synced >= SYNC_EVERY_S:
            os.fsync(descriptor)
            self._synced = self._clock()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _line(turn: int, head: TreeHead) -> bytes:
    said = f"{turn:020d} {head.size:020d} {head.root.hex()}"
    return f"{said} {hashlib.sha256(said.encode()).hexdigest()[:16]}\n".encode()


def _read(descriptor: int) -> tuple[int, TreeHead]:
    """Give the newer of the lines that are whole."""
    heads = []
    for at in (0, _LINE_SIZE):
        line = os.pread(descriptor, _LINE_SIZE, at)
        match = _LINE.fullmatch(line)
        if match:
            head = TreeHead(int(match[2]), bytes.fromhex(match[3].decode()))
            heads += [(int(match[1]), head)] if _line(int(match[1]), head) == line else []
    if not heads:
        raise LogUnguarded(
            "Both lines of the guard's file are damaged.",
            remedy="Compare the log's head with what members last saw, then `accord coordinator log adopt`.",
        )
    return max(heads, key=lambda found: found[0])


def _behind(stored: TreeHead, shown: TreeHead) -> LogBehind:
    return LogBehind(
        f"The database's log has {stored.size} entries, but a head of {shown.size} was shown already:"
        " this is an older copy of the database.",
        remedy="Bring back the newest copy. If there is none, found a log of another origin and tell all"
        " members; do not remove the guard's file, or two histories would be signed.",
        expected=shown.size,
        found=stored.size,
    )


def _forked(stored: TreeHead, shown: TreeHead) -> LogForked:
    return LogForked(
        f"The database's log of {stored.size} entries is not the one whose head of {shown.size} was shown.",
        remedy="Run `accord coordinator log check`. If nothing is damaged, the database went another way"
        " after a restore: bring back the newest copy, or found a log of another origin and tell all"
        " members.",
        expected=shown.root.hex(),
        size=shown.size,
        found_size=stored.size,
    )


def _unguarded(path: Path) -> LogUnguarded:
    return LogUnguarded(
        f"The log has entries, but {path.name} is missing beside its key.",
        remedy="Copy the file from where the coordinator ran before. If it is lost, compare the log's head"
        " with what members last saw, then `accord coordinator log adopt`.",
    )

"""Writes a ZIP file piece by piece into an answer: nothing of it is ever on this machine's disk as a whole.

Only an evidence file is, while it is made, in a folder of its own that is gone before its bytes are sent.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_CHUNK: Final = 1 << 16
_EARLIEST_YEAR: Final = 1980
"""ZIP files know no earlier one (APPNOTE 4.4.6)."""
_READABLE: Final = 0o600 << 16


class _Waiting(io.RawIOBase):
    """Takes what the ZIP writer writes, until it is sent on; it cannot go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # whatever is a buffer
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """Give what has come since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


class Archive:
    """A ZIP file that is being sent; each method gives the bytes that are ready by then."""

    def __init__(self, made_at: datetime) -> None:
        """Take the instant that its files bear, in the time zone that readers expect."""
        self._when = made_at
        self._waiting = _Waiting()
        self._zip = ZipFile(self._waiting, "w", ZIP_DEFLATED)
        self.digests: dict[str, str] = {}
        """SHA-256 of each file that is in it, by its name."""

    def add(self, name: str, data: bytes) -> Iterator[bytes]:
        """Add a file."""
        return self.copy(name, io.BytesIO(data))

    def copy(self, name: str, source: BinaryIO) -> Iterator[bytes]:
        """Add what can be read from `source`."""
        digest = hashlib.sha256()
        with self._member(name) as member:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                member.write(chunk)
                yield self._waiting.take()
        self.digests[name] = digest.hexdigest()
        yield self._waiting.take()

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        when = self._when
        entry = ZipInfo(name, (max(when.year, _EARLIEST_YEAR), *when.timetuple()[1:6]))
        entry.compress_type = ZIP_DEFLATED
        entry.external_attr = _READABLE
        with self._zip.open(entry, "w", force_zip64=True) as member:
            yield member

    def close(self) -> bytes:
        """Write the list of contents; without it, what was sent cannot be mistaken for a whole file."""
        self._zip.close()
        return self._waiting.take()

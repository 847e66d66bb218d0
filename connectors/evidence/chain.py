"""Writes the lines of an evidence file, each linked to the one before, and the maker's seal at the end.

Takes the lines' members in order; what they prove is the caller's business.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from connectors.evidence.line import FORMAT, NO_LINE, SEAL_TYP, link, write
from schemas.keys import SigningKey
from schemas.signed import sign_typed


class ChainWriter:
    """A new file that appears under its name only when it was sealed; readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Write beside `path` until the seal."""
        self._path = path
        self._aside = path.with_name(f".{path.name}.new")
        self._aside.unlink(missing_ok=True)
        descriptor = os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._entry, self._previous = 0, NO_LINE

    def add(self, kind: str, members: Mapping[str, Any]) -> None:
        """Write one line."""
        line = write(kind, self._entry, self._previous, members)
        self._file.write(line + b"\n")
        self._entry, self._previous = self._entry + 1, link(line)

    def seal(self, *, case: str, by: str, made_at: str, key: SigningKey) -> None:
        """Sign the number of lines and the last link, which stands for all of them; put the file in place."""
        payload = {
            "format": FORMAT,
            "case": case,
            "by": by,
            "made_at": made_at,
            "entries": self._entry,
            "last": self._previous,
        }
        self.add("end", {"seal": sign_typed(payload, key, typ=SEAL_TYP).decode()})
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._aside.replace(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Leave nothing behind when the file was not sealed."""
        self._file.close()
        self._aside.unlink(missing_ok=True)

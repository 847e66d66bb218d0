"""Check 1: reads the lines one after the other and names what was changed, removed, moved or added.

Holds one line in memory at a time. Gives the lines that can be read; the seal over them is check 16.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from connectors.errors import EvidenceUnreadable
from connectors.evidence.line import LINE_LIMIT, NO_LINE, Line, read
from connectors.evidence.verify.findings import FORM, Findings

_LINES_LIMIT = 1_000_000
"""More than a case of any length; a file without end must end somewhere."""


def lines(path: Path, findings: Findings) -> Iterator[Line]:
    """Give every readable line in the file's order, with findings about the ones between."""
    try:
        with path.open("rb") as file:
            yield from _Chain(findings).walk(file)
    except OSError as error:
        raise EvidenceUnreadable(f"{path} cannot be read: {error.strerror}.") from error


class _Chain:
    """Where the file should be, so that what is not there can be named."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._expected = 0
        self._seen: set[int] = set()
        self._last: Line | None = None
        self._ended = False

    def walk(self, file: BinaryIO) -> Iterator[Line]:
        for place in range(_LINES_LIMIT):
            raw = file.readline(LINE_LIMIT + 2)
            if not raw:
                break
            line = self._line(raw, place)
            if line is not None:
                yield line
        self._check_end()

    def _line(self, raw: bytes, place: int) -> Line | None:
        """Read one line; a damaged one takes the number that was expected, so that the next fit again."""
        self._findings.entry, self._findings.message = self._expected, None
        try:
            line = read(raw.removesuffix(b"\n"))
        except EvidenceUnreadable as refusal:
            self._add(self._expected, "line_unreadable", refusal.detail)
            self._expected, self._last = self._expected + 1, None
            return None
        if not raw.endswith(b"\n"):
            self._add(line.entry, "cut_off", "The file ends in the middle of a line.")
        self._place(line, first=place == 0)
        self._findings.entry = line.entry
        return line

    def _place(self, line: Line, *, first: bool) -> None:
        if (line.kind == "head") != first:
            self._add(line.entry, "head_misplaced", "The head is the first line, and only that.")
        if self._ended:
            self._add(line.entry, "after_the_end", "A line was added after the seal.")
        self._check_number(line)
        self._check_link(line)
        self._ended |= line.kind == "end"
        self._seen.add(line.entry)
        self._last = line

    def _check_number(self, line: Line) -> None:
        if line.entry in self._seen:
            self._add(line.entry, "entry_twice", f"Entry {line.entry} is there twice.")
            return
        for missing in range(self._expected, min(line.entry, self._expected + 100)):
            self._add(missing, "entry_missing", f"Entry {missing} was removed or moved.")
        if line.entry < self._expected:
            self._add(line.entry, "entry_moved", f"Entry {line.entry} is not at its place.")
        self._expected = max(self._expected, line.entry + 1)

    def _check_link(self, line: Line) -> None:
        """Compare with the line before, when that one is the line before in the numbering too."""
        if line.entry == 0 and line.previous != NO_LINE:
            self._add(0, "link_broken", "The first line names a line before it.")
        before = self._last
        if before is not None and before.entry + 1 == line.entry and before.sha256 != line.previous:
            self._add(
                before.entry,
                "line_changed",
                f"Entry {before.entry} is not as it was when the file was made, "
                f"or the link to it in entry {line.entry} was changed.",
            )

    def _check_end(self) -> None:
        if not self._ended:
            self._add(
                self._expected, "end_missing", "The file was cut off: its end with the seal is missing."
            )

    def _add(self, entry: int, code: str, meaning: str) -> None:
        self._findings.add(FORM, code, meaning, entry=entry)

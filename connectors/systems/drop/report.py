"""Files away what was taken in: the original under its name and time, the rejected rows, and why each was.

Everything stays on the agency's disk beside the data. The reports name lines, columns and reasons, no value;
`*.rejected.csv` holds the rejected rows byte for byte under the file's own first line, so that they can be
corrected and dropped again – open it with care: nothing in it was made safe for a spreadsheet.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.systems.csv_out import csv_bytes
from connectors.systems.drop.decode import CsvFile, CsvRow

DONE = "done"
REFUSED = "refused"
"""The folders, beside the files that arrive, for those that were taken in and those that could not be."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one file. Counts, lines, columns and codes."""

    file: str
    kind: str
    at: datetime
    refused: str | None = None
    encoding: str = ""
    delimiter: str = ""
    rows: int = 0
    taken: int = 0
    repeated: int = 0
    blank_lines: int = 0
    removed: int = 0
    removal_held_back: bool = False
    columns_not_used: tuple[str, ...] = ()
    rejected: tuple[CsvRow, ...] = field(default=())

    def document(self) -> dict[str, object]:
        """Give the report as JSON, without a value of any person."""
        return {
            "file": self.file,
            "kind": self.kind,
            "at": self.at.isoformat(timespec="seconds"),
            "refused": self.refused,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "rows": self.rows,
            "taken": self.taken,
            "repeated": self.repeated,
            "blank_lines": self.blank_lines,
            "removed": self.removed,
            "removal_held_back": self.removal_held_back,
            "columns_not_used": list(self.columns_not_used),
            "rejected": [_rejection(row, at) for row, at in _places(self.rejected)],
        }


def file_away(path: Path, report: Report, decoded: CsvFile | None) -> Path:
    """Write what goes with the file, then move it; give the report's path. The move comes last: a file that
    is still there after a crash is taken in again, which changes nothing.
    """
    folder = path.parent / (REFUSED if report.refused else DONE)
    folder.mkdir(exist_ok=True)
    stem = _free_stem(folder, path, report.at)
    if decoded is not None and report.rejected:
        raw = b"".join(_ended(row.raw) for row in report.rejected)
        _write(folder / f"{stem}.rejected.csv", _ended(decoded.head) + raw)
        _write(folder / f"{stem}.rejected.lines.csv", _lines(report))
    target = folder / f"{stem}.report.json"
    _write(target, json.dumps(report.document(), indent=2, ensure_ascii=False).encode() + b"\n")
    path.replace(folder / f"{stem}{path.suffix}")
    return target


def _free_stem(folder: Path, path: Path, at: datetime) -> str:
    stem = f"{path.stem}-{at:%Y%m%dT%H%M%SZ}"
    for number in range(2, 1000):
        if not (folder / f"{stem}.report.json").exists() and not (folder / f"{stem}{path.suffix}").exists():
            break
        stem = f"{path.stem}-{at:%Y%m%dT%H%M%SZ}-{number}"
    return stem


def _places(rejected: Sequence[CsvRow]) -> list[tuple[CsvRow, int]]:
    """Give each rejected row with its line in the file of rejected rows."""
    places, at = [], 2
    for row in rejected:
        places.append((row, at))
        at += max(1, row.raw.count(b"\n") or row.raw.count(b"\r"))
    return places


def _rejection(row: CsvRow, at: int) -> dict[str, object]:
    faults = [{"field": one.field, "code": one.code, "expected": one.expected} for one in row.faults]
    return {"line": row.line, "line_in_rejected": at, "faults": faults}


def _lines(report: Report) -> bytes:
    rows = [
        (row.line, at, one.field, one.code, one.expected)
        for row, at in _places(report.rejected)
        for one in row.faults
    ]
    return csv_bytes(("line", "line in rejected file", "column", "code", "expected"), rows)


def _ended(raw: bytes) -> bytes:
    """End the file's last line, which may lack its end, so that another can follow."""
    return raw if raw.endswith((b"\n", b"\r")) else raw + b"\r\n"


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    path.chmod(0o600)

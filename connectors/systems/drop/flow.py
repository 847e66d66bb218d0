"""Takes in what has arrived in a drop folder. One line, one step, one file.

arrive → decode → examine → keep on the shelf → file away. Nothing is lost on the way: the original is kept,
rejected rows are copied out, and a file that was taken in twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from connectors.systems.drop.arrive import Waiting, settled, waiting
from connectors.systems.drop.decode import FILE_LIMIT, CsvFile, UnusableFile, decode
from connectors.systems.drop.examine import Examined, Expectation, examine
from connectors.systems.drop.report import Report, file_away
from connectors.systems.drop.shelf import Shelf
from connectors.systems.source import Arrival


def take_in(
    folder: Path, expectations: Mapping[str, Expectation], shelf: Shelf, *, stable_s: int, now: datetime
) -> list[Arrival]:
    """Take in every file that has arrived whole; give one Arrival for each."""
    found = waiting(folder, [one.kind for one in expectations.values()])
    ready, looks = settled(found, shelf.looks(), now, stable_s)
    shelf.remember(looks)
    return [
        arrival for file in ready if (arrival := _take_one(file, expectations[file.kind.name], shelf, now))
    ]


def _take_one(file: Waiting, expected: Expectation, shelf: Shelf, now: datetime) -> Arrival | None:
    try:
        return _take(file, expected, shelf, now)
    except FileNotFoundError:
        return None
    except OSError:
        # It stays where it is and is taken in again the next time; the files after it do not wait for it.
        return Arrival(file.path.name, 0, 0, "cannot_be_read_or_moved", "")


def _take(file: Waiting, expected: Expectation, shelf: Shelf, now: datetime) -> Arrival:
    data = _read(file.path)
    try:
        if len(data) > FILE_LIMIT:
            raise UnusableFile("too_large", f"at most {FILE_LIMIT} bytes; drop it in parts")
        decoded = decode(data, file.kind, expected.columns)
    except UnusableFile as error:
        return _refuse(file, error, now)
    examined = examine(decoded.rows, expected)
    # A rejected row may be of anyone, and an export that failed may be empty: nobody is removed then.
    whole = file.kind.whole and bool(examined.kept) and not examined.rejected
    removed = shelf.keep(expected, examined.kept, replace_all=whole)
    report = _report(file, decoded, examined, removed=removed, now=now)
    path = file_away(file.path, report, decoded)
    return Arrival(file.path.name, report.taken, len(report.rejected), None, str(path))


def _read(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(FILE_LIMIT + 1)


def _refuse(file: Waiting, error: UnusableFile, now: datetime) -> Arrival:
    report = Report(file=file.path.name, kind=file.kind.name, at=now, refused=str(error))
    return Arrival(file.path.name, 0, 0, error.code, str(file_away(file.path, report, None)))


def _report(file: Waiting, decoded: CsvFile, examined: Examined, *, removed: int, now: datetime) -> Report:
    return Report(
        file=file.path.name,
        kind=file.kind.name,
        at=now,
        encoding=decoded.encoding,
        delimiter=decoded.delimiter,
        rows=len(decoded.rows),
        taken=len(examined.kept),
        repeated=examined.repeated,
        blank_lines=decoded.blank_lines,
        removed=removed,
        removal_held_back=file.kind.whole and (bool(examined.rejected) or not examined.kept),
        columns_not_used=tuple(name for name in decoded.columns if name and name not in examined.columns),
        rejected=examined.rejected,
    )

"""From the bytes of a CSV file to its rows, each with its line number and its exact bytes.

A line that cannot be read is a fault of that line alone: one stray quotation mark must not swallow the rest
of the file. Whether values are what the mapping expects is for `examine.py`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.systems.mapping import DropFile

FILE_LIMIT = 64 * 1024 * 1024
"""Bytes of one file; it is read whole."""
ROW_LINES = 20
"""Lines that one row may run over: a quoted address has three or four."""
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_BOM = b"\xef\xbb\xbf"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DELIMITERS = (";", ",", "\t", "|")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of one line: a code and what was expected, never the value."""

    field: str
    code: str
    expected: str


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its first line, its bytes as they arrived, its values by column, and what is wrong with it."""

    line: int
    raw: bytes
    values: dict[str, str]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A decoded file."""

    encoding: str
    delimiter: str
    head: bytes
    columns: tuple[str, ...]
    rows: tuple[CsvRow, ...]
    blank_lines: int


class UnusableFile(Exception):
    """The file as a whole cannot be taken in."""

    def __init__(self, code: str, expected: str) -> None:
        """Keep a code, and what was expected."""
        super().__init__(f"{code}: expected {expected}")
        self.code = code
        self.expected = expected


def decode(data: bytes, kind: DropFile, needed: Sequence[str]) -> CsvFile:
    """Read the file; `needed` are the columns that its head must have. Raises UnusableFile."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnusableFile("utf_16", 'a file saved as "CSV UTF-8"')
    lines = _LINE.findall(data.removeprefix(_BOM))
    encoding = _encoding(data, kind)
    start = _skip_separator_line(lines)
    if start >= len(lines):
        raise UnusableFile("no_rows", "a first line with the names of the columns")
    delimiter, columns = _head(lines[start], encoding, kind, needed)
    rows, blank = _rows(lines, start + 1, encoding, delimiter, columns)
    bom = _BOM if data.startswith(_BOM) else b""
    return CsvFile(encoding, delimiter, bom + b"".join(lines[: start + 1]), columns, tuple(rows), blank)


def _encoding(data: bytes, kind: DropFile) -> str:
    """Choose the encoding: a byte order mark says it, then valid UTF-8, then what Windows writes."""
    if data.startswith(_BOM):
        return "utf-8"
    if kind.encoding != "auto":
        return kind.encoding
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _skip_separator_line(lines: Sequence[bytes]) -> int:
    """Skip blank lines, and the line `sep=;` that spreadsheets put before the head."""
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start].lower().startswith(b"sep=")):
        start += 1
    return start


def _head(line: bytes, encoding: str, kind: DropFile, needed: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Find the delimiter under which all needed columns are there. Their names only are told: a file without
    a head has a person's data in its first line.
    """
    text = _decoded(line, encoding)
    if text is None:
        raise UnusableFile("encoding", f"a first line in {encoding}")
    missing: list[str] = list(needed)
    for delimiter in (kind.delimiter,) if kind.delimiter else _DELIMITERS:
        columns = tuple(_name(one) for one in _parse(text, delimiter) or ())
        lacking = [name for name in needed if name not in columns]
        if not lacking:
            _refuse_twice(columns, needed)
            return delimiter, columns
        missing = min(missing, lacking, key=len)
    raise UnusableFile("columns_missing", f"the columns {', '.join(missing)}")


def _refuse_twice(columns: Sequence[str], needed: Sequence[str]) -> None:
    twice = [name for name in needed if columns.count(name) > 1]
    if twice:
        raise UnusableFile("column_twice", f"each of the columns {', '.join(twice)} once")


def _name(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _rows(
    lines: Sequence[bytes], start: int, encoding: str, delimiter: str, columns: tuple[str, ...]
) -> tuple[list[CsvRow], int]:
    rows, blank, at = [], 0, start
    while at < len(lines):
        row, used = _row(lines, at, encoding, delimiter, columns)
        if row is None:
            blank += 1
        else:
            rows.append(row)
        at += used
    return rows, blank


def _row(
    lines: Sequence[bytes], at: int, encoding: str, delimiter: str, columns: tuple[str, ...]
) -> tuple[CsvRow | None, int]:
    """Give the row that begins at line `at` and how many lines it takes; None for a blank one."""
    text = _decoded(lines[at], encoding)
    if text is None:
        return _faulty(lines[at], at, "encoding", f"text in {encoding}"), 1
    if not text.replace(delimiter, "").strip():
        return None, 1
    values, used = _parse(text, delimiter), 1
    while values is None and used < ROW_LINES and at + used < len(lines):
        following = _decoded(lines[at + used], encoding)
        if following is None:
            break
        text, used = text + following, used + 1
        values = _parse(text, delimiter)
    # Whatever is wrong with a row over several lines is held against its first line alone: the quotation mark
    # that opened it may be a stray one, and the lines after it good rows.
    if values is None:
        return _faulty(lines[at], at, "quotation_mark", "quotation marks in pairs, doubled inside a value"), 1
    fitted = _fitted(values, len(columns))
    if fitted is None:
        return _faulty(lines[at], at, "columns_count", f"{len(columns)} columns"), 1
    if _UNPRINTABLE.search(text):
        return _faulty(
            b"".join(lines[at : at + used]), at, "control_character", "no control characters"
        ), used
    return CsvRow(at + 1, b"".join(lines[at : at + used]), dict(zip(columns, fitted, strict=True))), used


def _fitted(values: list[str], count: int) -> list[str] | None:
    """Give as many values as there are columns. Spreadsheets write rows that end in empty cells too short or
    too long; where a value would be lost, or may stand in the wrong column, the row does not fit.
    """
    if len(values) > count and not any(values[count:]):
        return values[:count]
    if len(values) < count and not values[-1]:
        return values + [""] * (count - len(values))
    return values if len(values) == count else None


def _faulty(raw: bytes, at: int, code: str, expected: str) -> CsvRow:
    return CsvRow(at + 1, raw, {}, (Fault("", code, expected),))


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _parse(text: str, delimiter: str) -> list[str] | None:
    """Give the values of one row, or None when a quotation mark is open or out of place."""
    try:
        rows = list(csv.reader(_physical_lines(text), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _physical_lines(text: str) -> Iterator[str]:
    """Give lines as csv wants them; str.splitlines would cut at signs that are no line ends in CSV."""
    return iter(re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z", text))

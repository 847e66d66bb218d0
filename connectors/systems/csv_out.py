"""Writes CSV that a spreadsheet opens as text: a value that it would run as a formula gets an apostrophe.

Every CSV file that we make goes through here. (Rejected rows are the one exception: they are copied byte for
byte, because they are to be corrected and dropped again; see `drop/report.py`.)
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a cell a formula, or ends it (OWASP, "CSV Injection"; ASVS 5.0 V1.2.10)."""
_LIKE_MINUS = "\u2212\ufe63\u2010\u2011\u2012\u2013\u2014"


def as_text(value: str | int) -> str:
    """Give the value as no spreadsheet takes it for a formula. Whole numbers of ours stay numbers."""
    if isinstance(value, int):
        return str(value)
    # Some programs strip blanks and read full-width signs as their plain ones before they look.
    start = unicodedata.normalize("NFKC", value).lstrip(" \u00a0\u200b\ufeff\x00")[:1]
    risky = value.startswith(_FORMULA) or start.startswith(_FORMULA) or start in tuple(_LIKE_MINUS)
    return f"'{value}" if risky else value


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """Give a CSV file in UTF-8 with byte order mark, semicolons, every text in quotation marks."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([as_text(name) for name in head])
    writer.writerows([[as_text(value) for value in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")

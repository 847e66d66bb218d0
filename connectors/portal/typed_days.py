"""A day as people type it: 23/11/2026, 23.11.26, 23 November 2026, 23 nov. 2026, 2026-11-23; the day first.

Takes text and gives the day, or raises ValueError for what is no day. Whether it makes sense is not checked.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

_ISO: Final = re.compile(r"(\d{4})[-./ ]+(\d{1,2})[-./ ]+(\d{1,2})", re.ASCII)
_USUAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er)?[-./ ]+([^\W\d_]+|\d{1,2})[-./ ]+(\d{4}|\d{2})")
_CENTURY: Final = 2000
_SHORT: Final = 2
"""Digits of a year without its century."""
_LONGEST: Final = 40
_LEAST: Final = 3
"""Letters by which a month is known; where two begin alike (juin, juillet), as many as tell them apart."""
_MONTHS: Final = (
    "january february march april may june july august september october november december",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
)
"""As they are after `_plain`: small letters without accents."""


def read_day(typed: str) -> date:
    """Read a day; raise ValueError."""
    text = _plain(typed)
    if len(text) > _LONGEST:
        raise ValueError("No day is that long.")
    if found := _ISO.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    found = _USUAL.fullmatch(text)
    if found is None:
        raise ValueError("This is no day.")
    year = int(found[3]) + (_CENTURY if len(found[3]) == _SHORT else 0)
    return date(year, _month(found[2]), int(found[1]))


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    found = {
        number
        for names in _MONTHS
        for number, name in enumerate(names.split(), start=1)
        if len(text) >= _LEAST and name.startswith(text)
    }
    if len(found) != 1:
        raise ValueError("This is no month.")
    return found.pop()


def _plain(text: str) -> str:
    """Leave out what people may type or not: capitals, accents, commas, spaces around."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace(",", " "))
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())

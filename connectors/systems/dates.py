"""Reads dates as agencies write them, by formats such as DD/MM/YYYY, and writes them as ISO 8601 dates.

A format says exactly what is accepted; nothing is guessed, and two formats that would read the same text
as different days are refused together.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property

from connectors.systems.faults import NotConvertible

NATIVE = "native"
"""The database's own date type."""
EPOCH = {"epoch": 1, "epoch_ms": 1000}
"""Units per second since 1970-01-01T00:00Z; which day that is depends on the time zone."""
_FRENCH = {"JJ": "DD", "J": "D", "AAAA": "YYYY"}
_TOKEN = re.compile(r"YYYY|AAAA|DD|JJ|MM|D|J|M|[A-Za-z%]|[^A-Za-z%]")
_PATTERN = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
}
_WIDTHS = {"YYYY": ("9999",), "MM": ("99",), "DD": ("99",), "M": ("9", "99"), "D": ("9", "99")}
_PARTS = {"Y": "year", "M": "month", "D": "day"}
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class DateFormat:
    """One way to write a date: native, epoch, epoch_ms, or a pattern of DD MM YYYY (JJ MM AAAA), D M."""

    text: str

    @classmethod
    def parse(cls, text: str) -> DateFormat:
        """Check that the format names year, month and day exactly once. Raises ValueError."""
        made = cls(text)
        if made.is_pattern and sorted(made.order) != ["D", "M", "Y"]:
            expected = 'DD, MM and YYYY once each (as in "DD/MM/YYYY"), "native", "epoch" or "epoch_ms"'
            raise ValueError(f'"{text}" is not a date format: expected {expected}')
        return made

    @property
    def is_pattern(self) -> bool:
        """Whether this is a pattern, not one of the named formats."""
        return self.text != NATIVE and self.text not in EPOCH

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The parts of the pattern, in English."""
        return tuple(_FRENCH.get(token, token) for token in _TOKEN.findall(self.text))

    @cached_property
    def order(self) -> str:
        """The order of year, month and day, as in "DMY"; letters that mean nothing stay visible in it."""
        return "".join(token[0] for token in self.tokens if token in _PATTERN or token[0].isalpha())

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What text in this format looks like."""
        return re.compile("".join(_PATTERN.get(token) or re.escape(token) for token in self.tokens))

    @cached_property
    def shapes(self) -> frozenset[str]:
        """Every shape the text can have, digits written as 9: what another format must not share."""
        parts = [_WIDTHS.get(token, (token,)) for token in self.tokens]
        return frozenset("".join(choice) for choice in itertools.product(*parts))

    def read(self, text: str) -> date | None:
        """Give the day that the text means in this format, or None."""
        found = self.pattern.fullmatch(text)
        if not found:
            return None
        try:
            return date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            return None

    def write(self, day: date) -> tuple[str, ...]:
        """Give every text that means this day in this format; always the same number of them."""
        parts = [_renderings(token, day) for token in self.tokens]
        return tuple("".join(choice) for choice in itertools.product(*parts))


def _renderings(token: str, day: date) -> tuple[str, ...]:
    if token not in _PATTERN:
        return (token,)
    number = getattr(day, _PARTS[token[0]])
    if len(token) == 1:
        return (f"{number}", f"{number:02d}")
    return (f"{number:0{len(token)}d}",)


def refuse_ambiguous(formats: Sequence[DateFormat]) -> None:
    """Raise ValueError when two formats would read the same text as different days."""
    for one, other in itertools.combinations([one for one in formats if one.text != NATIVE], 2):
        both_read = (
            bool(one.shapes & other.shapes)
            if one.is_pattern and other.is_pattern
            else _count_like(one, other)
        )
        if both_read and one.order != other.order:
            raise ValueError(
                f'"{one.text}" and "{other.text}" read the same text as different days: keep one of them'
            )


def _count_like(one: DateFormat, other: DateFormat) -> bool:
    """Say whether a count from 1970 could be read by the other format too: 19910423 is a number as well."""
    return all(
        format_.text in EPOCH or any(shape.isdigit() for shape in format_.shapes) for format_ in (one, other)
    )


def read_date(value: object, formats: Sequence[DateFormat], zone: tzinfo = UTC) -> date:
    """Give the day that the value means by one of the formats, or raise NotConvertible."""
    if isinstance(value, datetime):
        return (value.astimezone(zone) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for one in formats:
        day = one.read(text) if one.is_pattern else _epoch(text, EPOCH.get(one.text), zone)
        if day is not None:
            return day
    raise NotConvertible("not_a_date", " or ".join(one.text for one in formats))


def _epoch(text: str, unit: int | None, zone: tzinfo) -> date | None:
    """Count from 1970 by whole units; the clock's range is the calendar's."""
    if unit is None or not re.fullmatch(r"-?[0-9]{1,16}(\.0*)?", text):
        return None
    try:
        instant = _EPOCH_DAY + timedelta(milliseconds=int(text.partition(".")[0]) * (1000 // unit))
        return instant.astimezone(zone).date()
    except OverflowError:
        return None


def epoch_range(day: date, unit: int, zone: tzinfo) -> tuple[int, int]:
    """Give the first count of the day and the first one after it, in the zone where the day is meant."""
    return _count(day, unit, zone), _count(day + timedelta(days=1), unit, zone)


def _count(day: date, unit: int, zone: tzinfo) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int((midnight - _EPOCH_DAY).total_seconds()) * unit

"""Turns one value of an agency's system into what a record schema takes: text, dates, codes, money, lists.

A conversion gives the value, or raises NotConvertible that says what was expected and never what was found.
Whether a value is missing is decided before, in `record.py`; whether the record is valid, by its schema.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol

from connectors.systems.dates import DateFormat, read_date
from connectors.systems.faults import NotConvertible
from schemas.wire import INTEGER_LIMIT

TEXT_LIMIT = 10_000
"""Letters of one value; a record is at most 256 KiB altogether."""
LIST_LIMIT = 200
"""Entries of one list that is written in one cell."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, reversed writing direction (as the record schemas refuse them), halves of letters."""
_LINE_END = re.compile(r"\r\n?")
_NAMED = 12
"""Words of a list that an error names."""
_BLANKS = dict.fromkeys(map(ord, " \u00a0\u2007\u2009\u202f\t"))
_DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF"), 0
    ),
    **dict.fromkeys(("XOF", "XPF", "ISK"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Digits after the decimal sign, where ISO 4217 says other than two."""


class Conversion(Protocol):
    """From a value that is there to a JSON value; raises NotConvertible."""

    def convert(self, value: object) -> Any:
        """Give the JSON value."""


@dataclass(frozen=True, slots=True)
class Text:
    """Text as it is, without blanks around it, in Unicode's composed form."""

    def convert(self, value: object) -> str:
        """Refuse what no reader can show: control characters, halves of letters, bytes."""
        if isinstance(value, (bytes, bytearray, memoryview)):
            raise NotConvertible("not_text", "text, not binary data")
        text = _LINE_END.sub("\n", unicodedata.normalize("NFC", str(value))).strip()
        if _UNPRINTABLE.search(text):
            raise NotConvertible("control_character", "text without control characters")
        if len(text) > TEXT_LIMIT:
            raise NotConvertible("too_long", f"at most {TEXT_LIMIT} characters")
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number."""

    def convert(self, value: object) -> int:
        """Accept what a database or a file writes for a whole number: 3, "3", "+3", 3.0."""
        number = _decimal(_written(value).strip())
        if number is None or number != number.to_integral_value() or abs(number) > INTEGER_LIMIT:
            raise NotConvertible("not_a_whole_number", "a whole number")
        return int(number)


@dataclass(frozen=True, slots=True)
class Date:
    """A day, written in one of several formats."""

    formats: tuple[DateFormat, ...]
    zone: tzinfo = UTC

    def convert(self, value: object) -> str:
        """Give the day as YYYY-MM-DD."""
        return read_date(value, self.formats, self.zone).isoformat()


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no, in the words that the system uses."""

    yes: frozenset[str]
    no: frozenset[str]

    def convert(self, value: object) -> bool:
        """Accept the words in any case; a database's own truth values too."""
        if isinstance(value, bool):
            return value
        word = str(value).strip().casefold()
        if word in self.yes or word in self.no:
            return word in self.yes
        raise NotConvertible("not_yes_or_no", f"one of {_listed(self.yes | self.no)}")


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the system, translated by a table; `otherwise` stands for codes that the table lacks."""

    codes: Mapping[str, str]
    otherwise: str | None = None

    def convert(self, value: object) -> str:
        """Translate, or refuse a code that nobody has thought of."""
        found = self.codes.get(str(value).strip(), self.otherwise)
        if found is None:
            raise NotConvertible("unknown_code", f"one of {_listed(self.codes)}")
        return found


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money in one currency, in major units ("612,40") or minor ones (61240)."""

    currency: str
    decimal: Literal[",", "."] = "."
    unit: Literal["major", "minor"] = "major"

    def convert(self, value: object) -> dict[str, Any]:
        """Give {amount, currency} with the amount in minor units: no binary fractions on the way."""
        number = _decimal(self._plain(value))
        if number is None:
            raise NotConvertible("not_an_amount", f'an amount such as "1234{self.decimal}50"')
        minor = number.scaleb(_DECIMALS.get(self.currency, 2)) if self.unit == "major" else number
        if minor != minor.to_integral_value():
            raise NotConvertible("too_many_decimals", f"at most the decimals that {self.currency} has")
        if abs(minor) > INTEGER_LIMIT:
            raise NotConvertible("too_large", "an amount that can be meant")
        return {"amount": int(minor), "currency": self.currency}

    def _plain(self, value: object) -> str:
        """Give the number as Decimal reads it: the sign of the currency and of thousands taken away."""
        if not isinstance(value, str):
            return _written(value)
        text = value.translate(_BLANKS).removesuffix("€").removesuffix(self.currency)
        thousands = "." if self.decimal == "," else ","
        if re.fullmatch(
            rf"[+-]?[0-9]{{1,3}}([{thousands}'’][0-9]{{3}})+({re.escape(self.decimal)}[0-9]+)?", text
        ):
            text = re.sub(rf"[{thousands}'’]", "", text)
        # With a decimal comma, a point that does not separate thousands is a mistake, not a decimal point.
        return "" if thousands in text else text.replace(self.decimal, ".")


@dataclass(frozen=True, slots=True)
class Split:
    """Several values in one cell, separated by one or several signs."""

    separators: tuple[str, ...]
    of: Conversion
    each_as: str | None = None
    """Makes each value an object with this one field: phones are [{number}]."""

    def convert(self, value: object) -> list[Any]:
        """Give the values that are not empty, each converted and each once."""
        parts = re.split("|".join(map(re.escape, self.separators)), str(value))
        filled = [part.strip() for part in parts if part.strip()]
        if len(filled) > LIST_LIMIT:
            raise NotConvertible("too_many_entries", f"at most {LIST_LIMIT} entries")
        converted = [self.of.convert(part) for part in filled]
        once = [one for place, one in enumerate(converted) if one not in converted[:place]]
        return once if self.each_as is None else [{self.each_as: one} for one in once]


def _written(value: object) -> str:
    """Write a number of the database without an exponent."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _decimal(text: str) -> Decimal | None:
    """Read a plain decimal number; no exponents from people, no infinities."""
    if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{0,18})?", text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _listed(words: Mapping[str, str] | frozenset[str]) -> str:
    """Name the first words that are accepted: they come from the mapping file, not from a person."""
    names = sorted(words)
    return ", ".join(f'"{name}"' for name in names[:_NAMED]) + (" …" if len(names) > _NAMED else "")

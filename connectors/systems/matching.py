"""Compares what was asked about a person with what a row says: the last word on whether it is them.

Pure; the database only narrows down which rows come here. An attribute that is empty on either side
never fits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from connectors.systems.dates import read_date
from connectors.systems.faults import NotConvertible, NotEnoughToIdentify
from connectors.systems.folding import digits, first_word, folded
from connectors.systems.mapping import Attribute, People

ATTRIBUTE_LIMIT = 500
"""Letters of one identity attribute."""
_FORMS: Mapping[str, Callable[[str], str]] = {
    "exact": str.strip,
    "folded": folded,
    "folded_first": first_word,
    "digits": digits,
}


def usable(
    identify: Mapping[str, str], attributes: Mapping[str, Attribute], people: People
) -> dict[str, str]:
    """Give the attributes that are held here and not empty, or raise when they do not suffice."""
    given = {
        name: value.strip()
        for name, value in identify.items()
        if name in attributes and value.strip() and len(value) <= ATTRIBUTE_LIMIT
    }
    if not any(set(group) <= set(given) for group in people.enough):
        needed = " or ".join(" + ".join(group) for group in people.enough)
        raise NotEnoughToIdentify(
            f"This system is searched by {needed}.",
            remedy="Ask with these attributes; the consent has to name them (identify_with).",
        )
    return given


def fits(attribute: Attribute, asked: str, held: object) -> bool:
    """Say whether the value that the system holds is the one that was asked for."""
    if held is None:
        return False
    if attribute.compare == "date":
        day = asked_day(asked)
        return day is not None and day == _held_day(attribute, held)
    form = _FORMS[attribute.compare]
    wanted = form(asked)
    return bool(wanted) and wanted == form(str(held))


def shown(attribute: Attribute, held: object) -> str:
    """Give the value as a caseworker compares it: dates in ISO form, the rest as it is."""
    if attribute.compare == "date" and held is not None:
        day = _held_day(attribute, held)
        return day.isoformat() if day else ""
    return "" if held is None else str(held).strip()


def asked_day(asked: str) -> date | None:
    """Read the asked date: ISO, as all records have it."""
    try:
        return date.fromisoformat(asked) if len(asked) == len("2000-01-01") else None
    except ValueError:
        return None


def _held_day(attribute: Attribute, held: object) -> date | None:
    try:
        return read_date(held, attribute.formats, attribute.zone)
    except NotConvertible:
        return None

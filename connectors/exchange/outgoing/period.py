"""Keeps of a record what is about the period that the consent names (`data_period`); nobody else checks this.

What has dates of its own counts by them; what has none is of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

Period = tuple[date, date]


def within(record: Mapping[str, Any], period: Period | None, today: date) -> dict[str, Any]:
    """Leave out what is about another time: parts by their `since` and `until`, both days included.

    Gives nothing where nothing of the record is about the period. `period` None: any time.
    """
    if period is None:
        return dict(record)
    if not _is_about(record, period, today, undated=True):
        return {}
    kept = {}
    for name, value in record.items():
        left = _left_of(value, period, today)
        if left is not None:
            kept[name] = left
    return kept


def _left_of(value: Any, period: Period, today: date) -> Any:
    """Give what of a field is about the period; None for nothing."""
    if isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        return [each for each in value if _is_about(each, period, today)] or None
    return value if _is_about(value, period, today) else None


def _is_about(value: Any, period: Period, today: date, *, undated: bool | None = None) -> bool:
    """Say whether something overlaps the period; without dates: whether today does, or as `undated` says."""
    first, last = period
    since, until = (value.get("since"), value.get("until")) if isinstance(value, Mapping) else (None, None)
    if since is None and until is None:
        return first <= today <= last if undated is None else undated
    began = since is None or date.fromisoformat(since) <= last
    return began and (until is None or date.fromisoformat(until) >= first)

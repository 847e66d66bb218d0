"""When somebody is reminded of a permission that is in force: in parts of its time, at least every 90 days.

Fixed reminders are noise for long permissions and too late for short ones (CDR rule 4.20 and issue 273): so
at 50, 80 and 95 % of the time, and never 90 days without one. Pure decisions; nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

AT_LEAST_EVERY: Final = timedelta(days=90)
MERGED_WITHIN: Final = timedelta(days=7)
"""What would be due within a week is said at once: one e-mail instead of several."""
_PARTS: Final = (0.5, 0.8, 0.95)
_SHORT: Final = timedelta(days=30)
_VERY_SHORT: Final = timedelta(days=3)


def marks(valid_from: datetime, valid_until: datetime) -> Mapping[str, datetime]:
    """Give when to remind of a permission, each by a name that stays: part50, part80, part95, day90, …

    Of one under 30 days once, at 80 %; of one under three days not at all.
    """
    whole = valid_until - valid_from
    if whole < _VERY_SHORT:
        return {}
    if whole < _SHORT:
        return {"part80": valid_from + whole * 0.8}
    found = {f"part{round(part * 100)}": valid_from + whole * part for part in _PARTS}
    for number in range(1, int(whole / AT_LEAST_EVERY) + 1):
        found[f"day{number * AT_LEAST_EVERY.days}"] = valid_from + AT_LEAST_EVERY * number
    return {name: at for name, at in found.items() if at < valid_until}


def is_due(when: Mapping[str, datetime], told: Collection[str], now: datetime) -> bool:
    """Say whether a reminder is due: the last mark that has passed was not told."""
    passed = [name for name, at in when.items() if at <= now]
    return bool(passed) and max(passed, key=lambda name: when[name]) not in told


def covered(when: Mapping[str, datetime], now: datetime) -> list[str]:
    """Give the marks that a reminder now stands for: all that have passed, and those of the coming week."""
    return [name for name, at in when.items() if at <= now + MERGED_WITHIN]

"""Decides when tables may be written anew again: whoever needs them waits meanwhile, so it must stay seldom.

Takes how long the last time took, and the time; the longer it took, the longer the pause. Knows no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

REST: Final = 100
"""How much longer than the work its pause is: tables are locked for one part in a hundred of the time."""
LONGEST: Final = timedelta(days=1)
"""However large the tables are, what was erased leaves the files within a day."""


@dataclass(slots=True)
class Pace:
    """When it was done last, and how long to wait; forgotten when the process ends."""

    _done_at: datetime | None = None
    _rest: timedelta = timedelta()

    def check(self, now: datetime) -> None:
        """Raise BlockingIOError while it is too early."""
        if self._done_at is not None and self._done_at <= now < self._done_at + self._rest:
            raise BlockingIOError("the tables were written anew a short while ago")

    def took(self, seconds: float, now: datetime) -> None:
        """Note that tables were locked, or waited for, that long, whether or not it succeeded."""
        self._done_at, self._rest = now, min(timedelta(seconds=seconds) * REST, LONGEST)

"""Limits on trying: how often one address or account may do what could be guessed at, over all processes.

Counted in the database, in windows, so that several processes count together (OWASP ASVS 5.0 §6.3.1). What is
counted is a keyed hash of the address, not the address.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from schemas.errors import TooMany


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` within `window`, for one thing that can be tried."""

    what: str
    times: int
    window: timedelta


class Counter(Protocol):
    """Where attempts are counted."""

    def count(self, bucket: str, window: int, expires_at: datetime) -> int:
        """Count one more in this window and give how many there are."""


class TriedTooOften(TooMany):
    """This was tried too often; it can be tried again later."""

    code = "tried_too_often"


@dataclass(frozen=True, slots=True)
class Throttle:
    """Counts attempts; `key` keeps what is counted from being read back."""

    counter: Counter
    key: bytes

    def check(self, limit: Limit, who: str, now: datetime) -> None:
        """Count an attempt; raise TriedTooOften when there were too many in this window."""
        width = int(limit.window.total_seconds())
        window = int(now.timestamp()) // width
        bucket = hmac.digest(self.key, f"{limit.what}\x00{who}".encode(), hashlib.sha256).hex()
        if self.counter.count(bucket, window, now + limit.window) > limit.times:
            left = (window + 1) * width - int(now.timestamp())
            raise TriedTooOften(remedy=f"Wait {left} seconds.", retry_after_s=left)

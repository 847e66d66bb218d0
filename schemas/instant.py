"""Points in time as the protocol writes them: RFC 3339, UTC, milliseconds, always 24 characters.

One spelling only, so that equal instants have equal bytes and text order is time order.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from schemas.errors import Malformed

_SPELLING = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", re.ASCII)


def now() -> datetime:
    """Read the clock, in UTC, cut to milliseconds."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def parse(text: str) -> datetime:
    """Read `2026-11-23T04:30:35.123Z`; raise Malformed for any other spelling."""
    if not _SPELLING.fullmatch(text):
        raise Malformed("An instant is written like 2026-11-23T04:30:35.123Z (RFC 3339, UTC, milliseconds).")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("There is no such day or hour.") from error


def format(instant: datetime) -> str:
    """Write an aware datetime in the protocol's spelling, cut to milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def to_ms(instant: datetime) -> int:
    """Count the milliseconds since 1970, as both databases store an instant."""
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """Give back the instant that `to_ms` counted."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)

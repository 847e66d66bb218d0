"""By whose clock something expires: the coordinator's, as long as it was heard lately.

A clock of ours that jumps ahead must not erase records or end consents before their time; a coordinator
that is away must not keep records alive for ever.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connectors.exchange.store import inbox
from schemas.instant import from_ms

HEARD_LATELY: Final = timedelta(hours=24)


def agreed_time(connection: Connection, now: datetime) -> datetime:
    """Give the earlier of the two clocks while the coordinator was heard within a day, else ours."""
    cursor = inbox.position(connection)
    if cursor.head_at is None or cursor.head_seen_at is None:
        return now
    if abs(now - from_ms(cursor.head_seen_at)) > HEARD_LATELY:
        return now
    return min(now, from_ms(cursor.head_at))

"""How often something was tried in a window of time, counted over all processes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import postgresql, sqlite

from connectors.portal.store.tables import attempts
from schemas.instant import to_ms


def count(connection: Connection, bucket: str, window: int, expires_at: datetime) -> int:
    """Count one more, in one statement, and give how many there are in this window."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    first = insert(attempts).values(bucket=bucket, window=window, count=1, expires_at=to_ms(expires_at))
    more = first.on_conflict_do_update(
        index_elements=["bucket", "window"], set_={"count": attempts.c["count"] + 1}
    )
    return int(connection.execute(more.returning(attempts.c["count"])).scalar_one())


def forget_expired(connection: Connection, now: datetime) -> int:
    """Forget what counts no more; gives how many."""
    return connection.execute(delete(attempts).where(attempts.c.expires_at <= to_ms(now))).rowcount

"""Sessions by the hash of what the browser holds; who is in one stands in its data and in its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from connectors.exchange.store.rows import write
from connectors.portal.store.tables import sessions
from schemas.instant import to_ms

_IN_COLUMNS = ("account", "acting_for", "acr", "auth_time")
"""What is looked for without reading the data; `auth_time` in milliseconds."""


def find(connection: Connection, name: str, now: datetime) -> Row[Any] | None:
    """Give a session that has not expired."""
    this = (sessions.c.id_hash == name, sessions.c.expires_at > to_ms(now))
    return connection.execute(select(sessions).where(*this)).one_or_none()


def save(
    connection: Connection,
    name: str,
    data: Mapping[str, Any],
    expires_at: datetime,
    now: datetime,
    *,
    begun_at: datetime | None = None,
) -> None:
    """Write a session; `account`, `acting_for`, `acr` and `auth_time` (ms) of its data get columns too.

    `begun_at` is when it began under any name; None for when this name was first kept.
    """
    known = select(sessions.c.created_at).where(sessions.c.id_hash == name)
    begun = connection.scalars(known).one_or_none() if begun_at is None else to_ms(begun_at)
    values = {
        "id_hash": name,
        **{column: data.get(column) for column in _IN_COLUMNS},
        "data": dict(data),
        "created_at": to_ms(now) if begun is None else begun,
        "used_at": to_ms(now),
        "expires_at": to_ms(expires_at),
    }
    write(connection, sessions, values)


def extend(connection: Connection, name: str, expires_at: datetime, now: datetime) -> None:
    """Let a session expire later; one that was ended meanwhile stays ended."""
    this = update(sessions).where(sessions.c.id_hash == name)
    connection.execute(this.values(expires_at=to_ms(expires_at), used_at=to_ms(now)))


def end(connection: Connection, name: str) -> None:
    """Forget a session."""
    connection.execute(delete(sessions).where(sessions.c.id_hash == name))


def of_account(connection: Connection, account: str, now: datetime) -> Sequence[Row[Any]]:
    """List an account's sessions that have not expired, the last used first."""
    this = (sessions.c.account == account, sessions.c.expires_at > to_ms(now))
    return connection.execute(select(sessions).where(*this).order_by(sessions.c.used_at.desc())).all()


def end_others(connection: Connection, account: str, name: str) -> int:
    """End all sessions of an account but one; gives how many."""
    others = (sessions.c.account == account, sessions.c.id_hash != name)
    return connection.execute(delete(sessions).where(*others)).rowcount


def forget_expired(connection: Connection, now: datetime) -> int:
    """Forget the sessions that have expired; gives how many."""
    return connection.execute(delete(sessions).where(sessions.c.expires_at <= to_ms(now))).rowcount

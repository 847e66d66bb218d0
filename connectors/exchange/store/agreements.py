"""The agreements as verified here, with the messages that prove them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from connectors.exchange.store.rows import write
from connectors.exchange.store.tables import agreements
from schemas.instant import to_ms

_BY_REF = select(agreements).where(agreements.c.ref == bindparam("which"))


def find(connection: Connection, ref: str) -> Row[Any] | None:
    """Give an agreement by `id@version`."""
    return connection.execute(_BY_REF, {"which": ref}).one_or_none()


def keep(
    connection: Connection,
    ref: str,
    *,
    document: Mapping[str, Any],
    sha256: str,
    status: str,
    signed_by_us: bool,
    messages: Sequence[str],
    now: datetime,
) -> None:
    """Write an agreement down as verified."""
    values = {
        "ref": ref,
        "document": dict(document),
        "sha256": sha256,
        "status": status,
        "signed_by_us": signed_by_us,
        "messages": list(messages),
        "checked_at": to_ms(now),
    }
    write(connection, agreements, values)


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """List the agreements known here."""
    return connection.execute(select(agreements).order_by(agreements.c.ref)).all()


def looked_at(connection: Connection, now: datetime) -> None:
    """Note that the register's list was compared with what is known here."""
    connection.execute(update(agreements).values(checked_at=to_ms(now)))


def retired(connection: Connection, ref: str) -> None:
    """Note that a party has retired an agreement, which nothing undoes."""
    connection.execute(update(agreements).where(agreements.c.ref == ref).values(status="retired"))

"""Requests for records that this connector has to answer, and answers to those that it made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, or_, select, update

from connectors.exchange.store.rows import write_once
from connectors.exchange.store.tables import declines, requests
from schemas.instant import to_ms

WORKABLE: Final = ("received", "waiting", "approved", "denied")
"""States in which the connector itself has something to do."""


def received(
    connection: Connection,
    message: str,
    *,
    case: str,
    sender: str,
    statement: str,
    categories: Sequence[str],
    now: datetime,
) -> None:
    """Write down a request that waits for an answer."""
    values = {
        "id": message,
        "case": case,
        "sender": sender,
        "statement": statement,
        "categories": list(categories),
        "state": "received",
        "next_at": 0,
        "attempts": 0,
        "at": to_ms(now),
    }
    write_once(connection, requests, values)


def find(connection: Connection, message: str) -> Row[Any] | None:
    """Give a request."""
    return connection.execute(select(requests).where(requests.c.id == message)).one_or_none()


def workable(connection: Connection, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """List the requests that may be worked on now, oldest first."""
    due = and_(requests.c.state.in_(WORKABLE), requests.c.next_at <= to_ms(now))
    return connection.execute(
        select(requests).where(due).order_by(requests.c.at, requests.c.id).limit(limit)
    ).all()


def in_state(connection: Connection, *states: str) -> Sequence[Row[Any]]:
    """List the requests in one of these states."""
    return connection.execute(
        select(requests).where(or_(*(requests.c.state == state for state in states))).order_by(requests.c.at)
    ).all()


def move(
    connection: Connection, message: str, state: str, since: Sequence[str] = WORKABLE, **values: Any
) -> bool:
    """Move a request to another state if it is in one of `since`; say whether it was."""
    changed = connection.execute(
        update(requests)
        .where(requests.c.id == message, requests.c.state.in_(since))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def declined(
    connection: Connection,
    message: str,
    *,
    case: str,
    request: str,
    member: str,
    reason: str,
    categories: Sequence[str],
    rule: str | None,
    now: datetime,
) -> None:
    """Write down that a source declined."""
    values = {
        "id": message,
        "case": case,
        "request": request,
        "member": member,
        "reason": reason,
        "categories": list(categories),
        "rule": rule,
        "at": to_ms(now),
    }
    write_once(connection, declines, values)


def declines_of(connection: Connection, request: str) -> Sequence[Row[Any]]:
    """List what was declined of a request."""
    return connection.execute(select(declines).where(declines.c.request == request)).all()

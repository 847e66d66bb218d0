"""What a citizen who came alone asked for in their own words, until an organisation is there to read it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import first_words
from schemas.instant import to_ms


def keep(connection: Connection, case: str, members: Collection[str], text: str, now: datetime) -> None:
    """Keep the words for each organisation that was asked."""
    for member in members:
        values = {"case": case, "member": member, "text": text, "at": to_ms(now)}
        write_once(connection, first_words, values)


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """List what nobody has been told yet, the longest waiting first."""
    return connection.execute(
        select(first_words).order_by(first_words.c.at, first_words.c.case, first_words.c.member)
    ).all()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List what was asked in a case and nobody has been told yet."""
    chosen = select(first_words).where(first_words.c.case == case)
    return connection.execute(chosen.order_by(first_words.c.at, first_words.c.member)).all()


def told(connection: Connection, case: str, members: Collection[str]) -> int:
    """Forget the words that these organisations got; gives how many there were to forget."""
    these = (first_words.c.case == case, first_words.c.member.in_(list(members)))
    return connection.execute(delete(first_words).where(*these)).rowcount


def forget(connection: Connection, before: datetime) -> int:
    """Forget what nobody came to read; gives how many."""
    return connection.execute(delete(first_words).where(first_words.c.at < to_ms(before))).rowcount

"""Up to where somebody has seen a case, so that what is new can be marked."""

from __future__ import annotations

from sqlalchemy import Connection, select

from connectors.exchange.store.rows import write
from connectors.portal.store.tables import seen


def up_to(connection: Connection, account: str, case: str) -> int:
    """Give the last place that was seen; 0 for one who has seen nothing yet."""
    this = (seen.c.account == account, seen.c.case == case)
    return connection.scalars(select(seen.c.up_to).where(*this)).one_or_none() or 0


def note(connection: Connection, account: str, case: str, place: int) -> None:
    """Note that somebody has seen a case up to a place; never back to an earlier one."""
    if place > up_to(connection, account, case):
        write(connection, seen, {"account": account, "case": case, "up_to": place})

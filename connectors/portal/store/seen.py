"""Up to where somebody has seen each conversation of a case, so that what is new can be marked."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from connectors.exchange.store.rows import write
from connectors.portal.store.tables import seen


def up_to(connection: Connection, account: str, case: str) -> Mapping[str, int]:
    """Give the last place that was seen, by conversation; under "" what holds for every one of the case."""
    # What was seen before conversations were told apart is kept for the case as a whole, and stays seen.
    this = (seen.c.account == account, (seen.c.case == case) | seen.c.case.startswith(f"{case}:"))
    rows = connection.execute(select(seen.c.case, seen.c.up_to).where(*this)).all()
    return {row.case[len(case) + 1 :]: row.up_to for row in rows}


def note(connection: Connection, account: str, case: str, thread: str, place: int) -> None:
    """Note that somebody has seen a conversation up to a place; never back to an earlier one."""
    if place > up_to(connection, account, case).get(thread, 0):
        write(connection, seen, {"account": account, "case": f"{case}:{thread}", "up_to": place})

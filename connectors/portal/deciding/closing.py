"""A closed case: nothing in it can be allowed, though saying no and taking back stay possible.

Takes a case by its id. The coordinator decides the same for everybody; asked here, before anything is written
down, a visitor is told in plain words, and at once.
"""

from __future__ import annotations

from sqlalchemy import Connection

from connectors.exchange.store import cases
from schemas.errors import CaseClosed


def is_closed(connection: Connection, case: str) -> bool:
    """Say whether a case is closed, to leave out what would be refused."""
    return str(cases.require(connection, case).status) == "closed"


def check_open(connection: Connection, case: str) -> None:
    """Raise CaseClosed after the case was closed."""
    if is_closed(connection, case):
        raise CaseClosed(case=case)

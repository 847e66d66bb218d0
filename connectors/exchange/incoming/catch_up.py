"""Consents that came before the citizen's seat was known here: fetch the seat, then check their proof.

An agency is told of a consent when it is given, and may sit in the case only afterwards.
"""

from __future__ import annotations

from sqlalchemy import select

from connectors.exchange import agreements, seats
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.judge_consent import prove_waiting
from connectors.exchange.store import consents
from connectors.exchange.store.tables import cases as case_rows
from connectors.exchange.store.tables import consents as rows
from schemas.errors import NoSeat, UnknownCase


def catch_up(connector: Connector) -> None:
    """Do it for every case in which we sit and in which a consent waits."""
    if connector.acts_for_citizens:
        return
    waiting = (
        select(rows.c.case)
        .join(case_rows, case_rows.c.id == rows.c.case)
        .where(rows.c.proven.is_(False))
        .distinct()
    )
    with connector.database.reading() as connection:
        due = connection.scalars(waiting).all()
    for case in due:
        try:
            seats.ensure_citizen(connector, case)
        except (UnknownCase, NoSeat):
            continue  # our seat is not there yet
        prove(connector, case)


def prove(connector: Connector, case: str) -> None:
    """Check the waiting consents of one case, if there are any."""
    with connector.database.reading() as connection:
        waiting = consents.unproven(connection, case)
    for row in waiting:
        agreements.ensure(connector, row.agreement)
    if waiting:
        with connector.database.writing() as connection:
            prove_waiting(connector, connection, case)

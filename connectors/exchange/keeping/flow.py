"""How long things stay: expire → wipe → overwrite → confirm.

What rests on a consent goes when it is withdrawn (where it says so), when its time is over or the case is closed.
The erasure is confirmed to source and citizen only after the bytes have left the files; a crash in between
leaves statements marked `wiped`, which the next round overwrites and confirms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases, consents, statements
from connectors.exchange.store.tables import consents as consent_rows
from connectors.exchange.store.tables import inbox as inbox_rows
from schemas import instant
from schemas.consent import load_consent

_MOST = 64
"""Messages that one `record.erased` names."""


def keep(connector: Connector) -> int:
    """Erase what has to go now; gives how many statements were confirmed as erased."""
    now = connector.clock()
    expire(connector, now)
    if connector.acts_for_citizens:
        return 0  # what the portal holds is the citizen's own
    wipe(connector, now)
    return confirm(connector, now)


def expire(connector: Connector, now: datetime) -> None:
    """Mark the consents whose time is over; the coordinator does the same by its own clock."""
    with connector.database.reading() as connection:
        over = consents.run_out(connection, now)
    if over:
        with connector.database.writing() as connection:
            for consent in over:
                consents.set_status(connection, consent, "expired", None, now)


def wipe(connector: Connector, now: datetime) -> None:
    """Overwrite in the tables what has to go: withdrawn consents first, then what is over, then closed cases."""
    with connector.database.reading() as connection:
        goes = _withdrawn(connection) + _over(connection, now) + _closed(connection)
    if goes:
        with connector.database.writing() as connection:
            for statement, why in goes:
                statements.wipe(connection, statement, why)


def _withdrawn(connection: Connection) -> list[tuple[Row[Any], str]]:
    """List what rests on a consent that the citizen has taken back, where the consent says it is erased."""
    ended = consent_rows.c.status.in_(("withdrawn", "invalidated"))
    found = []
    for row in connection.execute(select(consent_rows).where(ended)).all():
        if load_consent(row.document).on_withdrawal["erased"]:
            found += [(each, "withdrawn") for each in statements.under_consent(connection, row.id)]
    return found


def _over(connection: Connection, now: datetime) -> list[tuple[Row[Any], str]]:
    return [(each, "data_life") for each in statements.to_erase(connection, now)]


def _closed(connection: Connection) -> list[tuple[Row[Any], str]]:
    """List other agencies' records in cases that are closed; our own words and the shared plan have their own time."""
    found = []
    for case in cases.everything(connection):
        if case.status == "closed":
            held = statements.held_in_case(connection, case.id)
            found += [(each, "case_closed") for each in held if not each.mine and each.type in _RECORDS]
    return found


_RECORDS = frozenset({"record.release/1", "record.correct/1", "record.request/1"})


def confirm(connector: Connector, now: datetime) -> int:
    """Make the bytes leave the files, then sign for it: to the source and to the citizen."""
    with connector.database.reading() as connection:
        wiped = statements.wiped(connection)
    if not wiped:
        return 0
    try:
        connector.database.forget_overwritten()
    except BlockingIOError:
        return 0  # a reader still holds the old pages; the next round tries again
    with connector.database.writing() as connection:
        statements.erased(connection, [each.id for each in wiped], now)
        for group in _groups(wiped):
            _say_erased(connector, connection, group, now)
    return len(wiped)


def _groups(wiped: Sequence[Row[Any]]) -> list[list[Row[Any]]]:
    """Put together what one message can confirm: one case, one source, one reason."""
    found: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
    for each in wiped:
        if not each.mine:
            found[each.case, each.sender, each.erased_why].append(each)
    return [rows[start : start + _MOST] for rows in found.values() for start in range(0, len(rows), _MOST)]


def _say_erased(connector: Connector, connection: Connection, group: Sequence[Row[Any]], now: datetime) -> None:
    first = group[0]
    citizen = cases.citizen_seat(connection, first.case)
    to = [CITIZEN] if citizen is not None and citizen.member == first.sender else [first.sender, CITIZEN]
    digests = select(inbox_rows.c.id, inbox_rows.c.sha256).where(inbox_rows.c.id.in_([e.message for e in group]))
    body = {
        "messages": [{"id": row.id, "sha256": row.sha256} for row in connection.execute(digests)],
        "why": first.erased_why,
        "at": instant.format(now),
    }
    signed = sign_open(connector, now, type="record.erased/1", to=to, case=first.case, body=body)
    post(connection, signed, now)



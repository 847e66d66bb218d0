"""How long things stay: expire → wipe → overwrite → confirm.

What rests on a consent goes when it is withdrawn or a new one covers less (where it says so), when its time
is over or the case is closed. The erasure is confirmed to source and citizen only after the bytes have left
the files; a crash in between leaves statements marked `wiped`, which the next round overwrites and confirms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.exchange.connector import Connector
from connectors.exchange.held_back import tell_of_looks
from connectors.exchange.keeping.aside import left_files, still_in_files, wipe_aside
from connectors.exchange.keeping.due import is_anything_due
from connectors.exchange.keeping.lapse import expire_requests, lapse_previews
from connectors.exchange.keeping.succession import wipe_ended
from connectors.exchange.keeping.time import agreed_time
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases, consents, statements
from connectors.exchange.store.tables import inbox as inbox_rows
from schemas import instant

_MOST = 64
"""Messages that one `record.erased` names."""


def keep(connector: Connector) -> int:
    """Erase what has to go now; gives how many statements were confirmed as erased."""
    now = connector.clock()
    with connector.database.reading() as connection:
        over = agreed_time(connection, now)
        if not is_anything_due(connector, connection, over):
            return 0
    expire(connector, over)
    expire_requests(connector, over)
    if connector.acts_for_citizens:
        return 0  # what the portal holds is the citizen's own
    wipe(connector, over)
    wipe_aside(connector, over)
    lapse_previews(connector, now)
    tell_of_looks(connector, over)
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
    """Overwrite in the tables what has to go: ended consents first, then what is over, then closed cases."""
    with connector.database.reading() as connection:
        nothing = not (
            consents.to_sweep(connection)
            or cases.to_sweep(connection)
            or statements.to_erase(connection, now)
        )
    if nothing:
        return
    with connector.database.writing() as connection:
        for consent in consents.to_sweep(connection):
            wipe_ended(connection, consent)
        for statement in statements.to_erase(connection, now):
            statements.wipe(connection, statement, "data_life")
        _wipe_closed(connection)


def _wipe_closed(connection: Connection) -> None:
    """Wipe other agencies' records in closed cases; shared plans and our own words have their own time."""
    for case in cases.to_sweep(connection):
        for statement in statements.held_in_case(connection, case):
            if not statement.mine and statement.type in _RECORDS:
                statements.wipe(connection, statement, "case_closed")
        cases.swept(connection, case)


_RECORDS = frozenset({"record.release/1", "record.correct/1", "record.request/1"})


def confirm(connector: Connector, now: datetime) -> int:
    """Make the bytes leave the files, then sign for it: to the source and to the citizen."""
    with connector.database.reading() as connection:
        wiped = statements.wiped(connection)
        aside = still_in_files(connection)
    if not wiped and not aside:
        return 0
    try:
        connector.database.forget_overwritten(now)
    except BlockingIOError:
        return 0  # a reader holds the old pages, or it was done just now; a later round tries again
    with connector.database.writing() as connection:
        if aside:
            left_files(connection)
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


def _say_erased(
    connector: Connector, connection: Connection, group: Sequence[Row[Any]], now: datetime
) -> None:
    first = group[0]
    citizen = cases.citizen_seat(connection, first.case)
    if citizen is None:
        to = [first.sender]  # who left the case is told nothing more about it
    else:
        to = [CITIZEN] if citizen.member == first.sender else [first.sender, CITIZEN]
    digests = select(inbox_rows.c.id, inbox_rows.c.sha256).where(
        inbox_rows.c.id.in_([e.message for e in group])
    )
    body = {
        "messages": [{"id": row.id, "sha256": row.sha256} for row in connection.execute(digests)],
        "why": first.erased_why,
        "at": instant.format(now),
    }
    signed = sign_open(connector, now, type="record.erased/1", to=to, case=first.case, body=body)
    post(connection, signed, now)

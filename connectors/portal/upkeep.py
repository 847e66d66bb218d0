"""What the clock asks of a portal: mandates that end, coming of age, reminders, receipts of what has ended.

One step, `keep`; it can stop anywhere and be done again. It sends no e-mail, it lets it wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.portal.acting import held_back, mandates
from connectors.portal.acting.coming_of_age import come_of_age
from connectors.portal.agreed import learn_agreements
from connectors.portal.deciding import by_staff, receipts
from connectors.portal.deciding.receipts import Decided
from connectors.portal.mail import queue, reminders
from connectors.portal.mail.queue import Cause
from connectors.portal.settings import PortalSettings
from connectors.portal.store import attempts, due, mails, sessions
from schemas.errors import Refusal
from schemas.instant import from_ms, parse

_MAILS_KEPT: Final = timedelta(days=90)
_log = structlog.get_logger("accord.portal")


def keep(connector: Connector, settings: PortalSettings, now: datetime) -> dict[str, int]:
    """Do everything that is due; trouble with one thing does not keep another from being done.

    Gives how much of each was done.
    """
    steps: dict[str, Callable[[], int]] = {
        "permissions_paused": lambda: come_of_age(connector, now),
        "mandates_ended": lambda: _end_mandates(connector, now),
        "expired": lambda: _give_receipts_of_expired(connector, settings, now),
        "said_by_staff": lambda: _give_receipts_of_staffs(connector, settings, now),
        "reminded": lambda: _remind(connector, now),
        "emergencies_told": lambda: _tell(connector, "emergency", due.emergencies_opened, now),
        "held_back_told": lambda: _tell_of_held_back(connector, now),
        "waiting_told": lambda: _tell(connector, "waits", due.open_requests, now),
        "agreements_learnt": lambda: learn_agreements(connector, now),
        "forgotten": lambda: _forget(connector, now),
    }
    done: dict[str, int] = {}
    for name, step in steps.items():
        try:
            done[name] = step()
        except Refusal as refusal:
            _log.warning("portal_trouble", step=name, code=refusal.code)
    return done


def _end_mandates(connector: Connector, now: datetime) -> int:
    with connector.database.writing() as connection:
        return mandates.end_run_out(connection, now)


def _tell_of_held_back(connector: Connector, now: datetime) -> int:
    with connector.database.writing() as connection:
        return held_back.tell_on_the_date(connection, now)


def _give_receipts_of_expired(connector: Connector, settings: PortalSettings, now: datetime) -> int:
    with connector.database.writing() as connection:
        ended = due.expired_consents(connection)
        for row in ended:
            receipts.give(connection, settings, _ended(row), now)
        return len(ended)


def _give_receipts_of_staffs(connector: Connector, settings: PortalSettings, now: datetime) -> int:
    with connector.database.writing() as connection:
        return by_staff.give_receipts(connection, settings, now)


def _ended(row: Row[Any]) -> Decided:
    actor = row.document["actor"]
    return Decided(
        kind="expired",
        account=row.account,
        case=row.case,
        document=row.document,
        actor=actor,
        consent=row.id,
    )


# --- telling people ---------------------------------------------------------------------------------


def _tell(
    connector: Connector, kind: str, find: Callable[[Connection], Sequence[Row[Any]]], now: datetime
) -> int:
    """Tell each reader once of each thing, in one e-mail for all that is new."""
    with connector.database.reading() as connection:
        new = _untold(connection, kind, find(connection), now)
    if not new:
        return 0
    with connector.database.writing() as connection:
        told = [
            (reader, case) for reader, about, case in new if mails.tell(connection, reader, kind, about, now)
        ]
        for reader in dict.fromkeys(reader for reader, _ in told):
            causes = [Cause(case) for each, case in told if each == reader]
            queue.tell(connection, reader, kind, now, about=list(dict.fromkeys(causes)))
    return len(told)


def _untold(
    connection: Connection, kind: str, rows: Sequence[Row[Any]], now: datetime
) -> list[tuple[str, str, str]]:
    """List whom to tell, of what, in which case."""
    known: dict[str, set[tuple[str, str]]] = {}
    found = []
    for row in rows:
        for reader in queue.readers(connection, row.account, row.case, now):
            if reader not in known:
                known[reader] = mails.told_to(connection, reader)
            if (kind, row.id) not in known[reader]:
                found.append((reader, row.id, row.case))
    return found


def _remind(connector: Connector, now: datetime) -> int:
    """Remind each reader of all permissions at once, when at least one reminder is due."""
    with connector.database.reading() as connection:
        concerned = _concerned(connection, now)
    reminded = 0
    for reader, rows in concerned.items():
        with connector.database.writing() as connection:
            reminded += _remind_one(connection, reader, rows, now)
    return reminded


def _concerned(connection: Connection, now: datetime) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in due.live_consents(connection):
        if from_ms(row.valid_until) > now:
            for reader in queue.readers(connection, row.account, row.case, now):
                found.setdefault(reader, []).append(row)
    return found


def _remind_one(connection: Connection, reader: str, rows: Sequence[Row[Any]], now: datetime) -> bool:
    told = mails.told_to(connection, reader)
    marks = {
        row.id: reminders.marks(parse(row.document["valid_from"]), from_ms(row.valid_until)) for row in rows
    }
    known = {
        consent: {kind for kind, about in told if about == consent and kind in when}
        for consent, when in marks.items()
    }
    if not any(reminders.is_due(when, known[consent], now) for consent, when in marks.items()):
        return False
    for consent, when in marks.items():
        for name in reminders.covered(when, now):
            mails.tell(connection, reader, name, consent, now)
    causes = [Cause(row.case) for row in rows]
    queue.tell(connection, reader, "ending", now, {"count": len(rows)}, about=causes)
    return True


def _forget(connector: Connector, now: datetime) -> int:
    with connector.database.writing() as connection:
        return (
            sessions.forget_expired(connection, now)
            + attempts.forget_expired(connection, now)
            + mails.forget(connection, now - _MAILS_KEPT)
        )

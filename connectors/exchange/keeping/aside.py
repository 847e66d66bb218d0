"""Sealed messages that were not accepted: they are overwritten too, because our own key opens them.

Nobody could use what was in them, and their sender knows them as refused, so nothing is confirmed: only their
hash and the reason stay for the operator. Open messages stay, they hold no record.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, or_, select, update

from connectors.exchange.connector import Connector
from connectors.exchange.store import cases, consents
from connectors.exchange.store.tables import consents as consent_rows
from connectors.exchange.store.tables import inbox
from connectors.exchange.stored import read_payload
from schemas.errors import Refusal
from schemas.instant import to_ms
from schemas.messages.table import TYPES

LONGEST: Final = timedelta(days=30)
"""How long an operator has to look at a message and to have it judged again."""
_OPEN = frozenset(name for name, rule in TYPES.items() if not rule.sealed)
_ASIDE = and_(inbox.c.state.in_(("rejected", "kept_aside", "dismissed")), inbox.c.type.not_in(_OPEN))
_GOING = and_(_ASIDE, inbox.c.raw.is_(None), inbox.c.receipt.is_not(None))
GOING: Final = select(inbox.c.log_index).where(_GOING)
"""What is overwritten in the table, and whose bytes may still be in the files."""
_LATE = inbox.c.received_at <= bindparam("late")
_IN_CLOSED = inbox.c.case.in_(cases.CLOSED)
_ENDED = select(consent_rows.c.case).where(consent_rows.c.status.not_in(consents.LIVE))
MAY_BE_OVER: Final = (
    select(inbox.c.log_index, inbox.c.raw, or_(_LATE, _IN_CLOSED).label("over"))
    .where(_ASIDE, inbox.c.raw.is_not(None))
    .where(or_(_LATE, _IN_CLOSED, inbox.c.case.in_(_ENDED)))
)
"""What was received by `late`, is of a closed case (these are `over`), or of one in which a consent ended."""


def wipe_aside(connector: Connector, now: datetime) -> None:
    """Overwrite what was not accepted once its time, its case or its consent is over."""
    with connector.database.reading() as connection:
        over = _over(connection, now)
    if over:
        with connector.database.writing() as connection:
            still = (_ASIDE, inbox.c.log_index.in_(over))  # meanwhile it may have been taken in after all
            connection.execute(update(inbox).where(*still).values(raw=None))


def _over(connection: Connection, now: datetime) -> list[int]:
    rows = connection.execute(MAY_BE_OVER, {"late": to_ms(now - LONGEST)})
    return [row.log_index for row in rows if row.over or _rests_on_ended(connection, row)]


def _rests_on_ended(connection: Connection, row: Row[Any]) -> bool:
    """Say whether it names a consent that has ended; what cannot be read goes by time alone."""
    try:
        authority = read_payload(row.raw).get("authority")
    except (ValueError, IndexError, AttributeError, Refusal):
        return False
    if not isinstance(authority, dict) or authority.get("basis") != "consent":
        return False
    consent = consents.find(connection, str(authority.get("consent")))
    return consent is not None and consent.status not in consents.LIVE


def still_in_files(connection: Connection) -> bool:
    """Say whether something was overwritten in the table whose bytes may still be in the files."""
    return connection.execute(GOING.limit(1)).first() is not None


def left_files(connection: Connection) -> None:
    """Let the receipts go too: with them the message is bound to the log, and until now they marked it."""
    connection.execute(update(inbox).where(_GOING).values(receipt=None))

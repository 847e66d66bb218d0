"""What an operator may do with a message of ours that is stuck: try it now, say it again, or give it up.

A refused message is never sent again under its id (the coordinator would refuse it again); an open one is
signed anew. A citizen's decision cannot be given up here: only the citizen changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from connectors.exchange import settling
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.outgoing.compose import sign_again
from connectors.exchange.spool import post
from connectors.exchange.store import access, statements
from connectors.exchange.store import outbox as spool
from connectors.exchange.store.outbox import Waiting
from connectors.exchange.store.tables import outbox
from schemas.errors import NotPermitted

_STUCK: Final = ("queued", "refused", "expired")
_SHOWN: Final = 200
_GIVEN_UP: Final = {"code": "given_up", "detail": "An operator gave this message up."}


def waiting(connection: Connection) -> Sequence[Row[Any]]:
    """List what waits to be sent, oldest first."""
    queued = select(outbox).where(outbox.c.state == "queued").order_by(outbox.c.seq).limit(_SHOWN)
    return connection.execute(queued).all()


def retry(connector: Connector, message: str) -> str:
    """Try a waiting message at once, or sign a refused one anew; gives the id under which it now waits."""
    now = connector.clock()
    with connector.database.writing() as connection:
        row = _stuck(connection, message)
        if row.state == "queued":
            connection.execute(update(outbox).where(outbox.c.id == message).values(next_at=0))
            return message
        if row.raw is None:
            raise NotHere("The message was erased.", message=message)
        kept = statements.of_message(connection, message)
        again = sign_again(connector, bytes(row.raw), now, about=row.about, kept=kept)
        post(connection, again, now)
        replaced = {"state": "replaced", "replaced_by": again.id}
        connection.execute(update(outbox).where(outbox.c.id == message).values(**replaced))
        old = Waiting(row.seq, row.id, row.type, row.case, bytes(row.raw), row.attempts)
        settling.said_again(connection, old, again)
        return again.id


def drop(connector: Connector, message: str) -> None:
    """Give a message up: it is not sent, and leaves the operator's list."""
    with connector.database.writing() as connection:
        row = _stuck(connection, message)
        if row.type.startswith("consent.") and row.state == "queued":
            raise NotPermitted(
                "A decision of the citizen is not given up by an operator.",
                remedy="Let it wait; it is sent as soon as the coordinator can be reached.",
            )
        connection.execute(
            update(outbox).where(outbox.c.id == message).values(state="replaced", problem=_GIVEN_UP)
        )
        access.forget_attachments(connection, message)  # nothing that will be sent names its files


def _stuck(connection: Connection, message: str) -> Row[Any]:
    row = spool.find(connection, message)
    if row is None or row.state not in _STUCK:
        raise NotHere("No message of this id waits or was refused.", message=message)
    return row

"""What an operator may do with a message of ours that is stuck: try it now, say it again, or give it up.

A refused message is never sent again under its id (the coordinator would refuse it again); an open one is
signed anew. A citizen's decision cannot be given up here: only the citizen changes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.outgoing.compose import sign_again
from connectors.exchange.spool import post
from connectors.exchange.store import outbox as spool
from connectors.exchange.store.tables import outbox
from schemas.errors import NotPermitted
from schemas.messages.table import TYPES

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
        if TYPES[row.type].sealed or row.raw is None:
            raise NotPermitted(
                "A sealed message is not signed anew as it is: what it rests on may have changed.",
                remedy="Make it again from its case.",
            )
        again = sign_again(connector, bytes(row.raw), row.about, now)
        spool.replaced(connection, message, again.id, dict(row.problem or {}))
        connection.execute(
            update(outbox).where(outbox.c.id == message).values(state="replaced", replaced_by=again.id)
        )
        return post(connection, again, now)


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


def _stuck(connection: Connection, message: str) -> Row[Any]:
    row = spool.find(connection, message)
    if row is None or row.state not in _STUCK:
        raise NotHere("No message of this id waits or was refused.", message=message)
    return row

"""What an operator can do about a received message that was kept aside: have it judged again, or dismiss it.

It helps where the fault was not the message's own: a proof that did not fit. What was answered with
`message.reject` is not taken after all, because its sender knows it as refused; and nothing is judged after a
later message of its case, because each was judged by what was said before it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.client import Delivered
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.incoming.flow import Refused, fetch, read_one
from connectors.exchange.incoming.judge import judge
from connectors.exchange.incoming.learning import Learnt
from connectors.exchange.store import inbox
from connectors.exchange.store.tables import inbox as rows
from schemas.errors import WrongTransition


def judge_again(connector: Connector, index: int) -> None:
    """Take in what was kept aside at this place, if it holds now; raise the Refusal that still stands."""
    with connector.database.reading() as connection:
        row = _to_judge(connection, index)
    page = fetch(connector, wait=0)  # a checkpoint of now, which continues all that was seen
    proof = connector.coordinator.proof(index, page.checkpoint.size)
    delivered = Delivered(index, bytes(row.raw), row.receipt.encode("ascii"), proof)
    read = read_one(connector, page, delivered, Learnt())
    if isinstance(read, Refused):
        raise read.refusal
    loaded = read.opened.message
    with connector.database.writing() as connection:
        _to_judge(connection, index)
        known = inbox.find(connection, loaded.id)
        if known is not None and known.sender == loaded.sender and known.log_index != index:
            raise WrongTransition("This message was taken in under another place.")
        judge(connector, connection, read.opened)
        taken = {"state": "stored", "reason": None, "id": loaded.id, "sender": loaded.sender}
        connection.execute(update(rows).where(rows.c.log_index == index).values(**taken))


def dismiss(connector: Connector, index: int) -> None:
    """Take what was not accepted at this place off the operator's list; it is kept, and has no effect."""
    with connector.database.writing() as connection:
        _aside(connection, index)
        connection.execute(update(rows).where(rows.c.log_index == index).values(state="dismissed"))


def _aside(connection: Connection, index: int) -> Row[Any]:
    row = inbox.at(connection, index)
    if row is None or row.state not in {"rejected", "kept_aside"}:
        raise NotHere("Nothing was kept aside at this place of the log.", index=index)
    return row


def _to_judge(connection: Connection, index: int) -> Row[Any]:
    row = _aside(connection, index)
    if row.state == "rejected" or row.raw is None:
        raise WrongTransition(
            "Its sender was told that it is refused.",
            remedy="Ask the sender to say it again, and dismiss this one.",
        )
    later = select(rows.c.log_index).where(rows.c.log_index > index, rows.c.state == "stored")
    same = rows.c.case.is_not_distinct_from(row.case)
    if connection.execute(later.where(same)).first() is not None:
        raise WrongTransition(
            "Later messages of its case were taken in without it.",
            remedy="Ask the sender to say it again, and dismiss this one.",
        )
    return row

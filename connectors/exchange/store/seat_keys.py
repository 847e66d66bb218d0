"""What was said about the passkeys of citizens' seats after joining, in the order of the log.

Only what was checked is kept here; which passkeys count follows from it in `exchange.seat_keys`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from connectors.exchange.store.rows import write
from connectors.exchange.store.tables import seat_keys
from schemas.instant import to_ms
from schemas.messages.envelope import Message


def keep(connection: Connection, loaded: Message, *, join_id: str, index: int | None, placed: bool) -> None:
    """Write down what was said about a seat's passkeys, with its place in the log."""
    values = {
        "case": loaded.case,
        "message": loaded.id,
        "sender": loaded.sender,
        "join_id": join_id,
        "type": loaded.type,
        "raw": loaded.raw,
        "log_index": index,
        "placed": placed,
        "at": to_ms(loaded.at),
    }
    write(connection, seat_keys, values)


def of_seat(connection: Connection, case: str, join_id: str) -> Sequence[Row[Any]]:
    """List what was said about a seat, in the order of the log; what has no place yet comes last."""
    this = (seat_keys.c.case == case, seat_keys.c.join_id == join_id)
    rows = connection.execute(select(seat_keys).where(*this).order_by(seat_keys.c.at, seat_keys.c.message))
    return sorted(rows, key=lambda row: (row.log_index is None, row.log_index or 0))


def find(connection: Connection, case: str, sender: str, message: str) -> Row[Any] | None:
    """Give one thing that was said."""
    this = (seat_keys.c.case == case, seat_keys.c.sender == sender, seat_keys.c.message == message)
    return connection.execute(select(seat_keys).where(*this)).one_or_none()


def place(connection: Connection, message: str, index: int) -> None:
    """Note at which index the log holds what we said ourselves."""
    connection.execute(_PLACED, {"said_in": message, "place": index})


_PLACED = (
    update(seat_keys)
    .where(seat_keys.c.message == bindparam("said_in"), seat_keys.c.placed.is_(False))
    .values(log_index=bindparam("place"))
)


def before(connection: Connection, case: str, message: str, index: int) -> None:
    """Let what we said up to a message stand before an answer to it, while its own place is not known."""
    answered = connection.execute(
        select(seat_keys.c.at).where(seat_keys.c.case == case, seat_keys.c.message == message)
    ).scalar()
    earlier = (seat_keys.c.case == case, seat_keys.c.log_index.is_(None), seat_keys.c.at <= answered)
    if answered is not None:
        connection.execute(update(seat_keys).where(*earlier).values(log_index=index - 1))


def forget(connection: Connection, message: str, sender: str) -> None:
    """Take back what we said ourselves and the coordinator refused."""
    this = (seat_keys.c.message == message, seat_keys.c.sender == sender)
    connection.execute(delete(seat_keys).where(*this))


def said_again(connection: Connection, message: str, again: str, raw: bytes) -> None:
    """Let what we said ourselves stand under the id and bytes under which it was said again."""
    this = (seat_keys.c.message == message, seat_keys.c.log_index.is_(None))
    connection.execute(update(seat_keys).where(*this).values(message=again, raw=raw))

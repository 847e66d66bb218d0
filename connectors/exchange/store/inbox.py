"""What was received, in the log's order, and how far: the cursor moves in the transaction that stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from connectors.exchange.store.tables import checkpoints, cursor, inbox
from schemas.head import Head
from schemas.instant import to_ms
from schemas.log import Checkpoint


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far we are, and what the coordinator last vouched for (instants in ms)."""

    position: int
    consent_position: int
    head_at: int | None
    head_seen_at: int | None
    head_last: int
    head_last_consent: int
    head_size: int


@dataclass(frozen=True, slots=True)
class Received:
    """One message to be written down."""

    index: int
    id: str
    sender: str
    type: str
    case: str | None
    raw: bytes
    sha256: bytes
    receipt: bytes


_PUT = inbox.insert()
_HAS = select(inbox.c.log_index).where(inbox.c.sender == bindparam("who"), inbox.c.id == bindparam("what"))
"""Made once: building a statement costs as much as running it, and these run for every message."""
_START = Cursor(-1, -1, None, None, -1, -1, 0)


def position(connection: Connection) -> Cursor:
    """Read the cursor; before the first page everything is behind us."""
    row = connection.execute(select(cursor)).one_or_none()
    if row is None:
        return _START
    return Cursor(*row[1:])


def _keep(connection: Connection, **values: int) -> None:
    """Change the one row, which is made when there is something to write in it for the first time."""
    if connection.execute(update(cursor).values(**values)).rowcount == 0:
        first = {"position": -1, "consent_position": -1, "head_last": -1, "head_last_consent": -1}
        connection.execute(cursor.insert().values(id=1, **({**first, "head_size": 0} | values)))


@dataclass(slots=True)
class Progress:
    """How far a page has brought us; written down once, in the transaction that stores the page."""

    position: int
    consent_position: int

    def pass_by(self, index: int, *, consent: bool) -> None:
        """Move past one index; `consent` when the message there was about a consent."""
        self.position = index
        if consent:
            self.consent_position = index


def move(connection: Connection, progress: Progress) -> None:
    """Write down how far we are."""
    _keep(connection, position=progress.position, consent_position=progress.consent_position)


def keep_head(connection: Connection, head: Head, now: datetime) -> None:
    """Remember the newest signed head and when it arrived by our clock."""
    _keep(
        connection,
        head_at=to_ms(head.at),
        head_seen_at=to_ms(now),
        head_last=head.last,
        head_last_consent=head.last_consent,
        head_size=head.size,
    )


def last_checkpoint(connection: Connection) -> tuple[int, bytes] | None:
    """Give size and root of the largest checkpoint seen."""
    row = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).one_or_none()
    return None if row is None else (row.size, bytes.fromhex(row.root))


def keep_checkpoint(connection: Connection, checkpoint: Checkpoint, note: str, now: datetime) -> None:
    """Remember a checkpoint that was consistent with the last one."""
    known = connection.execute(
        select(checkpoints.c.size).where(checkpoints.c.size == checkpoint.size)
    ).first()
    if known is None:
        connection.execute(
            checkpoints.insert().values(
                size=checkpoint.size, root=checkpoint.root.hex(), note=note, at=to_ms(now)
            )
        )


def put(connection: Connection, received: Received, state: str, reason: str | None, now: datetime) -> None:
    """Write one message down: stored, rejected or kept aside."""
    row = {
        "log_index": received.index,
        "id": received.id,
        "sender": received.sender,
        "type": received.type,
        "case": received.case,
        "raw": received.raw,
        "sha256": received.sha256.hex(),
        "receipt": received.receipt.decode("ascii"),
        "state": state,
        "reason": reason,
        "received_at": to_ms(now),
    }
    connection.execute(_PUT, row)


def has(connection: Connection, sender: str, message: str) -> bool:
    """Say whether a message of this sender was written down before."""
    return connection.execute(_HAS, {"who": sender, "what": message}).first() is not None


def at(connection: Connection, index: int) -> Row[Any] | None:
    """Give what was received at one index."""
    return connection.execute(select(inbox).where(inbox.c.log_index == index)).one_or_none()


def find(connection: Connection, message: str) -> Row[Any] | None:
    """Give a received message by its id."""
    return connection.execute(select(inbox).where(inbox.c.id == message)).first()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List what was received in a case, in order."""
    return connection.execute(select(inbox).where(inbox.c.case == case).order_by(inbox.c.log_index)).all()


def of_type(connection: Connection, type: str, case: str) -> Sequence[Row[Any]]:
    """List the messages of a type that were taken in in a case, in their order."""
    these = (inbox.c.case == case, inbox.c.state == "stored", inbox.c.type == type, inbox.c.raw.is_not(None))
    return connection.execute(select(inbox).where(*these).order_by(inbox.c.log_index)).all()


def aside(connection: Connection, limit: int = 200) -> Sequence[Row[Any]]:
    """List what could not be accepted, newest first, for the operator."""
    states = inbox.c.state.in_(("rejected", "kept_aside"))
    return connection.execute(
        select(inbox).where(states).order_by(inbox.c.log_index.desc()).limit(limit)
    ).all()


def counts(connection: Connection) -> dict[str, int]:
    """Count the messages in each state."""
    rows = connection.execute(select(inbox.c.state, func.count()).group_by(inbox.c.state))
    return {row.state: row[1] for row in rows}

"""What survives a restart: sends what waits in the outbox until the coordinator has answered for each
message.

Bytes are signed once, stored before they are sent and sent again as they are, so that a crash at any point
ends in the same receipt. Withdrawals go first, a case keeps its order, nothing is ever given up: a message
that waited too long is shown to the operator, and a decision of the citizen is signed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.exchange import saying, settling, uploads
from connectors.exchange.backoff import delay
from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.store import alarms, outbox
from connectors.exchange.store.outbox import Signed, Waiting
from connectors.exchange.uploads import TRY_AGAIN
from schemas.errors import (
    FromTheFuture,
    KeyNotInForce,
    Refusal,
    TooLarge,
    TooOld,
    Unavailable,
    Unverified,
)


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one batch did."""

    sent: int = 0
    refused: int = 0
    postponed: int = 0

    def __add__(self, other: Flushed) -> Flushed:
        return Flushed(self.sent + other.sent, self.refused + other.refused, self.postponed + other.postponed)

    @property
    def anything(self) -> bool:
        """Whether the outbox is shorter than before."""
        return bool(self.sent or self.refused)


def post(connection: Connection, message: Signed, now: datetime) -> str:
    """Put a message into the outbox, in the transaction of what it says; gives its id."""
    outbox.put(connection, message, now)
    return message.id


def flush(connector: Connector) -> Flushed:
    """Send one batch; raise Unavailable when the coordinator cannot be reached (nothing is lost then)."""
    now = connector.clock()
    with connector.database.reading() as connection:
        waiting = outbox.due(connection, now, connector.coordinator.batch_size())
    if not waiting:
        return Flushed()
    parted = uploads.part(connector, waiting)
    done = _send_and_settle(connector, parted.at_once)
    if parted.after_files:
        uploaded = uploads.upload(connector, parted)
        done += _settle(connector, uploaded.failed)
        done += _send_and_settle(connector, uploaded.ready)
    return done


def _send_and_settle(connector: Connector, waiting: Sequence[Waiting]) -> Flushed:
    return _settle(connector, list(zip(waiting, _send(connector, waiting), strict=True)))


def _send(connector: Connector, waiting: Sequence[Waiting]) -> list[Admitted | Refusal]:
    """Send a batch; halve it when it is too large as a whole, and take receipts only from the right keys."""
    if not waiting:
        return []
    try:
        return connector.coordinator.send([each.raw for each in waiting])
    except TooLarge as refusal:
        if len(waiting) == 1:
            return [refusal]
        middle = len(waiting) // 2
        return _send(connector, waiting[:middle]) + _send(connector, waiting[middle:])
    except Unverified as refusal:
        with connector.database.writing() as connection:
            alarms.raise_alarm(
                connection, "receipt_unverified", connector.id, refusal.detail, connector.clock()
            )
        raise Unavailable(refusal.detail, remedy=refusal.remedy) from refusal


def _settle(connector: Connector, answers: Sequence[tuple[Waiting, Admitted | Refusal]]) -> Flushed:
    """Write the answers down, all in one transaction."""
    if not answers:
        return Flushed()
    sent = refused = postponed = 0
    now = connector.clock()
    if not all(isinstance(answer, TRY_AGAIN) for _, answer in answers):  # trouble tells nothing of clocks
        ahead = any(isinstance(answer, FromTheFuture) for _, answer in answers)
        connector.coordinator.clock_agrees(agrees=not ahead)
    with connector.database.writing() as connection:
        for message, answer in answers:
            if isinstance(answer, Admitted):
                outbox.sent(connection, message.id, answer.receipt.raw, answer.index)
                settling.admitted(connector, connection, message, answer)
                sent += 1
            elif isinstance(answer, TRY_AGAIN):
                outbox.postponed(
                    connection, message.id, now + delay(message.attempts + 1), answer.to_problem()
                )
                postponed += 1
            else:
                _refused(connector, connection, message, answer, now)
                refused += 1
    return Flushed(sent, refused, postponed)


def _refused(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> None:
    """Keep the refusal for the operator, or say the message once more where it was not about what it says."""
    if saying.said_once_more(connector, connection, message, answer, now):
        return
    late = isinstance(answer, (TooOld, KeyNotInForce))
    outbox.refused(connection, message.id, answer.to_problem(), "expired" if late else "refused")
    settling.refused(connector, connection, message, answer, now)

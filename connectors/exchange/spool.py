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
from typing import Final

from sqlalchemy import Connection

from connectors.exchange import seat_keys, settling
from connectors.exchange.backoff import delay
from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import address_again, own_payload, sign_again
from connectors.exchange.store import access, alarms, outbox, statements
from connectors.exchange.store.outbox import Signed, Waiting
from schemas.errors import (
    FromTheFuture,
    KeyNotInForce,
    NoSeat,
    NotSignedIn,
    Refusal,
    TooLarge,
    TooMany,
    TooOld,
    Unavailable,
    Unverified,
    WrongRecipients,
)
from schemas.messages.fields import CITIZEN, COORDINATOR

_TRY_AGAIN: Final = (Unavailable, TooMany, NotSignedIn)
"""Refusals that say nothing about the message itself: the coordinator or our sign-in is in trouble."""
_SAY_AGAIN: Final = ("consent.", "record.pass/", seat_keys.KEYS)
"""A citizen's decision never lapses by waiting: it is signed anew."""


@dataclass(frozen=True, slots=True)
class Flushed:
    """What one batch did."""

    sent: int = 0
    refused: int = 0
    postponed: int = 0

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
    ready, failed = _upload_attachments(connector, waiting)
    answers = _send(connector, ready)
    return _settle(connector, [*failed, *zip(ready, answers, strict=True)])


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


def _upload_attachments(
    connector: Connector, waiting: Sequence[Waiting]
) -> tuple[list[Waiting], list[tuple[Waiting, Admitted | Refusal]]]:
    """Upload what the messages name before they are sent; a message whose upload is refused is refused."""
    with connector.database.reading() as connection:
        blobs = access.to_upload(connection, [each.id for each in waiting])
    refused: dict[str, Refusal] = {}
    for row in blobs:
        try:
            connector.coordinator.upload(row.blob)
        except _TRY_AGAIN:
            raise
        except Refusal as refusal:
            refused[row.message] = refusal
            continue
        with connector.database.writing() as connection:
            access.uploaded(connection, row.sha256)
    ready = [each for each in waiting if each.id not in refused]
    return ready, [(each, refused[each.id]) for each in waiting if each.id in refused]


def _settle(connector: Connector, answers: Sequence[tuple[Waiting, Admitted | Refusal]]) -> Flushed:
    """Write the answers down, all in one transaction."""
    sent = refused = postponed = 0
    now = connector.clock()
    if answers:
        ahead = any(isinstance(answer, FromTheFuture) for _, answer in answers)
        connector.coordinator.clock_agrees(agrees=not ahead)
    with connector.database.writing() as connection:
        for message, answer in answers:
            if isinstance(answer, Admitted):
                outbox.sent(connection, message.id, answer.receipt.raw, answer.index)
                settling.admitted(connector, connection, message, answer)
                sent += 1
            elif isinstance(answer, _TRY_AGAIN):
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
    """Keep the refusal for the operator, or say a decision of the citizen again that only waited too long."""
    if _tell_others(connector, connection, message, answer, now):
        return
    late = isinstance(answer, (TooOld, KeyNotInForce))
    decision = late and message.type.startswith(_SAY_AGAIN)
    if (decision or isinstance(answer, FromTheFuture)) and _say_again(
        connector, connection, message, answer, now
    ):
        return
    outbox.refused(connection, message.id, answer.to_problem(), "expired" if late else "refused")
    settling.refused(connector, connection, message, answer, now)


def _say_again(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> bool:
    """Sign a message anew under another id, if what it says can still be said; say whether it was."""
    row = outbox.find(connection, message.id)
    kept = statements.of_message(connection, message.id)
    try:
        again = sign_again(connector, message.raw, now, about=row.about if row else None, kept=kept)
    except Refusal:
        return False
    outbox.put(connection, again, now)
    outbox.replaced(connection, message.id, again.id, answer.to_problem())
    settling.said_again(connection, message, again)
    return True


def _tell_others(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> bool:
    """Say a change of passkeys to those who have sat down or left since it was signed; say whether it was.

    All of the case are told of it, and a passkey that was lost must not count on because somebody has just
    joined. The coordinator names whom it misses; it reads the message anyway.
    """
    if message.type not in {seat_keys.KEYS, seat_keys.ATTEST}:
        return False
    told = list(own_payload(connector, message.raw)["to"])
    to = _others(told, answer)
    if to is None:
        return False
    try:
        again = address_again(connector, message.raw, to)
    except Refusal:
        return False
    outbox.put(connection, again, now)
    outbox.replaced(connection, message.id, again.id, answer.to_problem())
    settling.said_again(connection, message, again)
    return True


def _others(told: Sequence[str], answer: Refusal) -> list[str] | None:
    """Give whom to tell instead, if the refusal was about that alone."""
    missed, gone = str(answer.facts.get("recipient", "")), str(answer.facts.get("member", ""))
    if isinstance(answer, WrongRecipients) and missed and missed not in told:
        return [each for each in told if each != COORDINATOR] + [missed]
    if isinstance(answer, NoSeat) and gone in told and gone != CITIZEN:
        return [each for each in told if each != gone] or [COORDINATOR]
    return None

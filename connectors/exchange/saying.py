"""What is said once more after a refusal that was not about what it says: later, or to others.

Takes the refused message in the transaction of its answer; says whether another one waits in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, update

from connectors.exchange import settling
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import address_again, own_payload, sign_again
from connectors.exchange.store import outbox, statements
from connectors.exchange.store.outbox import Signed, Waiting
from connectors.exchange.store.tables import statements as rows
from connectors.exchange.stored import read_payload
from schemas import statement
from schemas.errors import (
    CaseClosed,
    FromTheFuture,
    KeyNotInForce,
    MemberNotActive,
    NoSeat,
    Refusal,
    TooOld,
    WrongRecipients,
    WrongTransition,
)
from schemas.messages import case_v1
from schemas.messages.fields import CITIZEN, COORDINATOR

_DECISIONS: Final = ("consent.", "record.pass/", "record.contest/", case_v1.KEYS)
"""A citizen's decision never lapses by waiting: it is signed anew."""
_DUTIES: Final = ("record.erased/", "access.viewed/")
"""Nor does what the citizen has to be told: what was erased, and who looked."""
_ABOUT_KEYS: Final = frozenset({case_v1.KEYS, case_v1.ATTEST})
_ABOUT_THE_CASE: Final = frozenset({case_v1.LEAVE, case_v1.CLOSE, case_v1.REOPEN})
_OPPOSITE: Final = {case_v1.CLOSE: case_v1.REOPEN, case_v1.REOPEN: case_v1.CLOSE}


def said_once_more(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> bool:
    """Say a refused message to others or under a new date, where that is all it lacks."""
    if _tell_others(connector, connection, message, answer, now):
        return True
    late = isinstance(answer, (TooOld, KeyNotInForce)) and _never_lapses(connector, message)
    return (late or isinstance(answer, FromTheFuture)) and _say_again(
        connector, connection, message, answer, now
    )


def _never_lapses(connector: Connector, message: Waiting) -> bool:
    if message.type == case_v1.LEAVE:
        return connector.acts_for_citizens
    return message.type.startswith((*_DECISIONS, *_DUTIES))


def _say_again(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> bool:
    """Sign a message anew under another id, if what it says can still be said; say whether it was."""
    row = outbox.find(connection, message.id)
    try:
        kept = _asserted_anew(connector, connection, message, now)
        again = sign_again(connector, message.raw, now, about=row.about if row else None, kept=kept)
    except Refusal:
        return False
    _replace(connection, message, again, answer, now)
    return True


def _asserted_anew(
    connector: Connector, connection: Connection, message: Waiting, now: datetime
) -> Row[Any] | None:
    """Give the statement of a message, signed by our key of now: one of an ended key is not believed."""
    kept = statements.of_message(connection, message.id)
    if kept is None or kept.plaintext is None:
        return kept
    asserted = statement.attest_again(read_payload(kept.plaintext), connector.keyring.signing_key(now))
    connection.execute(update(rows).where(rows.c.id == kept.id).values(plaintext=asserted.encode()))
    return statements.of_message(connection, message.id)


def _tell_others(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> bool:
    """Say what all of a case are told to those who have sat down or left since it was signed.

    A passkey that was lost must not count on, nor a case stay open, because somebody has just come or gone.
    The coordinator names whom it misses; it reads the message anyway.
    """
    if message.type not in _ABOUT_KEYS | _ABOUT_THE_CASE:
        return False
    payload = own_payload(connector, message.raw)
    to = _others(message.type, payload, answer) or _after_its_opposite(connection, message, payload, answer)
    if to is None:
        return False
    try:
        again = address_again(connector, message.raw, to)
    except Refusal:
        return False
    _replace(connection, message, again, answer, now)
    return True


def _others(type_: str, payload: Mapping[str, Any], answer: Refusal) -> list[str] | None:
    """Give whom to tell instead, if the refusal was about that alone."""
    told: Sequence[str] = payload["to"]
    missed, gone = str(answer.facts.get("recipient", "")), str(answer.facts.get("member", ""))
    if isinstance(answer, WrongRecipients) and missed and missed not in told:
        return [each for each in told if each != COORDINATOR] + [missed]
    # Of passkeys everyone with a seat is told, whether they still take part in the exchange or not.
    left = (NoSeat,) if type_ in _ABOUT_KEYS else (NoSeat, MemberNotActive)
    if not isinstance(answer, left) or gone not in told or gone == CITIZEN:
        return None
    if isinstance(answer, NoSeat) and type_ == case_v1.LEAVE and payload["body"].get("member") == gone:
        return None  # the seat that it ends is over already
    nobody = COORDINATOR if type_ in _ABOUT_KEYS else CITIZEN
    return [each for each in told if each != gone] or [nobody]


def _after_its_opposite(
    connection: Connection, message: Waiting, payload: Mapping[str, Any], answer: Refusal
) -> list[str] | None:
    """Keep the order of closing and opening again: what was said after the other is said after it again."""
    opposite = _OPPOSITE.get(message.type)
    if opposite is None or not isinstance(answer, (WrongTransition, CaseClosed)):
        return None
    return list(payload["to"]) if outbox.comes_again(connection, message, opposite) else None


def _replace(connection: Connection, message: Waiting, again: Signed, answer: Refusal, now: datetime) -> None:
    outbox.put(connection, again, now)
    outbox.replaced(connection, message.id, again.id, answer.to_problem())
    settling.said_again(connection, message, again)

"""What waits to be sent, and what became of it.

A message is signed once and stored before it is sent; every retry sends the same bytes. Rows leave `queued`
only by an answer of the coordinator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, bindparam, func, null, or_, select, update

from connectors.exchange.store.tables import outbox
from schemas.instant import to_ms

URGENT: Final = frozenset({"consent.withdraw/1", "consent.suspend/1"})
"""Overtake everything else after an outage: until they are admitted, data may still flow."""
GRANT: Final = "consent.grant/1"
FIRST, IN_ORDER = 0, 1


@dataclass(frozen=True, slots=True)
class Signed:
    """A message as it will be sent, again and again with the same bytes."""

    id: str
    type: str
    case: str | None
    about: str | None
    raw: bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued message."""

    seq: int
    id: str
    type: str
    case: str | None
    raw: bytes
    attempts: int


_PUT = outbox.insert()


def put(connection: Connection, message: Signed, now: datetime) -> None:
    """Queue a message; nothing is sent here."""
    row = {
        "id": message.id,
        "type": message.type,
        "case": message.case,
        "about": message.about,
        "raw": message.raw,
        "sha256": message.sha256,
        "state": "queued",
        "urgency": _urgency(connection, message),
        "proven": False,
        "attempts": 0,
        "next_at": 0,
        "at": to_ms(now),
    }
    connection.execute(_PUT, row)


def _urgency(connection: Connection, message: Signed) -> int:
    """Let a withdrawal overtake other matters, but never an earlier word about the same consent.

    A withdrawal that overtook its own grant would be refused as unknown, and the grant admitted after it.
    """
    if message.type not in URGENT:
        return IN_ORDER
    ahead = and_(outbox.c.state == "queued", outbox.c.about == message.about)
    types = set(connection.scalars(select(outbox.c.type).where(ahead)))
    if GRANT in types:
        return IN_ORDER
    connection.execute(update(outbox).where(ahead).values(urgency=FIRST))
    return FIRST


def due(connection: Connection, now: datetime, limit: int) -> list[Waiting]:
    """Give what may be sent now: urgent first, then in order.

    A case waits behind its own postponed message, and words about one consent go one by one: a pause that
    overtook an earlier word about the same consent would be undone by it.
    """
    return _one_by_one(connection.execute(_DUE, {"now": to_ms(now), "most": limit}).all())


_WAITING = (
    outbox.c.seq,
    outbox.c.id,
    outbox.c.type,
    outbox.c.case,
    outbox.c.raw,
    outbox.c.attempts,
)
_POSTPONED = and_(outbox.c.state == "queued", outbox.c.next_at > bindparam("now"))
_HELD_CASES = select(outbox.c.case).where(_POSTPONED, outbox.c.case.is_not(None)).distinct()
_HELD_CONSENTS = select(outbox.c.about).where(_POSTPONED, outbox.c.about.is_not(None)).distinct()
_DUE = (
    select(*_WAITING, outbox.c.about)
    .where(outbox.c.state == "queued", outbox.c.next_at <= bindparam("now"))
    .where(or_(outbox.c.urgency == FIRST, outbox.c.case.is_(None), outbox.c.case.not_in(_HELD_CASES)))
    .where(or_(outbox.c.about.is_(None), outbox.c.about.not_in(_HELD_CONSENTS)))
    .order_by(outbox.c.urgency, outbox.c.seq)
    .limit(bindparam("most"))
)
"""Asked twenty times a second; written once, because building it takes longer than asking."""


def _one_by_one(rows: Iterable[Any]) -> list[Waiting]:
    """Take the beginning in which no consent is spoken of twice; the rest has its turn after the answers."""
    found: list[Waiting] = []
    spoken_of: set[str] = set()
    for row in rows:
        if row.about in spoken_of:
            break
        if row.about is not None:
            spoken_of.add(row.about)
        found.append(Waiting(*row[:-1]))
    return found


def sent(connection: Connection, message: str, receipt: bytes, index: int | None) -> None:
    """Keep the coordinator's promise beside the message."""
    connection.execute(_SENT, {"said": message, "promise": receipt.decode("ascii"), "place": index})


_SENT = (
    update(outbox)
    .where(outbox.c.id == bindparam("said"), outbox.c.state == "queued")
    .values(
        state="sent",
        attempts=outbox.c.attempts + 1,
        receipt=bindparam("promise"),
        log_index=bindparam("place"),
        problem=null(),
    )
)


def refused(connection: Connection, message: str, problem: Mapping[str, Any], state: str = "refused") -> None:
    """Keep the coordinator's refusal for the operator; `state` is refused or expired."""
    _settle(connection, message, state=state, problem=dict(problem))


def replaced(connection: Connection, message: str, by: str, problem: Mapping[str, Any]) -> None:
    """Note that a message waited too long and was signed anew under another id."""
    _settle(connection, message, state="replaced", replaced_by=by, problem=dict(problem))


def postponed(connection: Connection, message: str, until: datetime, problem: Mapping[str, Any]) -> None:
    """Try a message again later; it stays queued for as long as it takes."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id == message, outbox.c.state == "queued")
        .values(attempts=outbox.c.attempts + 1, next_at=to_ms(until), problem=dict(problem))
    )


def _settle(connection: Connection, message: str, **values: Any) -> None:
    connection.execute(
        update(outbox)
        .where(outbox.c.id == message, outbox.c.state == "queued")
        .values(attempts=outbox.c.attempts + 1, **values)
    )


def find(connection: Connection, message: str) -> Row[Any] | None:
    """Give one row, whatever its state."""
    return connection.execute(select(outbox).where(outbox.c.id == message)).one_or_none()


def comes_again(connection: Connection, message: Waiting, type_: str) -> bool:
    """Say whether a message of this type, said before in the same case, waits again under another id."""
    waiting = select(outbox.c.id).where(outbox.c.state == "queued", outbox.c.case == message.case)
    before = (
        outbox.c.case == message.case,
        outbox.c.type == type_,
        outbox.c.seq < message.seq,
        outbox.c.state == "replaced",
        outbox.c.replaced_by.in_(waiting),
    )
    return connection.execute(select(outbox.c.seq).where(*before).limit(1)).first() is not None


def counts(connection: Connection) -> dict[str, int]:
    """Count the messages in each state, for the operator."""
    rows = connection.execute(select(outbox.c.state, func.count()).group_by(outbox.c.state))
    return {row.state: row[1] for row in rows}


def failed(connection: Connection, limit: int = 200) -> Sequence[Row[Any]]:
    """List what the coordinator refused or what waited too long, newest first, for the operator."""
    states = outbox.c.state.in_(("refused", "expired"))
    return connection.execute(select(outbox).where(states).order_by(outbox.c.seq.desc()).limit(limit)).all()


def unproven(connection: Connection, size: int, limit: int) -> Sequence[Row[Any]]:
    """List sent messages that a log of this size must hold and was not seen to hold yet."""
    waits = and_(outbox.c.proven.is_(False), outbox.c.state == "sent", outbox.c.raw.is_not(None))
    there = or_(outbox.c.log_index.is_(None), outbox.c.log_index < size)
    return connection.execute(select(outbox).where(waits, there).order_by(outbox.c.seq).limit(limit)).all()


def proved(connection: Connection, message: str, index: int) -> None:
    """Note that the log was seen to hold a message at this index."""
    connection.execute(update(outbox).where(outbox.c.id == message).values(log_index=index, proven=True))

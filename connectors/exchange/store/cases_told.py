"""How a case and its seats stand by what was said in it, in the order of the log.

Read again when the coordinator has refused our own word, which had its effect here while it waited. Decides
by what is in this database; what others say next comes the usual way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store import cases
from connectors.exchange.store.tables import inbox, outbox, seats
from connectors.exchange.stored import read_payload
from schemas.messages import case_v1

_Place = tuple[float, int]
_QUEUED: float = inf
"""What waits comes after all that has a place; so does what was admitted and has no place yet."""


def stand_as_told(connection: Connection, case: str) -> None:
    """Let a case be open or closed by the last word about it that still counts."""
    said = _said(connection, case, case_v1.CLOSE, case_v1.REOPEN)
    closed = bool(said) and max(said)[1] == case_v1.CLOSE
    cases.set_status(connection, case, "closed" if closed else "open")


def sit_as_told(connection: Connection, case: str, member: str, us: str) -> None:
    """Give a member's seat back whose end was refused, unless another word has ended it."""
    left = [place for place, _, who in _told(connection, case, case_v1.LEAVE, us) if who == member]
    joined = [place for place, _, who in _told(connection, case, case_v1.JOIN, us) if who == member]
    if left and (not joined or max(left) > max(joined)):
        return
    for row in cases.seats_of(connection, case):
        if row.member == member and row.status == "ended":
            this = (seats.c.case == case, seats.c.kind == row.kind, seats.c.member == member)
            status = _before(connection, row, us)
            connection.execute(update(seats).where(*this).values(status=status))


def last_word(
    connection: Connection, case: str, member: str, us: str, *, before: float | None = None
) -> str | None:
    """Give the type of the last word about a member's seat, `case.invite/1` say; None if none came here.

    With `before`, of those that stand before this place in the log.
    """
    types = (case_v1.INVITE, case_v1.JOIN, case_v1.LEAVE)
    words = [
        _arrived(row) for row in _from_others(connection, case, types) if _is_about(row, row.sender, member)
    ]
    words += [_said_here(row) for row in _by_us(connection, case, types) if _is_about(row, us, member)]
    placed = [each for each in words if each.place is not None and (before is None or each.place < before)]
    last = max(placed, key=lambda each: each.place or 0, default=None)
    if before is None:
        # What was admitted may have its place here a moment later: then what arrived since comes after it.
        for each in words:
            if each.place is None and (last is None or each.waits or each.at > last.at):
                last = each
    return None if last is None else last.type


@dataclass(frozen=True, slots=True)
class _Word:
    """Something said about a seat: its place in the log if that is known, and when it came or went (ms)."""

    type: str
    place: int | None
    at: int
    waits: bool = False


def _arrived(row: Row[Any]) -> _Word:
    return _Word(row.type, row.log_index, row.received_at)


def _said_here(row: Row[Any]) -> _Word:
    return _Word(row.type, row.log_index, row.at, waits=row.state == "queued")


def _is_about(row: Row[Any], by: str, member: str) -> bool:
    return _whose(read_payload(row.raw)["body"], by) == member


def _before(connection: Connection, seat: Row[Any], us: str) -> str:
    """Say how far a seat had come: only who sits in a case is heard in it."""
    if seat.kind == "citizen":
        return "active" if seat.attested_by else "joined"
    heard = select(inbox.c.log_index).where(
        inbox.c.case == seat.case, inbox.c.sender == seat.member, inbox.c.state == "stored"
    )
    opener = cases.require(connection, seat.case).opened_by
    sits = seat.member in {us, opener} or connection.execute(heard.limit(1)).first() is not None
    return "active" if sits else "invited"


def _said(connection: Connection, case: str, *types: str) -> list[tuple[_Place, str]]:
    """List what was said of these types, each with its place."""
    return [
        *((_received(row), row.type) for row in _from_others(connection, case, types)),
        *((_sent(row), row.type) for row in _by_us(connection, case, types)),
    ]


def _told(connection: Connection, case: str, type_: str, us: str) -> list[tuple[_Place, str, str]]:
    """List who was invited, has joined or left, each with its place."""
    found = [(_received(row), row.sender, row) for row in _from_others(connection, case, (type_,))]
    found += [(_sent(row), us, row) for row in _by_us(connection, case, (type_,))]
    return [(place, by, _whose(read_payload(row.raw)["body"], by)) for place, by, row in found]


def _whose(body: Mapping[str, Any], by: str) -> str:
    """Say whose seat a word is about: of whom it names, else of who says it."""
    named = body.get("invitee", body)
    return str(named.get("member") or named.get("portal") or by)


def _from_others(connection: Connection, case: str, types: Sequence[str]) -> Sequence[Row[Any]]:
    this = (inbox.c.case == case, inbox.c.type.in_(types), inbox.c.state == "stored")
    return connection.execute(select(inbox).where(*this)).all()


def _by_us(connection: Connection, case: str, types: Sequence[str]) -> Sequence[Row[Any]]:
    this = (outbox.c.case == case, outbox.c.type.in_(types), outbox.c.state.in_(("sent", "queued")))
    return connection.execute(select(outbox).where(*this)).all()


def _received(row: Row[Any]) -> _Place:
    return (float(row.log_index), 0)


def _sent(row: Row[Any]) -> _Place:
    return (_QUEUED if row.log_index is None else float(row.log_index), row.seq)

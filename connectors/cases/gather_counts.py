"""Counts for lists of cases: a handful of grouped queries for a whole page of them, no message is read.

With `gather` the only file of cases that knows SQL. It gives plain numbers by case; `summary` says what they
mean for a seat.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, func, or_, select

from connectors.exchange.store.contests import CONTEST
from connectors.exchange.store.tables import (
    cases,
    consent_requests,
    consents,
    emergencies,
    inbox,
    invitations,
    outbox,
    requests,
    seats,
    statements,
)
from schemas.consent_life import ANSWER_WITHIN
from schemas.instant import from_ms, to_ms

Counts = Mapping[str, int]
UNDELIVERED: Final = ("refused", "expired")


def page_of_cases(
    connection: Connection, *, status: str | None, only: Collection[str] | None, limit: int, offset: int
) -> Sequence[Row[Any]]:
    """Give a page of cases, the newest first; `only` restricts to these ids."""
    wanted = select(cases).order_by(cases.c.opened_at.desc(), cases.c.id).limit(limit).offset(offset)
    if status is not None:
        wanted = wanted.where(cases.c.status == status)
    if only is not None:
        wanted = wanted.where(cases.c.id.in_(only))
    return connection.execute(wanted).all()


def open_decisions(connection: Connection, ids: Collection[str], now: datetime) -> Counts:
    """Count what the citizen was asked and can still answer: in time, and in a case that is open."""
    return _count(connection, consent_requests, ids, _answerable(now))


def _answerable(now: datetime) -> ColumnElement[bool]:
    """What waits for an answer at `now`, by the rule by which a late one is refused (consent_life)."""
    return and_(
        consent_requests.c.state == "open",
        consent_requests.c.at > to_ms(now - ANSWER_WITHIN),
        consent_requests.c.case.in_(select(cases.c.id).where(cases.c.status == "open")),
    )


def for_a_person(connection: Connection, ids: Collection[str]) -> Counts:
    """Count requests for records that wait for a person of ours."""
    return _count(connection, requests, ids, requests.c.state == "needs_a_person")


def to_attest(connection: Connection, ids: Collection[str]) -> Counts:
    """Count citizens whose code did not fit and who have to be attested face to face."""
    return _count(connection, invitations, ids, invitations.c.state == "needs_a_person")


def contested(connection: Connection, ids: Collection[str]) -> Counts:
    """Count records with a contest that is not settled."""
    return _count(
        connection, statements, ids, and_(statements.c.contested.is_(True), statements.c.type != CONTEST)
    )


def to_settle(connection: Connection, ids: Collection[str]) -> Counts:
    """Count records of our own with a contest that is not settled."""
    return _count(
        connection, statements, ids, and_(statements.c.contested.is_(True), statements.c.mine.is_(True))
    )


def in_force(connection: Connection, ids: Collection[str], *, until: datetime | None = None) -> Counts:
    """Count permissions in force, or those that end before `until`."""
    granted = and_(consents.c.status == "granted", consents.c.proven.is_(True))
    if until is not None:
        granted = and_(granted, consents.c.valid_until <= to_ms(until))
    return _count(connection, consents, ids, granted)


def open_emergencies(connection: Connection, ids: Collection[str], now: datetime) -> Counts:
    """Count emergencies that are open now."""
    return _count(connection, emergencies, ids, emergencies.c.until > to_ms(now))


def undelivered(connection: Connection, ids: Collection[str]) -> Counts:
    """Count messages of ours that were refused or came too late."""
    return _count(connection, outbox, ids, outbox.c.state.in_(UNDELIVERED))


def organisations(connection: Connection, ids: Collection[str]) -> Counts:
    """Count the organisations that sit in each case."""
    return _count(connection, seats, ids, and_(seats.c.kind == "agency", seats.c.status == "active"))


def unanswered(connection: Connection, ids: Collection[str], kind: str) -> frozenset[str]:
    """Give the cases in which the newest statement of a type is another's and not ours."""
    newest = (
        select(statements.c.case, statements.c.mine, func.max(statements.c.at))
        .where(statements.c.case.in_(ids), statements.c.type == kind)
        .group_by(statements.c.case, statements.c.mine)
    )
    at = {(row[0], bool(row[1])): row[2] for row in connection.execute(newest)}
    return frozenset(id for (id, mine), said in at.items() if not mine and said > at.get((id, True), -1))


def last_heard(connection: Connection, ids: Collection[str]) -> Mapping[str, datetime]:
    """Give when something last happened in each case, by our own clock."""
    found: dict[str, int] = {}
    for table, column in ((inbox, inbox.c.received_at), (outbox, outbox.c.at)):
        newest = select(table.c.case, func.max(column)).where(table.c.case.in_(ids)).group_by(table.c.case)
        for row in connection.execute(newest):
            found[row[0]] = max(found.get(row[0], 0), row[1])
    return {id: from_ms(at) for id, at in found.items()}


def _count(connection: Connection, table: Table, ids: Collection[str], which: ColumnElement[bool]) -> Counts:
    counted = select(table.c.case, func.count()).where(table.c.case.in_(ids), which).group_by(table.c.case)
    return {row[0]: row[1] for row in connection.execute(counted)}


def with_work(connection: Connection, *, citizen: bool, now: datetime, soon: datetime) -> frozenset[str]:
    """Give the cases of the whole store in which something waits for the seats that are held here."""
    looked_for: list[Select[Any]] = [
        select(outbox.c.case).where(outbox.c.state.in_(UNDELIVERED), outbox.c.case.is_not(None)),
        select(consents.c.case).where(consents.c.status == "granted", consents.c.valid_until <= to_ms(soon)),
    ]
    if citizen:
        looked_for.append(select(consent_requests.c.case).where(_answerable(now)))
    else:
        looked_for += [
            select(requests.c.case).where(requests.c.state == "needs_a_person"),
            select(invitations.c.case).where(
                or_(
                    invitations.c.state == "needs_a_person",
                    and_(invitations.c.state == "open", invitations.c.direction == "received"),
                )
            ),
            select(statements.c.case).where(statements.c.contested.is_(True), statements.c.mine.is_(True)),
        ]
    return frozenset(id for each in looked_for for id in connection.scalars(each.distinct()))

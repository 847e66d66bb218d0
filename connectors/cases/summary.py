"""Lists of cases with what waits in each, for home and work pages: no case is folded for it.

The numbers come from the connector's tables, so they are as exact as those; a case's own page, which folds
it, has the last word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.cases import gather_counts as counts
from connectors.cases.permissions import SOON
from connectors.exchange.connector import Connector
from schemas.instant import from_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One case in a list; `waits` is how many things wait for the seat that reads the list."""

    id: str
    status: str
    opened_at: datetime
    last_at: datetime
    organisations: int
    decisions: int
    """What the citizen was asked and can still answer: theirs to do, or the agency's to wait for."""
    for_a_person: int
    to_attest: int
    contested: int
    to_settle: int
    """Contested records of our own: those wait for our correction."""
    messages_to_answer: int
    """1 where the newest message is another's; the case's own page knows whether it asks something."""
    outcomes_to_answer: int
    permissions: int
    permissions_ending: int
    emergencies: int
    not_delivered: int
    waits: int


@dataclass(frozen=True, slots=True)
class Summaries:
    """A page of summaries, and whether there are more."""

    cases: tuple[Summary, ...]
    more: bool


def summaries(
    connection: Connection,
    connector: Connector,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    status: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Summaries:
    """Give a page of cases, newest first; `only` are the cases that the reader may see at all.

    A portal passes the cases of the person who is signed in: it holds those of many citizens.
    """
    rows = counts.page_of_cases(connection, status=status, only=only, limit=limit + 1, offset=offset)
    shown = rows[:limit]
    ids = [row.id for row in shown]
    numbers = _numbers(connection, ids, now)
    heard = counts.last_heard(connection, ids)
    found = []
    for row in shown:
        own = {name: each[row.id] for name, each in numbers.items()}
        if row.status == "closed":
            own["outcomes_to_answer"] = 0  # whether help arrived is said in open cases alone
        found.append(_summary(row, heard.get(row.id), own, citizen=connector.acts_for_citizens))
    return Summaries(tuple(found), len(rows) > limit)


def _numbers(connection: Connection, ids: Collection[str], now: datetime) -> Mapping[str, Counter[str]]:
    """Give each number by case; what is not counted is none."""
    counted: Mapping[str, Mapping[str, int]] = {
        "organisations": counts.organisations(connection, ids),
        "decisions": counts.open_decisions(connection, ids, now),
        "for_a_person": counts.for_a_person(connection, ids),
        "to_attest": counts.to_attest(connection, ids),
        "contested": counts.contested(connection, ids),
        "to_settle": counts.to_settle(connection, ids),
        "messages_to_answer": dict.fromkeys(counts.unanswered(connection, ids, "message.send/1"), 1),
        "outcomes_to_answer": dict.fromkeys(counts.unanswered(connection, ids, "outcome.give/1"), 1),
        "permissions": counts.in_force(connection, ids),
        "permissions_ending": counts.in_force(connection, ids, until=now + SOON),
        "emergencies": counts.open_emergencies(connection, ids, now),
        "not_delivered": counts.undelivered(connection, ids),
    }
    return {name: Counter(by_case) for name, by_case in counted.items()}


def _summary(row: Row[Any], heard: datetime | None, own: Mapping[str, Any], *, citizen: bool) -> Summary:
    opened = from_ms(row.opened_at)
    return Summary(
        id=row.id,
        status=row.status,
        opened_at=opened,
        last_at=max(opened, heard or opened),
        waits=sum(own[name] for name in (_CITIZENS if citizen else _AGENCYS)),
        **own,
    )


_BOTH: Final = ("messages_to_answer", "outcomes_to_answer", "permissions_ending", "not_delivered")
_CITIZENS: Final = ("decisions", *_BOTH)
_AGENCYS: Final = ("for_a_person", "to_attest", "to_settle", *_BOTH)
"""What each seat has to do: the citizen decides, an agency answers and puts right."""


def cases_with_work(connection: Connection, connector: Connector, now: datetime) -> frozenset[str]:
    """Give the cases in which something waits for a seat held here, besides messages and results."""
    return counts.with_work(connection, citizen=connector.acts_for_citizens, now=now, soon=now + SOON)

"""Mandates as pages list them: those by which others act for the visitor, and by which the visitor acts.

Takes rows of the visitor's own mandates; names only the two people between whom one stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.pages.languages import day
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal import accounts as rules
from connectors.portal.accounts import Visitor
from connectors.portal.acting import mandates
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.acting import words as acting_words
from connectors.portal.acting.rules import KINDS
from connectors.portal.store import accounts
from connectors.portal.store import mandates as stored
from schemas import instant
from schemas.instant import from_ms

_ENDED: Final = {
    "principal": N_("You ended it."),
    "delegate": N_("They gave it back."),
    "staff": N_("Our staff ended it."),
    "time": N_("Its time was over."),
    "of_age": N_("It ended because you came of age."),
}
_ENDED_HELD: Final = {
    "principal": N_("They ended it."),
    "delegate": N_("You gave it back."),
    "staff": N_("Our staff ended it."),
    "time": N_("Its time was over."),
    "of_age": N_("It ended because they came of age."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One mandate; `who` is the other person, None where nobody has come yet or no name is known."""

    id: str
    kind: str
    who: str | None
    can: list[str]
    cannot: list[str]
    cases: list[str] | None
    """The names of the cases it is for, None for all."""
    kept_from: list[str]
    """The names of the cases that staff keep from whoever acts; only the person is told which."""
    case_count: int
    since: datetime
    until: datetime
    state: str
    """invited, active or ended, by the clock of now."""
    given: bool
    """Whether the person gave it; otherwise staff entered it."""
    checked: str
    joint: bool
    may_end: bool
    may_renew: bool
    code_until: datetime | None
    ended: str
    ended_at: datetime | None
    held_until: datetime | None
    """Until when the person is not told what is done by it; the person themselves is not told this either."""
    new: int
    """What was done by it and the person has not seen yet."""


def for_me(connection: Connection, visitor: Visitor, now: datetime) -> list[Card]:
    """List the mandates by which others act for the visitor, newest first."""
    labels = case_names(connection, visitor.account)
    new = _new(connection, visitor, now)
    return [
        _card(connection, row, row.delegate, labels, now, ended=_ENDED, new=new.get(row.id, 0))
        for row in stored.given_by(connection, visitor.account)
    ]


def by_me(connection: Connection, account: str, now: datetime) -> list[Card]:
    """List the mandates by which an account acts for others, newest first."""
    return [
        replace(
            _card(connection, row, row.principal, {}, now, ended=_ENDED_HELD),
            held_until=from_ms(row.safeguarding["review_at"])
            if mandate_rules.held_back(row.safeguarding, now)
            else None,
        )
        for row in stored.held_by(connection, account)
    ]


def case_names(connection: Connection, account: str) -> dict[str, str]:
    """Give what an account's cases are called, by their ids, newest first."""
    return {
        row.case: row.label or _("Case of %(date)s", date=day(row.joined_at))
        for row in accounts.cases_of(connection, account)
    }


def _new(connection: Connection, visitor: Visitor, now: datetime) -> dict[str, int]:
    counted: dict[str, int] = {}
    for row in mandates.shown_deeds(connection, visitor, now):
        if row.seen_at is None and row.mandate is not None:
            counted[row.mandate] = counted.get(row.mandate, 0) + 1
    return counted


def _card(
    connection: Connection,
    row: Row[Any],
    other: str | None,
    labels: Mapping[str, str],
    now: datetime,
    *,
    ended: Mapping[str, str],
    new: int = 0,
) -> Card:
    person = None if other is None else accounts.find(connection, other)
    given, state = row.created_by == row.principal, _state(row, now)
    return Card(
        id=row.id,
        kind=row.kind,
        who=None if person is None else person.name,
        can=acting_words.powers(row.powers),
        cannot=acting_words.missing(row.powers),
        cases=None if row.cases is None else _named(row.cases, labels),
        kept_from=_kept_from(row, labels),
        case_count=len(row.cases or ()),
        since=from_ms(row.valid_from),
        until=from_ms(row.valid_until),
        state=state,
        given=given,
        checked=_checked(row.evidence),
        joint=row.joint,
        may_end=state != "ended" and not KINDS[row.kind].rests_on_law,
        may_renew=state == "active" and given,
        code_until=None if row.code_until is None else from_ms(row.code_until),
        ended=_(ended[_why(row, now)]) if state == "ended" else "",
        ended_at=None if row.ended_at is None else from_ms(row.ended_at),
        held_until=None,
        new=new,
    )


def _kept_from(row: Row[Any], labels: Mapping[str, str]) -> list[str]:
    if row.shielded is None:
        return []
    return _named(row.shielded["cases"] if row.shielded["cases"] is not None else list(labels), labels)


def _named(cases: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    return [labels[case] for case in cases if case in labels]


def _state(row: Row[Any], now: datetime) -> str:
    """Give the state by the clock: what ran out a second ago has ended, whether it was tidied up or not."""
    standing = rules.standing_of(row)
    if row.status == "active" and not mandate_rules.in_force(standing, now):
        return "ended"
    lapsed = row.status == "invited" and row.code_until is not None and from_ms(row.code_until) <= now
    return "ended" if lapsed else str(row.status)


def _why(row: Row[Any], now: datetime) -> str:
    if row.ended_by == row.principal:
        return "principal"
    if row.ended_by is not None and row.ended_by == row.delegate:
        return "delegate"
    if row.ended_by == mandates.STAFF:
        return "staff"
    # By the clock, which may not have come by yet to write it down.
    grown = row.ended_by is None and row.of_age_on is not None and from_ms(row.of_age_on) <= now
    return "of_age" if grown or row.end_reason == "of_age" else "time"


def _checked(evidence: Mapping[str, Any]) -> str:
    """Say where staff checked it, and when."""
    if not evidence:
        return ""
    try:
        when = day(instant.parse(str(evidence["checked_at"])))
    except (KeyError, ValueError):
        return str(evidence.get("register", ""))
    return _("%(register)s, checked on %(date)s", register=evidence["register"], date=when)

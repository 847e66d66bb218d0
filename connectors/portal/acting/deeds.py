"""What others did for the visitor, as lines for a page: who, what, when, where to see it, whether it is new.

Takes rows that `mandates.shown_deeds` let through; what is held back for safety is not among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for
from sqlalchemy import Connection, Row

from connectors.pages.languages import gettext as _
from connectors.portal.acting import coming_of_age
from connectors.portal.acting import words as acting_words
from connectors.portal.pages.places import case_page
from connectors.portal.portal import portal
from connectors.portal.store import accounts, deeds
from connectors.portal.visiting import visitor

_ON_PERMISSIONS: Final = frozenset(
    {
        *("consent.grant", "consent.withdraw", "consent.suspend", "consent.resume", "consent.resume.agree"),
        coming_of_age.PAUSED,
    }
)
_ON_REQUESTS: Final = frozenset({"consent.refuse", "consent.agree", "consent.offer"})


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was done."""

    text: str
    at: int
    new: bool
    href: str | None


def lines(connection: Connection, rows: Sequence[Row[Any]]) -> list[Done]:
    """Put deeds into words, in the order given."""
    people = {row.by_account for row in rows if row.by_account is not None}
    named = {account: _name(connection, account) for account in people}
    return [
        Done(
            text=f"{_by(row, named)} {acting_words.deed(row.act)}",
            at=row.at,
            new=row.seen_at is None,
            href=_place(row),
        )
        for row in rows
    ]


def _name(connection: Connection, account: str) -> str | None:
    person = accounts.find(connection, account)
    return None if person is None else person.name


def _by(row: Row[Any], named: Mapping[str, str | None]) -> str:
    if row.by_account is not None:
        return named[row.by_account] or _("A person who acts for you")
    return _("Our staff") if row.by_kind == "staff" else _("The passing of time")


def _place(row: Row[Any]) -> str | None:
    if row.act in _ON_PERMISSIONS and row.about:
        return url_for("permissions.show", consent_id=row.about)
    if row.act in _ON_REQUESTS and row.about:
        return url_for("deciding.show", request_id=row.about)
    return case_page(row.case) if row.case else None


def see(rows: Sequence[Row[Any]]) -> None:
    """Note that these were seen by the visitor."""
    new = [row.id for row in rows if row.seen_at is None]
    if new:
        with portal().connector.database.writing() as connection:
            deeds.seen(connection, visitor().account, new, portal().now())

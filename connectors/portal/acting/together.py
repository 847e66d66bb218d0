"""A decision that two people make together, as one of them sees it: what each has said so far.

Takes what `joint` has kept, gives it for pages. Nobody is named: one holder may be hiding from the other
(consent research §3, rule g). It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from connectors.exchange.store import consents
from connectors.portal import accounts
from connectors.portal.accounts import Visitor
from connectors.portal.acting import joint
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.deciding import closing
from connectors.portal.store import joint_decisions, mandates
from schemas.errors import Refusal

Word = Literal["nothing", "yes", "no"]
_CHANGED: Final = "ended"
"""The state of what was said by people who do not decide any more."""
_DECIDED: Final = frozenset({"agreed", "refused"})
"""States in which it stands how two decided, whoever decides now."""


@dataclass(frozen=True, slots=True)
class Together:
    """What the visitor and the other have said of one request."""

    mine: Word
    others: Word
    added: tuple[str, ...]
    """The optional fields in the yes that was said."""
    shorter: str | None
    """The earlier end in the yes that was said, by its name in the form."""
    not_here_yet: bool
    """Whether somebody who decides too has been invited and has not come: until then no yes is whole."""


def on_request(
    connection: Connection, visitor: Visitor, request: str, case: str, now: datetime
) -> Together | None:
    """Give how a request stands between two who decide; None where the visitor decides alone."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return None
    row = joint_decisions.find(connection, request)
    decided = row is not None and row.state in _DECIDED
    if not decided and not joint.needed(connection, visitor, case, now):
        return None
    awaited = not decided and joint.not_here_yet(connection, visitor.principal, case, now)
    return _standing(visitor, row, not_here_yet=awaited)


def _standing(visitor: Visitor, row: Row[Any] | None, *, not_here_yet: bool) -> Together:
    if row is None or row.state == _CHANGED:
        return Together("nothing", "nothing", (), None, not_here_yet)
    agreed, disagreed = set(row.agreed), set(row.disagreed)
    said = row.decision if agreed else {}
    return Together(
        mine=_word(visitor.account in disagreed, visitor.account in agreed),
        others=_word(bool(disagreed - {visitor.account}), bool(agreed - {visitor.account})),
        added=tuple(said.get("added", ())),
        shorter=said.get("shorter"),
        not_here_yet=not_here_yet,
    )


def _word(no: bool, yes: bool) -> Word:  # noqa: FBT001 - two facts about one person
    return "no" if no else "yes" if yes else "nothing"


def on_act(connection: Connection, visitor: Visitor, matter: joint.Matter, now: datetime) -> Together | None:
    """Give how another act stands between two who decide: about a permission, or a release.

    None where the visitor decides alone; nobody has said anything where another decision is kept.
    """
    if not joint.needed(connection, visitor, matter.case, now):
        return None
    row = joint_decisions.find(connection, matter.about)
    agreed = set() if row is None else joint.said_yes(row, matter)
    others = joint.others(connection, visitor, matter.case, now)
    return Together(  # a no is never kept here: it is a pause, or a stop, at once
        mine=_word(False, visitor.account in agreed),
        others=_word(False, bool(agreed & others)),
        added=(),
        shorter=None,
        not_here_yet=joint.not_here_yet(connection, visitor.principal, matter.case, now),
    )


# --- what waits -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pending:
    """A yes that waits for another: on which request, since when, and whether the visitor said theirs.

    A yes to letting a permission go on goes by the request from which it came.
    """

    request: str
    at: int
    mine: bool


def pending(connection: Connection, visitor: Visitor, now: datetime) -> list[Pending]:
    """List requests that wait between two who decide, in the cases that the visitor may see, oldest first.

    Only for one of the two: who decides alone, or only looks, is asked nothing by it.
    """
    if visitor.mandate is None or not visitor.mandate.joint:
        return []
    return list(_open(connection, visitor, now))


def _open(connection: Connection, visitor: Visitor, now: datetime) -> Iterable[Pending]:
    for row in joint_decisions.pending(connection, visitor.principal):
        asked = _asked(connection, row)
        if asked is None or not row.agreed or closing.is_closed(connection, asked.case):
            continue
        try:
            accounts.may(connection, visitor, asked.case, "grant", now)
        except Refusal:
            continue
        yield Pending(asked.id, row.at, visitor.account in row.agreed)


def _asked(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    """Give the request that a yes is about, or from which came the permission that is to go on.

    Records that are seen first are not among them: they wait for each of the two in their own words.
    """
    asked = consents.request(connection, row.request)
    if asked is not None:
        return asked if asked.state == "open" else None
    consent = consents.find(connection, row.request)
    if consent is None or consent.status != "suspended" or row.decision != joint.going_on(consent).decision:
        return None
    return consents.request(connection, str(consent.document.get("request")))


def to_go_on(connection: Connection, visitor: Visitor, request: str, now: datetime) -> str | None:
    """Give the paused permission that came of a request, if one of the two wants it to go on."""
    asked = consents.request(connection, request)
    if asked is None or all(each.request != request for each in pending(connection, visitor, now)):
        return None
    paused = [row for row in consents.of_case(connection, asked.case) if row.status == "suspended"]
    return next((str(row.id) for row in paused if row.document.get("request") == request), None)


@dataclass(frozen=True, slots=True)
class _As:
    """The visitor as they would be if they acted by one of their mandates."""

    account: str
    mandate: Row[Any]

    @property
    def principal(self) -> str:
        return str(self.mandate.principal)


def elsewhere(connection: Connection, account: str, now: datetime) -> dict[str, list[Pending]]:
    """Give what waits for an account by each mandate that it holds with another, by the mandate's id."""
    found = {}
    for row in mandates.held_by(connection, account):
        if row.joint and mandate_rules.in_force(accounts.standing_of(row), now):
            waits = [each for each in pending(connection, _As(account, row), now) if not each.mine]
            if waits:
                found[str(row.id)] = waits
    return found

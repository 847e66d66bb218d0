"""A decision that two people make together, as one of them sees it: what each has said so far.

Takes what `joint` has kept, gives it for pages. Nobody is named: one holder may be hiding from the other
(as in rule 4A.15 of the Australian Consumer Data Right). It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row

from connectors.exchange.store import cases, consents, previews
from connectors.portal import accounts
from connectors.portal.accounts import Visitor
from connectors.portal.acting import joint
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.deciding import closing
from connectors.portal.errors import NotYours
from connectors.portal.store import joint_decisions, mandates
from schemas.errors import Refusal

Word = Literal["nothing", "yes", "no"]
_CHANGED: Final = "ended"
"""The state of what was said by people who do not decide any more."""
TAKING_PART: Final = frozenset({"active", "invited", "joined"})
"""States of a seat in which nobody is invited to it a second time."""
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
    agreed = set() if row is None else joint.said_yes(row, matter, now)
    others = joint.others(connection, visitor, matter.case, now)
    return Together(  # a no to these is a pause, a stop, or the end of the wish, at once
        mine=_word(False, visitor.account in agreed),
        others=_word(False, bool(agreed & others)),
        added=(),
        shorter=None,
        not_here_yet=joint.not_here_yet(connection, visitor.principal, matter.case, now),
    )


# --- what waits -------------------------------------------------------------------------------------


Act = Literal["grant", "resume", "pass", "invite", "reopen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A yes that waits for another: to what, in which case, since when, whether the visitor said theirs."""

    act: Act
    about: str
    """What it is said of, by its id: the request, permission, release, or the wish itself."""
    case: str
    at: int
    mine: bool
    request: str | None = None
    """The request that is answered, or from which came the permission that is to go on."""
    member: str | None = None
    """Who is to be invited."""


def pending(connection: Connection, visitor: Visitor, now: datetime) -> list[Pending]:
    """List what waits between two who decide, in the cases that the visitor may see, oldest first.

    Only for one of the two: who decides alone, or only looks, is asked nothing by it.
    """
    if visitor.mandate is None or not visitor.mandate.joint:
        return []
    return list(_open(connection, visitor, now))


def _open(connection: Connection, visitor: Visitor, now: datetime) -> Iterable[Pending]:
    for row in joint_decisions.pending(connection, visitor.principal):
        found = _waiting(connection, row, visitor.account)
        if found is None or not row.agreed or now >= joint.lapses_at(row):
            continue
        if closing.is_closed(connection, found.case) is not (found.act == "reopen"):
            continue
        try:
            accounts.may(connection, visitor, found.case, "grant", now)
        except Refusal:
            continue
        yield found


def _waiting(connection: Connection, row: Row[Any], account: str) -> Pending | None:
    """Give what a row says yes to; None where that cannot be done any more, or was done by somebody else."""
    about: dict[str, Any] = {"about": str(row.request), "at": int(row.at), "mine": account in row.agreed}
    if asked := consents.request(connection, row.request):
        return (
            Pending(act="grant", case=asked.case, request=asked.id, **about)
            if asked.state == "open"
            else None
        )
    if consent := consents.find(connection, row.request):
        if consent.status != "suspended" or row.decision != joint.going_on(consent).decision:
            return None
        request = consent.document.get("request")
        return Pending(act="resume", case=consent.case, request=request, **about)
    if preview := previews.find(connection, row.request):
        return Pending(act="pass", case=preview.case, **about) if preview.state == "waiting" else None
    return _wish(connection, row.decision, about)


def _wish(connection: Connection, wanted: Mapping[str, Any], about: dict[str, Any]) -> Pending | None:
    """Read what has no row in the exchange's tables yet: an invitation, opening a case again."""
    if wanted.get("act") == "reopen":
        return Pending(act="reopen", case=wanted["case"], **about)
    if wanted.get("act") != "invite":
        return None
    seat = cases.seat(connection, wanted["case"], "agency", wanted["member"])
    if seat is not None and seat.status in TAKING_PART:
        return None
    return Pending(act="invite", case=wanted["case"], member=wanted["member"], **about)


def to_go_on(connection: Connection, visitor: Visitor, request: str, now: datetime) -> str | None:
    """Give the paused permission that came of a request, if one of the two wants it to go on."""
    asked = consents.request(connection, request)
    if asked is None or all(each.request != request for each in pending(connection, visitor, now)):
        return None
    paused = [row for row in consents.of_case(connection, asked.case) if row.status == "suspended"]
    return next((str(row.id) for row in paused if row.document.get("request") == request), None)


# --- one wish, and what became of it ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An invitation, or opening a case again, that one of two wants.

    state: waits (for one of the two), refused (one said no, or took their yes back), done, over (too late,
    or it cannot be done any more).
    """

    about: str
    act: Act
    case: str
    member: str | None
    state: Literal["waits", "refused", "done", "over"]
    mine: bool
    """Whether the visitor said yes."""
    mine_no: bool
    """Whether the visitor said no."""
    at: int
    until: datetime


def wish(connection: Connection, visitor: Visitor, about: str, now: datetime) -> Wish:
    """Give one wish of those who decide together; raise NotYours for any other, else as `may` does."""
    row = joint_decisions.find(connection, about)
    if row is None or row.account != visitor.principal or "case" not in row.decision:
        raise NotYours
    if visitor.mandate is None or not visitor.mandate.joint:
        raise NotYours
    accounts.may(connection, visitor, str(row.decision["case"]), "view", now)
    return _wished(connection, row, visitor, now)


def declined(connection: Connection, visitor: Visitor, now: datetime) -> list[Wish]:
    """List the wishes of late that one of those who decide together said no to, newest first."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return []
    found = []
    for row in joint_decisions.declined(connection, visitor.principal, now - joint.COUNTS_FOR):
        if "case" in row.decision:
            try:
                accounts.may(connection, visitor, str(row.decision["case"]), "view", now)
            except Refusal:
                continue
            found.append(_wished(connection, row, visitor, now))
    return found


def _wished(connection: Connection, row: Row[Any], visitor: Visitor, now: datetime) -> Wish:
    waits = _waiting(connection, row, visitor.account)
    still = waits is not None and closing.is_closed(connection, waits.case) is (waits.act == "reopen")
    state: Literal["waits", "refused", "done", "over"] = "over"
    if row.state == "refused":
        state = "refused"
    elif row.state == "agreed":
        state = "done"
    elif row.state == "pending" and row.agreed and still and now < joint.lapses_at(row):
        state = "waits"
    return Wish(
        about=row.request,
        act=row.decision["act"],
        case=row.decision["case"],
        member=row.decision.get("member"),
        state=state,
        mine=visitor.account in row.agreed,
        mine_no=visitor.account in row.disagreed,
        at=row.at,
        until=joint.lapses_at(row),
    )


# --- while one acts for nobody ----------------------------------------------------------------------


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

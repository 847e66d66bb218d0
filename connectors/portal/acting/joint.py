"""Two holders of parental responsibility: a yes is sent when both agree, a no is sent when one says it.

A conflict means no, until both agree or an authority decides. So it is for
what widens the sharing as a yes does: letting a paused permission go on, passing a record on, inviting an
organisation, opening a closed case again. Taking back, refusing, pausing, ending and closing need one alone.
It sends nothing; it says what is to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, Row

from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.store import consents
from connectors.portal import accounts as deciding
from connectors.portal.accounts import Visitor
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.errors import NotYours
from connectors.portal.mail import queue
from connectors.portal.mail.queue import Cause
from connectors.portal.store import joint_decisions, mandates
from schemas.consent_life import ANSWER_WITHIN
from schemas.instant import from_ms, to_ms

COUNTS_FOR: Final = ANSWER_WITHIN
"""How long a yes waits for the other, as a request does: nobody is held to what they wanted long ago."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is decided together: a request, permission, release or wish by its id, its case, and what exactly.

    Two yeses count together only when both are to the same `decision`: what is added, until when.
    """

    about: str
    case: str
    decision: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a joint decision stands; on `agreed` the caller brings the yes, with this decision."""

    state: str
    decision: Mapping[str, Any]
    waits_for: tuple[str, ...]
    """The holders who have not said yes yet, by account."""
    is_new: bool = True
    """Whether the visitor had not said the same before."""

    @property
    def both_agree(self) -> bool:
        """Whether the yes can be brought."""
        return self.state == "agreed"


def holders(connection: Connection, principal: str, case: str, now: datetime) -> frozenset[str]:
    """Give who has to agree to a yes in a case: all who hold joint responsibility with the power for it."""
    return frozenset(
        str(row.delegate)
        for row in mandates.in_force(connection, principal, now)
        if row.joint
        and mandate_rules.in_force(deciding.standing_of(row), now)
        and "grant" in row.powers
        and mandate_rules.reaches(row, case)
    )


def others(connection: Connection, visitor: Visitor, case: str, now: datetime) -> frozenset[str]:
    """Give who has to agree besides the visitor, by account."""
    return holders(connection, visitor.principal, case, now) - {visitor.account}


def not_here_yet(connection: Connection, principal: str, case: str, now: datetime) -> bool:
    """Say whether a holder was invited and can still come: nobody decides alone by being first."""
    return any(
        row.joint
        and row.status == "invited"
        and row.code_until > to_ms(now)
        and "grant" in row.powers
        and mandate_rules.reaches(row, case)
        for row in mandates.given_by(connection, principal)
    )


def needed(connection: Connection, visitor: Visitor, case: str, now: datetime) -> bool:
    """Say whether the visitor's yes waits for another: they hold a responsibility together with others."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return False
    return bool(others(connection, visitor, case, now)) or not_here_yet(
        connection, visitor.principal, case, now
    )


def decides_alone(connection: Connection, visitor: Visitor, now: datetime) -> list[str]:
    """List the cases in which the visitor decides alone because they are kept from the others who would."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return []
    kept_from_some = [
        row
        for row in mandates.in_force(connection, visitor.principal, now)
        if row.joint and row.delegate != visitor.account and row.shielded is not None
    ]
    if not kept_from_some:
        return []
    seen = deciding.visible_cases(connection, visitor, now)
    return [row.case for row in seen if not needed(connection, visitor, row.case, now)]


def agree(connection: Connection, visitor: Visitor, matter: Matter, now: datetime) -> Standing:
    """Say yes to a request as one of several: sent only once all have said yes to the same.

    Another decision than the one before begins anew. Raises as `may` does, and AlreadyDecided after a no or
    an answer. An agreement that was not sent is given again, so that nothing stays stuck half-way.
    """
    _check(connection, visitor, matter.about, matter.case, "grant", now)
    row = _begin(connection, visitor, matter.about, matter.decision, now)
    if row.state == "refused":
        raise AlreadyDecided("One of you has said no.", request=matter.about)
    if row.state == "agreed" and row.decision == dict(matter.decision):
        return Standing("agreed", dict(row.decision), ())
    return _count(connection, visitor, row, matter, now)


def agree_on(connection: Connection, visitor: Visitor, matter: Matter, now: datetime) -> Standing:
    """Say yes, as one of several, to what widens the sharing and is no request: `going_on` and those below.

    Its decision says what exactly: whoever pauses anew makes another one of it, so that no earlier yes
    counts. Raises as `may` does. Whether there is something to decide is the caller's to check.
    """
    deciding.may(connection, visitor, matter.case, "grant", now)
    row = joint_decisions.begin(
        connection, matter.about, account=visitor.principal, decision=matter.decision, now=now
    )
    if row.account != visitor.principal:
        raise NotYours
    return _count(connection, visitor, row, matter, now)


def going_on(consent: Row[Any]) -> Matter:
    """Give what two say yes to when a permission goes on: the end of this one pause, and of no later one."""
    return Matter(consent.id, consent.case, {"act": "resume", "paused_at": consent.status_at})


def passing(preview: Row[Any]) -> Matter:
    """Give what two say yes to when a record goes on: it never changes, so that there is no more to say."""
    return Matter(preview.release, preview.case, {"act": "pass"})


def inviting(case: str, member: str) -> Matter:
    """Give what two say yes to when an organisation is to be invited into a case."""
    return _wish(case, {"act": "invite", "case": case, "member": member})


def reopening(case: str, closed_at: datetime | None) -> Matter:
    """Give what two say yes to when a closed case is to be opened: after this closing, and no later one."""
    closed = None if closed_at is None else to_ms(closed_at)
    return _wish(case, {"act": "reopen", "case": case, "closed_at": closed})


def _wish(case: str, decision: Mapping[str, Any]) -> Matter:
    """Name what has no id of its own, the same each time: two who want the same meet in one row."""
    name = f"accord:{decision['act']}:{case}:{decision.get('member', '')}"
    return Matter(str(uuid5(NAMESPACE_URL, name)), case, decision)


def _count(
    connection: Connection, visitor: Visitor, row: Row[Any], matter: Matter, now: datetime
) -> Standing:
    """Add the visitor's yes to those before it; it is whole when everybody who has to agree has."""
    everybody = holders(connection, visitor.principal, matter.case, now) | {visitor.account}
    before = said_yes(row, matter, now) & everybody
    agreed = before | {visitor.account}
    whole = agreed == everybody and not not_here_yet(connection, visitor.principal, matter.case, now)
    state = "agreed" if whole else "pending"
    values: dict[str, Any] = {"decision": dict(matter.decision), "agreed": sorted(agreed), "state": state}
    if not before:
        values |= {"at": to_ms(now), "disagreed": []}
    joint_decisions.change(connection, row.request, **values)
    if not whole and agreed != before:
        for each in everybody - agreed:
            queue.tell(connection, each, "waits", now, about=[Cause(matter.case)])
    return Standing(state, dict(matter.decision), tuple(sorted(everybody - agreed)), is_new=agreed != before)


def _check(  # noqa: PLR0917 - who, about what, with which power, when
    connection: Connection, visitor: Visitor, request: str, case: str, power: str, now: datetime
) -> None:
    if deciding.request(connection, visitor, request, power, now).case != case:
        raise NotYours


def _begin(
    connection: Connection, visitor: Visitor, request: str, decision: Mapping[str, Any], now: datetime
) -> Row[Any]:
    asked = consents.request(connection, request)
    if asked is None or asked.state != "open":
        raise AlreadyDecided("This request was answered before.", request=request)
    return joint_decisions.begin(connection, request, account=visitor.principal, decision=decision, now=now)


def said_yes(row: Row[Any], matter: Matter, now: datetime) -> set[str]:
    """Give who said yes to exactly this, since who decides has last changed, and not too long ago."""
    counts = row.state == "pending" and row.decision == dict(matter.decision) and now < lapses_at(row)
    return set(row.agreed) if counts else set()


def lapses_at(row: Row[Any]) -> datetime:
    """Give when what was said first does not count any more."""
    return from_ms(row.at) + COUNTS_FOR


def disagree(connection: Connection, visitor: Visitor, request: str, case: str, now: datetime) -> None:
    """Say no as one of several: the caller refuses the request at once. Raises as `agree` does."""
    _check(connection, visitor, request, case, "refuse", now)
    row = _begin(connection, visitor, request, {}, now)
    no = sorted({*row.disagreed, visitor.account})
    joint_decisions.change(connection, request, state="refused", disagreed=no)


def decline(connection: Connection, visitor: Visitor, about: str, now: datetime) -> Row[Any]:
    """Say no to what one of several wants, or take one's own yes to it back; gives what it was.

    One alone may, at once. Raises NotYours for what is not between the visitor and others, else as `may`
    does, and AlreadyDecided for what was decided or is over.
    """
    row = joint_decisions.find(connection, about, locked=True)
    if row is None or row.account != visitor.principal or "case" not in row.decision:
        raise NotYours
    case = str(row.decision["case"])
    deciding.may(connection, visitor, case, "refuse", now)
    if visitor.mandate is None or not visitor.mandate.joint:
        raise NotYours
    if row.state != "pending" or now >= lapses_at(row):
        raise AlreadyDecided("This was decided before, or is over.", about=about)
    joint_decisions.change(connection, about, state="refused", disagreed=[visitor.account])
    return row


def unsent(connection: Connection, request: str) -> None:
    """Note that an agreement could not be sent: whoever says yes to the same again sends it."""
    row = joint_decisions.find(connection, request)
    if row is not None and row.state == "agreed":
        joint_decisions.change(connection, request, state="pending")

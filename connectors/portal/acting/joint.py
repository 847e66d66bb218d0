"""Two holders of parental responsibility: a yes is sent when both agree, a no is sent when one says it.

A conflict means no, until both agree or an authority decides. So it is for what lets data flow as a yes does:
letting a paused permission go on, passing a record on. Taking back, refusing and pausing need one alone. It
sends nothing; it says what is to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.store import consents
from connectors.portal import accounts as deciding
from connectors.portal.accounts import Visitor
from connectors.portal.acting import rules as mandate_rules
from connectors.portal.errors import NotYours
from connectors.portal.store import joint_decisions, mandates
from schemas.instant import to_ms


@dataclass(frozen=True, slots=True)
class Matter:
    """What is decided together: a request, permission or release by its id, its case, and what exactly.

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
        and (row.cases is None or case in row.cases)
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
        and (row.cases is None or case in row.cases)
        for row in mandates.given_by(connection, principal)
    )


def needed(connection: Connection, visitor: Visitor, case: str, now: datetime) -> bool:
    """Say whether the visitor's yes waits for another: they hold a responsibility together with others."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return False
    return bool(others(connection, visitor, case, now)) or not_here_yet(
        connection, visitor.principal, case, now
    )


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
    """Say yes, as one of several, to what lets data flow and is no request: about a permission or release.

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


def _count(
    connection: Connection, visitor: Visitor, row: Row[Any], matter: Matter, now: datetime
) -> Standing:
    """Add the visitor's yes to those before it; it is whole when everybody who has to agree has."""
    everybody = holders(connection, visitor.principal, matter.case, now) | {visitor.account}
    agreed = said_yes(row, matter) & everybody | {visitor.account}
    whole = agreed == everybody and not not_here_yet(connection, visitor.principal, matter.case, now)
    state = "agreed" if whole else "pending"
    values = {"decision": dict(matter.decision), "agreed": sorted(agreed), "state": state}
    joint_decisions.change(connection, row.request, **values)
    return Standing(state, dict(matter.decision), tuple(sorted(everybody - agreed)))


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


def said_yes(row: Row[Any], matter: Matter) -> set[str]:
    """Give who said yes to exactly this, since who decides has last changed."""
    return set(row.agreed) if row.state == "pending" and row.decision == dict(matter.decision) else set()


def disagree(connection: Connection, visitor: Visitor, request: str, case: str, now: datetime) -> None:
    """Say no as one of several: the caller refuses the request at once. Raises as `agree` does."""
    _check(connection, visitor, request, case, "refuse", now)
    row = _begin(connection, visitor, request, {}, now)
    no = sorted({*row.disagreed, visitor.account})
    joint_decisions.change(connection, request, state="refused", disagreed=no)


def unsent(connection: Connection, request: str) -> None:
    """Note that an agreement could not be sent: whoever says yes to the same again sends it."""
    row = joint_decisions.find(connection, request)
    if row is not None and row.state == "agreed":
        joint_decisions.change(connection, request, state="pending")

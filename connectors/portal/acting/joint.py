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


def _not_here_yet(connection: Connection, principal: str, case: str) -> int:
    """Count the holders who were invited and have not come: nobody decides alone by being first."""
    return sum(
        row.joint and row.status == "invited" and (row.cases is None or case in row.cases)
        for row in mandates.given_by(connection, principal)
    )


def needed(connection: Connection, visitor: Visitor, case: str, now: datetime) -> bool:
    """Say whether the visitor's yes waits for another: they hold a responsibility together with others."""
    if visitor.mandate is None or not visitor.mandate.joint:
        return False
    others = holders(connection, visitor.principal, case, now) - {visitor.account}
    return bool(others) or _not_here_yet(connection, visitor.principal, case) > 0


def agree(  # noqa: PLR0917 - who, about what, what they say, when
    connection: Connection,
    visitor: Visitor,
    request: str,
    case: str,
    decision: Mapping[str, Any],
    now: datetime,
) -> Standing:
    """Say yes to a request as one of several: sent only once all have said yes to the same.

    `decision` is what exactly they say yes to (what is left out, until when): another one begins anew.
    Raises as `may` does, and AlreadyDecided after a no or an answer. An agreement that was not sent is given
    again, so that nothing stays stuck half-way.
    """
    _check(connection, visitor, request, case, "grant", now)
    row = _begin(connection, visitor, request, decision, now)
    if row.state == "refused":
        raise AlreadyDecided("One of you has said no.", request=request)
    if row.state == "agreed" and row.decision == dict(decision):
        return Standing("agreed", dict(row.decision), ())
    return _count(connection, visitor, row, case, decision, now)


def agree_on(  # noqa: PLR0917 - as `agree`
    connection: Connection,
    visitor: Visitor,
    about: str,
    case: str,
    decision: Mapping[str, Any],
    now: datetime,
) -> Standing:
    """Say yes, as one of several, to what lets data flow and is no request: a consent or release, by id.

    `decision` says what exactly: whoever pauses anew makes another one of it, so that no earlier yes counts.
    Raises as `may` does. Whether there is something to decide is the caller's to check.
    """
    deciding.may(connection, visitor, case, "grant", now)
    row = joint_decisions.begin(connection, about, account=visitor.principal, decision=decision, now=now)
    if row.account != visitor.principal:
        raise NotYours
    return _count(connection, visitor, row, case, decision, now)


def going_on(consent: Row[Any]) -> dict[str, Any]:
    """Give what two say yes to when a permission goes on: the end of this one pause, and of no later one."""
    return {"act": "resume", "paused_at": consent.status_at}


def _count(  # noqa: PLR0917 - as `agree`
    connection: Connection,
    visitor: Visitor,
    row: Row[Any],
    case: str,
    decision: Mapping[str, Any],
    now: datetime,
) -> Standing:
    """Add the visitor's yes to those before it; it is whole when everybody who has to agree has."""
    everybody = holders(connection, visitor.principal, case, now) | {visitor.account}
    agreed = said_yes(row, decision) & everybody | {visitor.account}
    whole = agreed == everybody and not _not_here_yet(connection, visitor.principal, case)
    state = "agreed" if whole else "pending"
    values = {"decision": dict(decision), "agreed": sorted(agreed), "state": state}
    joint_decisions.change(connection, row.request, **values)
    return Standing(state, dict(decision), tuple(sorted(everybody - agreed)))


def _check(  # noqa: PLR0917 - as `agree`
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


def said_yes(row: Row[Any], decision: Mapping[str, Any]) -> set[str]:
    """Give who said yes to exactly this, since who decides has last changed."""
    return set(row.agreed) if row.state == "pending" and row.decision == dict(decision) else set()


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

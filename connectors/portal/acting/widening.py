"""Inviting an organisation, opening a case again: who decides alone does it, one of two first says yes to it.

Takes a case as it was folded and what is wanted; checks again that the visitor may, and keeps their yes. What
is then done is the caller's. It does not check that the sign-in is fresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from connectors.cases.view import Case
from connectors.portal import accounts
from connectors.portal.acting import joint, mandates
from connectors.portal.acting.joint import Matter
from connectors.portal.deciding.decide import sending
from connectors.portal.portal import Portal
from connectors.portal.visiting import Visitor

Act = Literal["case.invite", "case.reopen"]


def matter(case: Case, act: Act, member: str) -> Matter:
    """Give what is to be agreed on; `member` is who is to be invited, empty for opening a case again."""
    if act == "case.invite":
        return joint.inviting(case.id, member)
    return joint.reopening(case.id, None if case.closed is None else case.closed.at)


@contextmanager
def agreeing(portal: Portal, visitor: Visitor, case: Case, act: Act, member: str) -> Iterator[Matter | None]:
    """Give None inside where it can be done now, else what waits for the other who decides.

    Raises as `may` does. What two agreed on can be said again if what is done inside is refused.
    """
    wanted, now = matter(case, act, member), portal.now()
    with portal.connector.database.writing() as connection:
        accounts.may_act(connection, visitor, case.id, act, now)
        standing = None
        if joint.needed(connection, visitor, case.id, now):
            standing = joint.agree_on(connection, visitor, wanted, now)
        waits = standing is not None and not standing.both_agree
        if standing is not None and waits and standing.is_new:
            mandates.did(connection, visitor, f"{act}.agree", now, case=case.id)
    if waits:
        yield wanted
    else:
        with sending(portal, wanted.about):
            yield None

"""Who acted is not said to the person for now: staff hold it back for somebody's safety, until a date.

What became of permissions and cases is never held back, for it is theirs to see and to stop: only who did
it, in whatever is shown, sent or taken along; `said_by` leaves it out of cases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.cases.view import Case
from connectors.portal.accounts import Visitor
from connectors.portal.acting.rules import held_back
from connectors.portal.mail import queue
from connectors.portal.mail.queue import Cause
from connectors.portal.store import deeds, mails, mandates

HELD: Final = "held_back"


def from_the(connection: Connection, visitor: Visitor, now: datetime) -> frozenset[str]:
    """Give the mandates of which the visitor is not told now what was done by them.

    It is held back from the person themselves; who acts for them is told of no other by name anyway.
    """
    if visitor.mandate is not None:
        return frozenset()
    given = mandates.given_by(connection, visitor.account)
    return frozenset(str(row.id) for row in given if held_back(row.safeguarding, now))


def tell_on_the_date(connection: Connection, now: datetime) -> int:
    """Let those hear by e-mail to whom it is said from now on who acted; gives how many, once for a date."""
    told = 0
    for row in mandates.once_held_back(connection):
        if held_back(row.safeguarding, now):
            continue
        new = {each.mandate for each in deeds.of_account(connection, row.principal, only_new=True)}
        about = f"{row.id} {row.safeguarding['review_at']}"
        if row.id in new and mails.tell(connection, row.principal, "held_back", about, now):
            queue.tell(connection, row.principal, "delegate_acted", now, about=[Cause(mandate=row.id)])
            told += 1
    return told


def receipt(document: Mapping[str, Any], held: Collection[str]) -> Mapping[str, Any]:
    """Give a receipt's document without who decided, if that is held back."""
    by = document.get("decided_by", {})
    if by.get("kind") != "mandate" or by.get("id") not in held:
        return document
    return {**document, "decided_by": {"kind": HELD}}


def is_in(found: Case) -> bool:
    """Say whether a case as `said_by` gives it holds something back that its signed proof would tell."""
    return any(each.granted_by.kind == HELD for each in found.permissions)

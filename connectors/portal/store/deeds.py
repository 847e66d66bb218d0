"""What was done for an account by somebody else: a delegate, the portal's staff, or the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store.tables import statements
from connectors.portal.store.tables import deeds, mandates
from schemas.instant import to_ms


def add(
    connection: Connection,
    *,
    account: str,
    by_kind: str,
    act: str,
    now: datetime,
    by_account: str | None = None,
    mandate: str | None = None,
    case: str | None = None,
    about: str | None = None,
) -> str:
    """Write a deed down; gives its id."""
    values = {
        "id": str(uuid4()),
        "account": account,
        "by_kind": by_kind,
        "by_account": by_account,
        "mandate": mandate,
        "act": act,
        "case": case,
        "about": about,
        "at": to_ms(now),
    }
    connection.execute(deeds.insert().values(**values))
    return str(values["id"])


def of_account(connection: Connection, account: str, *, only_new: bool = False) -> Sequence[Row[Any]]:
    """List what was done for an account, newest first, each with its mandate's `safeguarding`.

    With `only_new`, what they have not seen yet.
    """
    joined = deeds.outerjoin(mandates, deeds.c.mandate == mandates.c.id)
    chosen = select(deeds, mandates.c.safeguarding).select_from(joined).where(deeds.c.account == account)
    if only_new:
        chosen = chosen.where(deeds.c.seen_at.is_(None))
    return connection.execute(chosen.order_by(deeds.c.at.desc(), deeds.c.id)).all()


def about(connection: Connection, account: str, act: str) -> set[str]:
    """Give what one kind of deed was done to."""
    this = (deeds.c.account == account, deeds.c.act == act, deeds.c.about.is_not(None))
    return set(connection.scalars(select(deeds.c.about).where(*this)))


def of_act(connection: Connection, account: str, act: str, case: str) -> Sequence[Row[Any]]:
    """List what was done for an account in a case by one kind of deed, newest first."""
    this = (deeds.c.account == account, deeds.c.act == act, deeds.c.case == case)
    return connection.execute(select(deeds).where(*this).order_by(deeds.c.at.desc(), deeds.c.id)).all()


def said_in(connection: Connection, account: str, case: str) -> Sequence[Any]:
    """List what was said for an account in a case: `about` (a message), its `statement`, the `mandate`."""
    joined = deeds.outerjoin(statements, deeds.c.about == statements.c.message)
    this = (
        deeds.c.account == account,
        deeds.c.case == case,
        deeds.c.mandate.is_not(None),
        deeds.c.about.is_not(None),
    )
    chosen = select(deeds.c.about, deeds.c.mandate, statements.c.id.label("statement")).select_from(joined)
    return connection.execute(chosen.where(*this)).all()


def seen(connection: Connection, account: str, ids: Sequence[str], now: datetime) -> None:
    """Note that the account's holder has seen these."""
    this = (deeds.c.account == account, deeds.c.id.in_(ids), deeds.c.seen_at.is_(None))
    connection.execute(update(deeds).where(*this).values(seen_at=to_ms(now)))

"""Decisions that wait until two holders of one responsibility agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import joint_decisions
from schemas.instant import to_ms


def begin(
    connection: Connection, request: str, *, account: str, decision: Mapping[str, Any], now: datetime
) -> Row[Any]:
    """Give what stands about a request, begun with this decision if nothing does; locked until the end."""
    values = {
        "request": request,
        "account": account,
        "decision": dict(decision),
        "agreed": [],
        "disagreed": [],
        "state": "pending",
        "at": to_ms(now),
    }
    write_once(connection, joint_decisions, values)
    chosen = select(joint_decisions).where(joint_decisions.c.request == request)
    return connection.execute(chosen.with_for_update()).one()


def find(connection: Connection, request: str, *, locked: bool = False) -> Row[Any] | None:
    """Give what stands about a request; `locked` keeps others from changing it meanwhile."""
    chosen = select(joint_decisions).where(joint_decisions.c.request == request)
    return connection.execute(chosen.with_for_update() if locked else chosen).one_or_none()


def pending(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List what waits for another holder, oldest first."""
    this = (joint_decisions.c.account == account, joint_decisions.c.state == "pending")
    return connection.execute(select(joint_decisions).where(*this).order_by(joint_decisions.c.at)).all()


def declined(connection: Connection, account: str, since: datetime) -> Sequence[Row[Any]]:
    """List what one of two said no to, of what began after `since`, newest first."""
    this = (
        joint_decisions.c.account == account,
        joint_decisions.c.state == "refused",
        joint_decisions.c.at > to_ms(since),
    )
    return connection.execute(
        select(joint_decisions).where(*this).order_by(joint_decisions.c.at.desc())
    ).all()


def of_account(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List everything that two have decided or are deciding about an account, newest first."""
    chosen = select(joint_decisions).where(joint_decisions.c.account == account)
    return connection.execute(chosen.order_by(joint_decisions.c.at.desc(), joint_decisions.c.request)).all()


def change(connection: Connection, request: str, **values: Any) -> None:
    """Write columns of what stands about a request."""
    connection.execute(update(joint_decisions).where(joint_decisions.c.request == request).values(**values))


def end_all(connection: Connection, account: str) -> None:
    """End what waits for an account: who decides for it has changed."""
    this = (joint_decisions.c.account == account, joint_decisions.c.state == "pending")
    connection.execute(update(joint_decisions).where(*this).values(state="ended"))

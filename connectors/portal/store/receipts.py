"""Receipts as they were given; they never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import receipts
from schemas.instant import to_ms


def keep(
    connection: Connection,
    receipt: str,
    *,
    account: str,
    case: str,
    kind: str,
    document: Mapping[str, Any],
    now: datetime,
    consent: str | None = None,
    message: str | None = None,
) -> None:
    """Write a receipt down, once."""
    values = {
        "id": receipt,
        "account": account,
        "case": case,
        "kind": kind,
        "consent": consent,
        "message": message,
        "document": dict(document),
        "at": to_ms(now),
    }
    write_once(connection, receipts, values)


def find(connection: Connection, account: str, receipt: str) -> Row[Any] | None:
    """Give a receipt of this account."""
    this = (receipts.c.id == receipt, receipts.c.account == account)
    return connection.execute(select(receipts).where(*this)).one_or_none()


def of_account(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List an account's receipts, newest first."""
    chosen = select(receipts).where(receipts.c.account == account)
    return connection.execute(chosen.order_by(receipts.c.at.desc(), receipts.c.id)).all()


def of_case(connection: Connection, account: str, case: str) -> Sequence[Row[Any]]:
    """List an account's receipts of one case, newest first."""
    chosen = select(receipts).where(receipts.c.account == account, receipts.c.case == case)
    return connection.execute(chosen.order_by(receipts.c.at.desc(), receipts.c.id)).all()


def of_consent(connection: Connection, consent: str) -> Sequence[Row[Any]]:
    """List the receipts about one consent, oldest first."""
    chosen = select(receipts).where(receipts.c.consent == consent)
    return connection.execute(chosen.order_by(receipts.c.at, receipts.c.id)).all()

"""Passkeys of accounts; a removed one stays, for what was signed with it while it was in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import passkeys
from schemas.instant import to_ms


def add(
    connection: Connection,
    credential: str,
    *,
    account: str,
    jwk: Mapping[str, Any],
    name: str,
    rp_id: str,
    origins: Sequence[str],
    sign_count: int,
    now: datetime,
) -> bool:
    """Write a passkey down; says whether it is new here, whoever's it is."""
    values = {
        "credential": credential,
        "account": account,
        "jwk": dict(jwk),
        "name": name,
        "rp_id": rp_id,
        "origins": list(origins),
        "sign_count": sign_count,
        "created_at": to_ms(now),
    }
    if _find(connection, credential) is not None:
        return False
    write_once(connection, passkeys, values)
    found = _find(connection, credential)
    return found is not None and found.account == account


def _find(connection: Connection, credential: str) -> Row[Any] | None:
    return connection.execute(select(passkeys).where(passkeys.c.credential == credential)).one_or_none()


def find(connection: Connection, account: str, credential: str) -> Row[Any] | None:
    """Give a passkey of this account that is in use."""
    row = _find(connection, credential)
    return row if row is not None and row.account == account and row.removed_at is None else None


def in_use(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List an account's passkeys, the first added first."""
    this = (passkeys.c.account == account, passkeys.c.removed_at.is_(None))
    return connection.execute(select(passkeys).where(*this).order_by(passkeys.c.created_at)).all()


def of_account(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List every passkey that an account ever had, the first added first."""
    chosen = select(passkeys).where(passkeys.c.account == account)
    return connection.execute(chosen.order_by(passkeys.c.created_at, passkeys.c.credential)).all()


def used(connection: Connection, credential: str, sign_count: int, now: datetime) -> None:
    """Note that a passkey was used."""
    connection.execute(
        update(passkeys)
        .where(passkeys.c.credential == credential)
        .values(sign_count=sign_count, used_at=to_ms(now))
    )


def rename(connection: Connection, account: str, credential: str, name: str) -> bool:
    """Give a passkey of this account another name; says whether it has one like this."""
    this = (passkeys.c.account == account, passkeys.c.credential == credential)
    return connection.execute(update(passkeys).where(*this).values(name=name)).rowcount == 1


def remove(connection: Connection, account: str, credential: str, now: datetime) -> bool:
    """Take a passkey of this account out of use; says whether one was in use."""
    this = (
        passkeys.c.account == account,
        passkeys.c.credential == credential,
        passkeys.c.removed_at.is_(None),
    )
    return connection.execute(update(passkeys).where(*this).values(removed_at=to_ms(now))).rowcount == 1

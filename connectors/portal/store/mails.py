"""E-mails that wait to be sent, and what account holders were told by e-mail already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, select, update

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import mails, told
from schemas.instant import to_ms


def queue(
    connection: Connection,
    *,
    account: str,
    kind: str,
    language: str,
    facts: Mapping[str, int],
    now: datetime,
    about: Sequence[Mapping[str, str]] = (),
) -> str:
    """Let an e-mail wait; the address is looked up when it is sent. Gives its id."""
    values = {
        "id": str(uuid4()),
        "account": account,
        "kind": kind,
        "language": language,
        "facts": dict(facts),
        "about": [dict(each) for each in about],
        "state": "queued",
        "attempts": 0,
        "next_at": to_ms(now),
        "at": to_ms(now),
    }
    connection.execute(mails.insert().values(**values))
    return str(values["id"])


def due(connection: Connection, now: datetime, most: int) -> Sequence[Row[Any]]:
    """List what is to be sent now, the longest waiting first."""
    this = (mails.c.state == "queued", mails.c.next_at <= to_ms(now))
    return connection.execute(
        select(mails).where(*this).order_by(mails.c.next_at, mails.c.id).limit(most)
    ).all()


def claim(connection: Connection, mail: Row[Any], next_at: datetime) -> bool:
    """Take a mail for one try; says whether nobody else was first. Not sent by `next_at`, it is due again."""
    this = (mails.c.id == mail.id, mails.c.state == "queued", mails.c.attempts == mail.attempts)
    taken = update(mails).where(*this).values(attempts=mail.attempts + 1, next_at=to_ms(next_at))
    return connection.execute(taken).rowcount == 1


def move(connection: Connection, mail: str, state: str) -> None:
    """Write down that a mail was sent, or never will be."""
    connection.execute(update(mails).where(mails.c.id == mail, mails.c.state == "queued").values(state=state))


def find(connection: Connection, mail: str) -> Row[Any] | None:
    """Give a mail."""
    return connection.execute(select(mails).where(mails.c.id == mail)).one_or_none()


def is_about(
    connection: Connection, mail: str, facts: Mapping[str, int], about: Sequence[Mapping[str, str]]
) -> None:
    """Write down what a mail that waits is about by now."""
    values = {"facts": dict(facts), "about": [dict(each) for each in about]}
    connection.execute(update(mails).where(mails.c.id == mail).values(**values))


def waiting(connection: Connection, account: str, kind: str) -> Row[Any] | None:
    """Give a mail of this kind that nobody has tried to send yet; whoever sends it waits for the caller."""
    this = (
        mails.c.account == account,
        mails.c.kind == kind,
        mails.c.state == "queued",
        mails.c.attempts == 0,
    )
    return connection.execute(select(mails).where(*this).with_for_update()).first()


def of_account(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List an account's mails, newest first."""
    chosen = select(mails).where(mails.c.account == account)
    return connection.execute(chosen.order_by(mails.c.at.desc(), mails.c.id)).all()


def forget(connection: Connection, before: datetime) -> int:
    """Forget what is older than that, also what nobody could send; gives how many."""
    return connection.execute(delete(mails).where(mails.c.at < to_ms(before))).rowcount


# --- what somebody was told already -----------------------------------------------------------------


def tell(connection: Connection, account: str, kind: str, about: str, now: datetime) -> bool:
    """Note that somebody is told of this; says whether they had not been told before."""
    if (kind, about) in told_to(connection, account):
        return False
    write_once(connection, told, {"account": account, "kind": kind, "about": about, "at": to_ms(now)})
    return True


def told_to(connection: Connection, account: str) -> set[tuple[str, str]]:
    """Give everything that an account's holder was told."""
    rows = connection.execute(select(told.c.kind, told.c.about).where(told.c.account == account))
    return {(row.kind, row.about) for row in rows}

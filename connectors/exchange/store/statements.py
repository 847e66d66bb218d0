"""Statements: what was asserted in a case, sent or received, and what was erased of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from connectors.exchange.store import access
from connectors.exchange.store.tables import inbox, outbox, statements
from schemas.instant import to_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One statement to be written down; `plaintext` is None where we keep only that it existed."""

    id: str
    message: str
    sender: str
    type: str
    case: str
    schema: str
    issuer: str
    at: int
    log_index: int | None
    re: str | None
    basis: str
    consent: str | None
    agreement: str | None
    purpose: str | None
    categories: list[str]
    mine: bool
    plaintext: bytes | None
    erase_at: int | None


_KEPT = tuple(each.name for each in fields(Kept))
_PUT = statements.insert()
_BY_ID = select(statements).where(statements.c.id == bindparam("which"))


def put(connection: Connection, kept: Kept) -> None:
    """Write a statement down."""
    row = {name: getattr(kept, name) for name in _KEPT}
    connection.execute(_PUT, {**row, "state": "current", "contested": False})


def find(connection: Connection, statement: str) -> Row[Any] | None:
    """Give a statement."""
    return connection.execute(_BY_ID, {"which": statement}).one_or_none()


def of_message(connection: Connection, message: str) -> Row[Any] | None:
    """Give the statement that a message carried."""
    return connection.execute(select(statements).where(statements.c.message == message)).first()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the statements of a case in their order."""
    return connection.execute(
        select(statements).where(statements.c.case == case).order_by(statements.c.at, statements.c.id)
    ).all()


def ours_of_type(connection: Connection, case: str, type: str) -> Sequence[Row[Any]]:
    """List what we have said of a type in a case and still hold, the newest first."""
    ours = (statements.c.case == case, statements.c.type == type, statements.c.mine)
    held = select(statements).where(*ours, statements.c.plaintext.is_not(None))
    return connection.execute(held.order_by(statements.c.at.desc(), statements.c.id.desc())).all()


def answers_to(connection: Connection, message: str) -> Sequence[Row[Any]]:
    """List the statements that answer a message."""
    return connection.execute(select(statements).where(statements.c.re == message)).all()


def wipe(connection: Connection, statement: Row[Any], why: str) -> None:
    """Overwrite a statement's plaintext, the sealed bytes that carried it and the salt that ties it to the
    log.
    """
    connection.execute(
        update(statements)
        .where(statements.c.id == statement.id)
        .values(plaintext=None, state="wiped", erased_why=why)
    )
    connection.execute(update(inbox).where(inbox.c.id == statement.message).values(raw=None, receipt=None))
    ours = outbox.c.id == statement.message
    # What still waits to be sent must not be sent any more.
    unsent = {"state": "refused", "problem": {"code": "erased_before_sending", "why": why}}
    connection.execute(update(outbox).where(ours, outbox.c.state == "queued").values(**unsent))
    connection.execute(update(outbox).where(ours).values(raw=None, receipt=None))
    # A sealed file cannot be opened without the key that was inside; here it goes altogether.
    access.forget_attachments(connection, statement.message)


def wiped(connection: Connection) -> Sequence[Row[Any]]:
    """List what is gone from the tables and must still be confirmed."""
    return connection.execute(WIPED).all()


WIPED: Final = select(statements).where(statements.c.state == "wiped")


def erased(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """Note that the bytes are gone from the files too."""
    connection.execute(
        update(statements).where(statements.c.id.in_(ids)).values(state="erased", erased_at=to_ms(now))
    )


def to_erase(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """List the statements whose time is over."""
    return connection.execute(TO_ERASE, {"now": to_ms(now)}).all()


TO_ERASE: Final = select(statements).where(
    statements.c.state == "current", statements.c.erase_at <= bindparam("now")
)


def erase_by(connection: Connection, statement: str, until: int) -> None:
    """Let a statement go by an instant (milliseconds since 1970)."""
    connection.execute(update(statements).where(statements.c.id == statement).values(erase_at=until))


def under_consent(connection: Connection, consent: str) -> Sequence[Row[Any]]:
    """List the statements still held that rest on a consent."""
    held = (statements.c.state == "current", statements.c.consent == consent)
    return connection.execute(select(statements).where(*held)).all()


def held_in_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the statements still held in a case."""
    held = (statements.c.state == "current", statements.c.case == case)
    return connection.execute(select(statements).where(*held)).all()

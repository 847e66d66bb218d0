"""Who looked at what, emergencies, who confirmed an erasure, and attachments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from connectors.exchange.store.rows import write, write_once
from connectors.exchange.store.tables import attachments, emergencies, erasures, views
from schemas import instant
from schemas.instant import to_ms


def viewed(
    connection: Connection,
    statement: str,
    *,
    case: str,
    viewed: str,
    member: str,
    at: datetime,
    actor: Mapping[str, Any],
    reason: Mapping[str, Any],
    automatic: bool,
) -> None:
    """Write down one look at something."""
    values = {
        "id": statement,
        "case": case,
        "viewed": viewed,
        "member": member,
        "at": to_ms(at),
        "actor": dict(actor),
        "reason": dict(reason),
        "automatic": automatic,
    }
    write_once(connection, views, values)


def views_of(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List who looked in a case."""
    return connection.execute(select(views).where(views.c.case == case).order_by(views.c.at)).all()


_UNTOLD: Final = "untold"
"""Begins the id of a look of which the citizen is told later: this word, the instant of that, a number."""


def view_told_later(tell_at: datetime) -> str:
    """Give an id for a look of which nothing is told before an instant."""
    return f"{_UNTOLD} {instant.format(tell_at)} {uuid4()}"


def untold_views(connection: Connection, member: str, now: datetime) -> Sequence[Row[Any]]:
    """List the looks of a member that have to be told now, the oldest first."""
    rows = connection.execute(UNTOLD.order_by(views.c.at, views.c.id), {"looker": member}).all()
    return [row for row in rows if instant.parse(row.id.split(" ")[1]) <= now]


UNTOLD: Final = select(views).where(views.c.member == bindparam("looker"), views.c.id.like(f"{_UNTOLD} %"))
"""The looks of a member of which nothing was told yet, due or not."""


def put_off_view(connection: Connection, view: str, tell_at: datetime) -> None:
    """Let a look be told at another instant."""
    later = view_told_later(tell_at)
    connection.execute(update(views).where(views.c.id == view).values(id=later))


def forget_view(connection: Connection, view: str) -> bool:
    """Remove a look that is written down anew; says whether it was there."""
    return connection.execute(delete(views).where(views.c.id == view)).rowcount == 1


def emergency_opened(
    connection: Connection,
    message: str,
    *,
    case: str,
    member: str,
    body: Mapping[str, Any],
    at: datetime,
    until: datetime,
) -> None:
    """Write an emergency down."""
    values = {
        "id": message,
        "case": case,
        "member": member,
        "body": dict(body),
        "at": to_ms(at),
        "until": to_ms(until),
    }
    write_once(connection, emergencies, values)


def emergency(connection: Connection, message: str) -> Row[Any] | None:
    """Give an emergency."""
    return connection.execute(select(emergencies).where(emergencies.c.id == message)).one_or_none()


def emergencies_of(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the emergencies of a case."""
    return connection.execute(select(emergencies).where(emergencies.c.case == case)).all()


def emergency_reviewed(connection: Connection, message: str, outcome: str) -> None:
    """Write the outcome of a review down."""
    connection.execute(update(emergencies).where(emergencies.c.id == message).values(outcome=outcome))


def confirmed_erasure(
    connection: Connection,
    message: str,
    *,
    member: str,
    case: str,
    sha256: str,
    why: str,
    at: datetime,
    kept: str | None,
) -> None:
    """Write down that a member signed that it has erased a message."""
    values = {
        "message": message,
        "member": member,
        "case": case,
        "sha256": sha256,
        "why": why,
        "at": to_ms(at),
        "kept": kept,
    }
    write_once(connection, erasures, values)


def who_erased(connection: Connection, message: str) -> frozenset[str]:
    """Give the members that signed that they have erased a message."""
    return frozenset(connection.scalars(select(erasures.c.member).where(erasures.c.message == message)))


def erasures_of(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the erasures that were confirmed in a case."""
    return connection.execute(select(erasures).where(erasures.c.case == case).order_by(erasures.c.at)).all()


def attach(
    connection: Connection,
    sha256: str,
    *,
    size: int,
    blob: bytes | None,
    message: str | None,
    state: str,
    now: datetime,
) -> None:
    """Write an attachment down."""
    values = {
        "sha256": sha256,
        "size": size,
        "blob": blob,
        "message": message,
        "state": state,
        "at": to_ms(now),
    }
    write(connection, attachments, values)


def attachment(connection: Connection, sha256: str) -> Row[Any] | None:
    """Give an attachment."""
    return connection.execute(select(attachments).where(attachments.c.sha256 == sha256)).one_or_none()


def to_upload(connection: Connection, messages: Sequence[str]) -> Sequence[Row[Any]]:
    """List the attachments that must be uploaded before these messages are sent."""
    waiting = (attachments.c.state == "waiting", attachments.c.message.in_(messages))
    return connection.execute(select(attachments).where(*waiting)).all()


def uploaded(connection: Connection, sha256: str) -> None:
    """Forget the blob that the coordinator has now."""
    connection.execute(
        update(attachments).where(attachments.c.sha256 == sha256).values(state="uploaded", blob=None)
    )


def forget_attachments(connection: Connection, message: str) -> None:
    """Forget the sealed files of a message that was erased: nobody names them any more."""
    connection.execute(delete(attachments).where(attachments.c.message == message))

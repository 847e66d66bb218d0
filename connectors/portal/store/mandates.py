"""Mandates as they stand: who may act for whom, with which powers, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.portal.store.tables import accounts, mandates
from schemas.instant import to_ms


def add(connection: Connection, **values: Any) -> None:
    """Write a new mandate down."""
    connection.execute(mandates.insert().values(**values))


def find(connection: Connection, mandate: str, *, locked: bool = False) -> Row[Any] | None:
    """Give a mandate; `locked` keeps others from changing it until this transaction ends."""
    chosen = select(mandates).where(mandates.c.id == mandate)
    return connection.execute(chosen.with_for_update() if locked else chosen).one_or_none()


def by_code(connection: Connection, code_hash: str) -> Row[Any] | None:
    """Give the mandate that waits for somebody with this code, and keep others from taking it meanwhile."""
    this = (mandates.c.code_hash == code_hash, mandates.c.status == "invited")
    return connection.execute(select(mandates).where(*this).with_for_update()).one_or_none()


def change(connection: Connection, mandate: str, *, since: Sequence[str], **values: Any) -> bool:
    """Write columns of a mandate if its status is one of `since`; says whether it was."""
    this = (mandates.c.id == mandate, mandates.c.status.in_(since))
    return connection.execute(update(mandates).where(*this).values(**values)).rowcount == 1


def given_by(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List the mandates by which others act for an account, newest first."""
    chosen = select(mandates).where(mandates.c.principal == account)
    return connection.execute(chosen.order_by(mandates.c.created_at.desc(), mandates.c.id)).all()


def held_by(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List the mandates by which an account acts for others, newest first."""
    chosen = select(mandates).where(mandates.c.delegate == account)
    return connection.execute(chosen.order_by(mandates.c.created_at.desc(), mandates.c.id)).all()


def in_force(connection: Connection, principal: str, now: datetime) -> Sequence[Row[Any]]:
    """List the mandates for an account that somebody can use now."""
    this = (
        mandates.c.principal == principal,
        mandates.c.status == "active",
        mandates.c.valid_from <= to_ms(now),
        mandates.c.valid_until > to_ms(now),
    )
    return connection.execute(select(mandates).where(*this).order_by(mandates.c.id)).all()


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """List all mandates, newest first."""
    return connection.execute(select(mandates).order_by(mandates.c.created_at.desc(), mandates.c.id)).all()


def once_held_back(connection: Connection) -> Sequence[Row[Any]]:
    """List those of which the principal is not told, or was not told until a date that has passed."""
    this = mandates.c.safeguarding.is_not(None)
    return connection.execute(select(mandates).where(this).order_by(mandates.c.id)).all()


def run_out(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """List those whose time is over, or the time of their code, and that are not ended yet."""
    over = (mandates.c.status != "ended") & (mandates.c.valid_until <= to_ms(now))
    unused = (mandates.c.status == "invited") & (mandates.c.code_until <= to_ms(now))
    return connection.execute(select(mandates).where(over | unused).order_by(mandates.c.id)).all()


def of_age(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """List those whose principal has come of age and is not known for it yet, ended ones too.

    What was allowed by a mandate that ran out earlier is paused at majority like everything else.
    """
    joined = mandates.join(accounts, mandates.c.principal == accounts.c.id)
    this = (mandates.c.of_age_on <= to_ms(now), accounts.c.came_of_age_at.is_(None))
    return connection.execute(
        select(mandates).select_from(joined).where(*this).order_by(mandates.c.principal, mandates.c.id)
    ).all()

"""Accounts of citizens, wards without a sign-in among them, and which cases are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, delete, select, update

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import (
    account_cases,
    accounts,
    deeds,
    joint_decisions,
    mails,
    mandates,
    receipts,
    seen,
    told,
)
from schemas.instant import to_ms


def create(
    connection: Connection,
    *,
    kind: str,
    language: str,
    now: datetime,
    issuer: str | None = None,
    subject: str | None = None,
    name: str | None = None,
    email: str | None = None,
) -> str:
    """Make an account, unless somebody of this issuer and subject has one; gives the id that holds now."""
    values = {
        "id": str(uuid4()),
        "kind": kind,
        "issuer": issuer,
        "subject": subject,
        "name": name,
        "email": email,
        "email_wanted": False,
        "language": language,
        "created_at": to_ms(now),
    }
    write_once(connection, accounts, values)
    if issuer is None or subject is None:
        return str(values["id"])
    found = by_subject(connection, issuer, subject)
    return str(found.id) if found else str(values["id"])


def find(connection: Connection, account: str, *, locked: bool = False) -> Row[Any] | None:
    """Give an account; `locked` lets others who lock it wait until this transaction ends."""
    chosen = select(accounts).where(accounts.c.id == account)
    return connection.execute(chosen.with_for_update() if locked else chosen).one_or_none()


def by_subject(connection: Connection, issuer: str, subject: str) -> Row[Any] | None:
    """Give the account of whom an identity provider calls so."""
    this = (accounts.c.issuer == issuer, accounts.c.subject == subject)
    return connection.execute(select(accounts).where(*this)).one_or_none()


def change(connection: Connection, account: str, **values: Any) -> None:
    """Write columns of an account: name, email, email_wanted, language, seen_at, came_of_age_at."""
    connection.execute(update(accounts).where(accounts.c.id == account).values(**values))


def of_kind(connection: Connection, kind: str) -> Sequence[Row[Any]]:
    """List the accounts of a kind in the order in which they were made."""
    chosen = select(accounts).where(accounts.c.kind == kind)
    return connection.execute(chosen.order_by(accounts.c.created_at, accounts.c.id)).all()


# --- whose case it is -------------------------------------------------------------------------------


def own(connection: Connection, account: str, case: str, now: datetime, label: str | None = None) -> None:
    """Write down whose case it is, once: the first who joined holds it, whoever comes later."""
    values = {"case": case, "account": account, "label": label, "joined_at": to_ms(now)}
    write_once(connection, account_cases, values)


def owner_of(connection: Connection, case: str) -> str | None:
    """Give the account whose case it is."""
    return connection.scalars(
        select(account_cases.c.account).where(account_cases.c.case == case)
    ).one_or_none()


def cases_of(connection: Connection, account: str) -> Sequence[Row[Any]]:
    """List the cases of an account, newest first."""
    chosen = select(account_cases).where(account_cases.c.account == account)
    return connection.execute(chosen.order_by(account_cases.c.joined_at.desc(), account_cases.c.case)).all()


def every_case(connection: Connection) -> Sequence[Row[Any]]:
    """List all cases that are somebody's."""
    return connection.execute(select(account_cases).order_by(account_cases.c.case)).all()


def label(connection: Connection, case: str, words: str | None) -> None:
    """Write down what the citizen calls a case."""
    connection.execute(update(account_cases).where(account_cases.c.case == case).values(label=words))


# --- a ward gets a sign-in --------------------------------------------------------------------------


def offer_link(connection: Connection, ward: str, code_hash: str, until: datetime) -> None:
    """Keep the code by which a ward gets a sign-in; an earlier one is worth nothing any more."""
    change(connection, ward, link_hash=code_hash, link_until=to_ms(until))


def by_link(connection: Connection, code_hash: str, now: datetime) -> Row[Any] | None:
    """Give the ward whose code this is, while it can be used; nobody else can use it meanwhile."""
    this = (accounts.c.link_hash == code_hash, accounts.c.link_until > to_ms(now), accounts.c.kind == "ward")
    return connection.execute(select(accounts).where(*this).with_for_update()).one_or_none()


def hand_over(connection: Connection, ward: str, account: str) -> None:
    """Let everything of a ward be that of the account in which they sign in; the ward's own is gone."""
    for table in (account_cases, deeds, joint_decisions, receipts, mails):
        connection.execute(update(table).where(table.c.account == ward).values(account=account))
    connection.execute(update(mandates).where(mandates.c.principal == ward).values(principal=account))
    # What a ward was told or has seen, nobody was told or has seen: the ward could not sign in.
    connection.execute(delete(told).where(told.c.account == ward))
    connection.execute(delete(seen).where(seen.c.account == ward))
    connection.execute(delete(accounts).where(accounts.c.id == ward))

"""What the portal has to follow up on in the exchange's own tables, for cases that are somebody's here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.exchange.store.tables import consent_requests, consents, emergencies
from connectors.portal.store.tables import account_cases, accounts, receipts
from schemas.instant import to_ms


def live_consents(connection: Connection) -> Sequence[Row[Any]]:
    """List the permissions in force, each with its `account`."""
    joined = consents.join(account_cases, consents.c.case == account_cases.c.case)
    chosen = select(consents, account_cases.c.account).select_from(joined)
    return connection.execute(
        chosen.where(consents.c.status == "granted").order_by(account_cases.c.account, consents.c.id)
    ).all()


def allowed_before_majority(connection: Connection) -> Sequence[Row[Any]]:
    """List the permissions in force that nobody has touched since the person came of age, with `account`."""
    joined = consents.join(account_cases, consents.c.case == account_cases.c.case)
    joined = joined.join(accounts, account_cases.c.account == accounts.c.id)
    this = (consents.c.status == "granted", consents.c.status_at <= accounts.c.came_of_age_at)
    chosen = select(consents, account_cases.c.account).select_from(joined)
    return connection.execute(chosen.where(*this).order_by(account_cases.c.account, consents.c.id)).all()


def expired_consents(connection: Connection) -> Sequence[Row[Any]]:
    """List the permissions whose end has come and of which there is no receipt, each with its `account`."""
    joined = consents.join(account_cases, consents.c.case == account_cases.c.case)
    told = select(receipts.c.consent).where(receipts.c.kind == "expired", receipts.c.consent.is_not(None))
    chosen = select(consents, account_cases.c.account).select_from(joined)
    return connection.execute(
        chosen.where(consents.c.status == "expired", consents.c.id.not_in(told)).order_by(consents.c.id)
    ).all()


def withdrawn_consents(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """List the permissions taken back before an instant and without a receipt, each with its `account`.

    Pages give the receipt a moment after they have taken a permission back: leave them that moment.
    """
    joined = consents.join(account_cases, consents.c.case == account_cases.c.case)
    told = select(receipts.c.consent).where(receipts.c.kind == "withdrawn", receipts.c.consent.is_not(None))
    this = (consents.c.status == "withdrawn", consents.c.status_at < to_ms(before))
    chosen = select(consents, account_cases.c.account).select_from(joined)
    return connection.execute(chosen.where(*this, consents.c.id.not_in(told)).order_by(consents.c.id)).all()


def open_requests(connection: Connection) -> Sequence[Row[Any]]:
    """List the requests that wait for an answer, each with its `account`."""
    joined = consent_requests.join(account_cases, consent_requests.c.case == account_cases.c.case)
    chosen = select(consent_requests, account_cases.c.account).select_from(joined)
    return connection.execute(
        chosen.where(consent_requests.c.state == "open").order_by(
            account_cases.c.account, consent_requests.c.id
        )
    ).all()


def emergencies_opened(connection: Connection) -> Sequence[Row[Any]]:
    """List the emergencies, each with its `account`."""
    joined = emergencies.join(account_cases, emergencies.c.case == account_cases.c.case)
    chosen = select(emergencies, account_cases.c.account).select_from(joined)
    return connection.execute(chosen.order_by(account_cases.c.account, emergencies.c.id)).all()

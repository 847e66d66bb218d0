"""What the portal has to follow up on in the exchange's own tables, for cases that are somebody's here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, exists, or_, select

from connectors.exchange.store.tables import consents, emergencies, outbox
from connectors.exchange.store.tables_preview import consent_requests, previews
from connectors.portal.store.tables import account_cases, accounts, deeds, receipts
from schemas.instant import to_ms

_SUSPEND: Final = "consent.suspend/1"


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


def moved_unreceipted(connection: Connection, before: datetime, types: Collection[str]) -> Sequence[Row[Any]]:
    """List what was said of permissions in messages of these types before an instant, without a receipt.

    Each with its `message`, `type` and `account`. Not what the clock has paused: nobody decided that.
    """
    by_clock = exists().where(
        deeds.c.account == account_cases.c.account,
        deeds.c.by_kind == "clock",
        deeds.c.about == consents.c.id,
    )
    chosen = (
        select(consents, outbox.c.type, outbox.c.id.label("message"), account_cases.c.account)
        .join(account_cases, consents.c.case == account_cases.c.case)
        .join(outbox, outbox.c.about == consents.c.id)
        .where(outbox.c.type.in_(types), *_unreceipted(before, receipts.c.consent == consents.c.id))
        .where(or_(outbox.c.type != _SUSPEND, ~by_clock))
    )
    return connection.execute(chosen.order_by(outbox.c.seq)).all()


def refused_unreceipted(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """List the requests that were refused before an instant, without a receipt, each with its `account`."""
    mine = receipts.c.account == account_cases.c.account
    chosen = (
        select(consent_requests, account_cases.c.account)
        .join(account_cases, consent_requests.c.case == account_cases.c.case)
        .join(outbox, outbox.c.id == consent_requests.c.answer)
        .where(consent_requests.c.state == "refused", *_unreceipted(before, mine))
    )
    return connection.execute(chosen.order_by(outbox.c.seq)).all()


def seen_first_unreceipted(connection: Connection, before: datetime) -> Sequence[Row[Any]]:
    """List the records passed on or stopped before an instant, without a receipt.

    Each with `document`, its permission's, and `account`.
    """
    chosen = (
        select(previews, consents.c.document, account_cases.c.account)
        .join(consents, consents.c.id == previews.c.consent)
        .join(account_cases, previews.c.case == account_cases.c.case)
        .join(outbox, outbox.c.id == previews.c.decided)
        .where(*_unreceipted(before, receipts.c.consent == previews.c.consent))
    )
    return connection.execute(chosen.order_by(outbox.c.seq)).all()


def _unreceipted(before: datetime, near: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    """Say which messages went out before an instant and have no receipt; `near` narrows where to look.

    What is said again under another id has the receipt of the first time.
    """
    first = outbox.alias()
    return (
        outbox.c.state.in_(("queued", "sent")),
        outbox.c.at < to_ms(before),
        ~exists().where(near, receipts.c.message == outbox.c.id),
        ~exists().where(first.c.case == outbox.c.case, first.c.replaced_by == outbox.c.id),
    )


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

"""Lets e-mail wait for those who want it; what it is about stays out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from connectors.portal.acting.rules import reaches
from connectors.portal.store import accounts, mails, mandates

KINDS: Final = (
    "receipt",
    "waits",
    "ending",
    "passkey_added",
    "delegate_acted",
    "emergency",
)
"""A receipt; something waits; permissions end soon; a new passkey; a delegate acted; an emergency."""


def tell(
    connection: Connection,
    account: str,
    kind: str,
    now: datetime,
    facts: Mapping[str, int] | None = None,
) -> str | None:
    """Queue an e-mail if the account's holder wants any; gives its id, None when none is sent.

    One that says the same and was not sent yet is enough: nobody needs it twice.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no e-mail of this kind: {kind}")
    row = accounts.find(connection, account)
    if row is None or not row.email or not row.email_wanted:
        return None
    if mails.waiting(connection, account, kind) is not None:
        return None
    return mails.queue(
        connection, account=account, kind=kind, language=row.language, facts=facts or {}, now=now
    )


def readers(connection: Connection, account: str, case: str, now: datetime) -> Sequence[str]:
    """Give who hears of a case: its citizen, or for a ward without a sign-in whoever may see the case."""
    row = accounts.find(connection, account)
    if row is None:
        return []
    if row.kind == "person":
        return [account]
    return sorted(
        {str(each.delegate) for each in mandates.in_force(connection, account, now) if reaches(each, case)}
    )

"""Receipts of what staff brought on the person's word, by telephone say: it came past the pages (rule 19).

Looks for what went out without a receipt, so that the receipt of a decision whose page broke down comes too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connectors.portal.deciding import receipts
from connectors.portal.deciding.previewing import about_this_record
from connectors.portal.deciding.receipts import Decided
from connectors.portal.settings import PortalSettings
from connectors.portal.store import due

PAGES_TAKE: Final = timedelta(minutes=5)
"""After that, no page will give the receipt of a decision any more."""
_CITIZEN: Final = {"kind": "citizen"}
_MOVES: Final[Mapping[str, str]] = {
    "consent.grant/1": "granted",
    "consent.withdraw/1": "withdrawn",
    "consent.suspend/1": "suspended",
    "consent.resume/1": "resumed",
}
_WORDS: Final[Mapping[str, str]] = {"stopped": "stopped", "declined": "stopped"}


def give_receipts(connection: Connection, settings: PortalSettings, now: datetime) -> int:
    """Give the receipts that are missing, for what was said long enough ago; gives how many."""
    found = list(_unreceipted(connection, now - PAGES_TAKE))
    for decided in found:
        receipts.give(connection, settings, decided, now)
    return len(found)


def _unreceipted(connection: Connection, before: datetime) -> Iterator[Decided]:
    for row in due.moved_unreceipted(connection, before, _MOVES):
        kind = _MOVES[row.type]
        # Who acts for another is named in what they allowed, and nowhere else.
        actor = row.document["actor"] if kind == "granted" else _CITIZEN
        yield receipts.decided(
            connection, kind, row.account, row.document, actor, message=row.message, consent=row.id
        )
    for row in due.refused_unreceipted(connection, before):
        terms = {**row.terms, "request": row.id}
        yield receipts.decided(connection, "refused", row.account, terms, _CITIZEN, message=row.answer)
    for row in due.seen_first_unreceipted(connection, before):
        yield receipts.decided(
            connection,
            _WORDS.get(row.state, "passed"),
            row.account,
            about_this_record(row.document, row),
            _CITIZEN,
            message=row.decided,
            consent=row.consent,
        )

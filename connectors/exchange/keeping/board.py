"""For the citizen's pages: who has confirmed an erasure, and who has not, since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connectors.exchange.store import access, consents
from connectors.exchange.store.tables import statements
from schemas.instant import from_ms


@dataclass(frozen=True, slots=True)
class Erasure:
    """One copy at one agency: when its consent ended, and when the agency signed that it is gone."""

    consent: str
    member: str
    message: str
    category: str
    ended_at: datetime
    confirmed_at: datetime | None
    kept: str | None


def erasures_due(connection: Connection, case: str) -> list[Erasure]:
    """List every copy that had to go because its consent was withdrawn, confirmed or not."""
    confirmed = {(row.message, row.member): row for row in access.erasures_of(connection, case)}
    found = []
    for consent in consents.of_case(connection, case):
        if consent.status != "withdrawn" or not consent.document["on_withdrawal"]["erased"]:
            continue
        for message, source, category in _released(connection, consent.id):
            for member in consent.document["recipients"]:
                if member == source:
                    continue
                row = confirmed.get((message, member))
                found.append(
                    Erasure(
                        consent=consent.id,
                        member=member,
                        message=message,
                        category=category,
                        ended_at=from_ms(consent.status_at),
                        confirmed_at=None if row is None else from_ms(row.at),
                        kept=None if row is None else row.kept,
                    )
                )
    return found


def _released(connection: Connection, consent: str) -> list[tuple[str, str, str]]:
    """Give message, source and category of every record that moved under a consent, from our own copies."""
    rows = connection.execute(
        select(statements.c.message, statements.c.sender, statements.c.categories).where(
            statements.c.consent == consent, statements.c.type == "record.release/1"
        )
    )
    return [(row.message, row.sender, row.categories[0]) for row in rows]

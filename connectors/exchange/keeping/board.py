"""For the citizen's pages: who has confirmed an erasure, and who has not, since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from connectors.exchange.store import access, consents
from connectors.exchange.store.tables import inbox, statements
from connectors.exchange.stored import read_payload
from schemas.instant import from_ms
from schemas.messages.coordination_v1 import PARTS
from schemas.messages.fields import CITIZEN

_COPIED: Final = ("record.release/1", *PARTS)


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
    """List every copy that had to go because its consent was withdrawn, confirmed or not.

    What the coordinator took out of the mailbox before anyone got it is no copy of anybody.
    """
    confirmed = {(row.message, row.member): row for row in access.erasures_of(connection, case)}
    never_given = _never_given(connection, case)
    found = []
    for consent in consents.of_case(connection, case):
        if consent.status != "withdrawn" or not consent.document["on_withdrawal"]["erased"]:
            continue
        for message, readers, category in _released(connection, consent.id):
            if message in never_given and not any((message, member) in confirmed for member in readers):
                continue
            for member in readers:
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


def _released(connection: Connection, consent: str) -> list[tuple[str, list[str], str]]:
    """Give message, readers and category of everything that moved under a consent, from our own copies."""
    rows = connection.execute(
        select(statements.c.message, statements.c.categories, inbox.c.raw)
        .join(inbox, inbox.c.id == statements.c.message)
        .where(statements.c.consent == consent, statements.c.type.in_(_COPIED))
    )
    return [
        (row.message, [to for to in read_payload(row.raw)["to"] if to != CITIZEN], row.categories[0])
        for row in rows
        if row.raw is not None
    ]


def _never_given(connection: Connection, case: str) -> set[str]:
    """Give the messages that the coordinator says it took out of a mailbox."""
    rows = connection.execute(
        select(inbox.c.raw).where(inbox.c.case == case, inbox.c.type == "delivery.withdrawn/1")
    )
    return {read_payload(row.raw)["body"]["message"] for row in rows if row.raw is not None}

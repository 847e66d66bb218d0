"""What rests on a consent that has ended: by a withdrawal, the citizen's leaving, or a new decision.

Takes consents that have ended for good, and looks at what was got by them and by those in whose place they
stood; whether it goes is decided by the documents of the whole chain (`schemas.consent_succession`), so that
it does not matter in which order the ends were heard of, or that one of them was looked at before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.store import consents, inbox, statements
from connectors.exchange.stored import read_payload
from schemas import instant
from schemas.consent_succession import Fate, Held, Link, chain, fate
from schemas.messages.coordination_v1 import PARTS


def wipe_ended(connection: Connection, ended: Row[Any]) -> None:
    """Wipe what goes with a consent that has ended; what is carried over may have less time from now on."""
    for consent in consents.ended_chain(connection, ended):
        links = _links(connection, consent)
        for statement in statements.under_consent(connection, consent.id):
            if statement.mine and statement.type in PARTS:
                continue  # our own words are no copy of others'
            found = fate(Held(statement.type, tuple(statement.categories)), links)
            if found.why is not None:
                statements.wipe(connection, statement, found.why)
            elif statement.erase_at is not None:
                _shorten(connection, statement, found)
    consents.swept(connection, ended.id)


def _links(connection: Connection, first: Row[Any]) -> tuple[Link, ...]:
    """Give a consent and those that took its place, one after the other."""
    rows = {first.id: first}

    def successor(link: Link) -> Link | None:
        row = consents.successor(connection, rows[link.id])
        if row is None:
            return None
        rows[row.id] = row
        return Link(row.document, row.status)

    return chain(Link(first.document, first.status), successor)


def _shorten(connection: Connection, statement: Row[Any], found: Fate) -> None:
    until = instant.to_ms(_got_at(connection, statement) + found.life)
    if until < statement.erase_at:
        statements.erase_by(connection, statement.id, until)


def _got_at(connection: Connection, statement: Row[Any]) -> datetime:
    """Give when it was admitted, from which its time counts; our own words count from when they were said."""
    brought = None if statement.mine else inbox.find(connection, statement.message)
    if brought is None or brought.receipt is None:
        return instant.from_ms(statement.at)
    return instant.parse(read_payload(brought.receipt.encode())["admitted_at"])

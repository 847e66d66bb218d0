"""Writes a received statement down, with the date on which it has to go again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.store import statements
from connectors.exchange.store.statements import Kept
from schemas.errors import AlreadySaid
from schemas.instant import to_ms


def keep(connector: Connector, connection: Connection, opened: Opened, life: timedelta | None) -> Kept:
    """Keep the statement of a message; `life` is how long we may, None where nothing limits it.

    What is the citizen's own is theirs as long as they like: a portal keeps without a date.
    """
    loaded, asserted = opened.message, opened.statement
    if asserted is None:
        raise TypeError("only a sealed type has a statement to keep")
    if statements.find(connection, asserted.id) is not None:
        raise AlreadySaid("A statement with this id is here already.", statement=asserted.id)
    decided_at = opened.arrival.decided_at
    limited = life is not None and not connector.acts_for_citizens
    authority = loaded.authority
    kept = Kept(
        id=asserted.id,
        message=loaded.id,
        sender=loaded.sender,
        type=loaded.type,
        case=asserted.case,
        schema=asserted.schema,
        issuer=asserted.iss,
        at=to_ms(asserted.at),
        log_index=opened.arrival.index,
        re=loaded.re,
        basis=authority.basis if authority else "seat",
        consent=authority.id if authority and authority.basis == "consent" else None,
        agreement=loaded.agreement,
        purpose=loaded.purpose,
        categories=list(loaded.categories),
        mine=False,
        plaintext=asserted.raw,
        erase_at=to_ms(decided_at + life) if limited and life is not None else None,
    )
    statements.put(connection, kept)
    return kept

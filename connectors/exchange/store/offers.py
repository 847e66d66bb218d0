"""Counter-offers: narrower terms that a citizen would agree to, as asker and portal know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store.rows import write_once
from connectors.exchange.store.tables import consent_requests, offers
from schemas.instant import to_ms


def offered(
    connection: Connection,
    message: str,
    *,
    case: str,
    request: str,
    asker: str,
    portal: str,
    terms: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write down that the citizen would agree to less."""
    values = {
        "id": message,
        "case": case,
        "request": request,
        "asker": asker,
        "portal": portal,
        "terms": dict(terms),
        "state": "open",
        "at": to_ms(now),
    }
    write_once(connection, offers, values)


def find(connection: Connection, offer: str) -> Row[Any] | None:
    """Give an offer."""
    return connection.execute(select(offers).where(offers.c.id == offer)).one_or_none()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the offers in a case, oldest first."""
    chosen = select(offers).where(offers.c.case == case)
    return connection.execute(chosen.order_by(offers.c.at, offers.c.id)).all()


def accept(connection: Connection, offer: Row[Any], by: str) -> bool:
    """Note that a request asks for what was offered, in place of the one before; say whether it was open."""
    changed = connection.execute(
        update(offers)
        .where(offers.c.id == offer.id, offers.c.state == "open")
        .values(state="accepted", answer=by)
    )
    connection.execute(
        update(consent_requests)
        .where(consent_requests.c.id == offer.request, consent_requests.c.state.in_(("open", "expired")))
        .values(state="replaced", answer=by)
    )
    return changed.rowcount == 1


def refused(connection: Connection, message: str) -> None:
    """Take back what followed from an offer, or from the request that accepts one, that was not admitted."""
    connection.execute(update(offers).where(offers.c.id == message).values(state="failed"))
    connection.execute(update(offers).where(offers.c.answer == message).values(state="open", answer=None))
    again = (consent_requests.c.state == "replaced", consent_requests.c.answer == message)
    connection.execute(update(consent_requests).where(*again).values(state="open", answer=None))


def said_again(connection: Connection, old: str, new: str) -> None:
    """Let what pointed at a message point at the one that replaces it."""
    for column in (offers.c.id, offers.c.request, offers.c.answer):
        connection.execute(update(offers).where(column == old).values({column: new}))

"""Counter-offers: what the citizen would agree to, and the request that accepts it in place of the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.store import cases, consents, offers
from schemas.consent import check_accepts, check_offer
from schemas.errors import NotYourTurn, UnknownRequest
from schemas.messages.envelope import Message


def _offered(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep what the citizen offers in answer to a request of ours; narrower, or it is no offer."""
    loaded, body = opened.message, opened.message.body or {}
    seat = cases.citizen_seat(connection, loaded.case or "")
    if seat is None or seat.member != loaded.sender:
        raise NotYourTurn("Only the citizen makes an offer.")
    request = consents.request(connection, loaded.re or "")
    if request is None or request.case != loaded.case or request.sender != connector.id:
        raise UnknownRequest(message=loaded.re or "", case=loaded.case or "")
    check_offer(body["terms"], request.terms)
    offers.offered(
        connection,
        loaded.id,
        case=request.case,
        request=request.id,
        asker=connector.id,
        portal=loaded.sender,
        terms=body["terms"],
        now=opened.arrival.decided_at,
    )


def accepted(connection: Connection, loaded: Message, terms: Mapping[str, Any]) -> None:
    """Close the request in whose place this one asks for what the citizen has offered."""
    if loaded.re is None:
        return
    offer = offers.find(connection, loaded.re)
    if offer is None or offer.case != loaded.case or offer.asker != loaded.sender:
        raise UnknownRequest("No such offer was made here.", message=loaded.re, case=loaded.case or "")
    check_accepts(terms, offer.terms)
    if not offers.accept(connection, offer, loaded.id):
        raise AlreadyDecided("This offer was accepted before.", offer=offer.id)


RULES = {"consent.offer/1": _offered}

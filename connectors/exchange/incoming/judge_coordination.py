"""Notes, plans, referrals, appointments, documents and messages: shared work of those who sit in the case."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from connectors.exchange import agreements
from connectors.exchange.basis import Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.keep import keep
from connectors.exchange.store import cases
from schemas.errors import NoSeat
from schemas.messages.envelope import Authority
from schemas.messages.table import TYPES

_FAMILIES = frozenset({"note", "goal", "action", "referral", "appointment", "message", "document", "outcome"})
_ELSEWHERE = frozenset({"message.reject/1"})
_LIFE = timedelta(days=3660)
"""The longest that any agreement may say; the case's closing usually comes first."""


def _shared(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep what was shared: from the citizen by their seat, from an agency by the basis that it names."""
    loaded = opened.message
    authority = loaded.authority or Authority("seat")
    case = loaded.case or ""
    life: timedelta | None = _LIFE
    if authority.basis == "seat":
        _check_seats(connector, connection, case, loaded.sender)
    elif not connector.acts_for_citizens:
        question = Question(
            case=case,
            source=loaded.sender,
            recipient=connector.id,
            authority=authority,
            agreement=loaded.agreement,
            purpose=loaded.purpose,
            categories=loaded.categories,
            at=opened.arrival.decided_at,
        )
        life = permitted(connector, connection, question).life
    elif loaded.agreement is not None:
        agreements.known(connection, loaded.agreement)
    keep(connector, connection, opened, life)


def _check_seats(connector: Connector, connection: Connection, case: str, sender: str) -> None:
    """On a seat alone only the citizen and an agency speak to each other, never two agencies."""
    seat = cases.citizen_seat(connection, case)
    if seat is None or not (seat.member == sender or connector.acts_for_citizens):
        raise NoSeat("Between agencies nothing moves on a seat alone.", case=case)


RULES = {
    name: _shared
    for name, rule in TYPES.items()
    if rule.sealed and rule.family in _FAMILIES and name not in _ELSEWHERE
}

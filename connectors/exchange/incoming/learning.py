"""Before a message is judged: fetch what the judgement will need and what is not known here yet.

It is done before the transaction begins, because nothing may wait for the network while it holds the
database. What is fetched is proven where it is fetched (agreements, seats, keys); this only says what is
needed when.
"""

from __future__ import annotations

from connectors.exchange import agreements, seats
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import catch_up
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.store import inbox
from schemas.errors import NoSeat, UnknownCase
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN

GRANT = "consent.grant/1"

_OURS_TO_READ = frozenset({GRANT, "record.request/1", "record.release/1", "record.contest/1"})
"""Types that cannot be judged without the citizen's pinned seat."""


def learn_for(connector: Connector, opened: Opened) -> None:
    """Fetch the agreement and the seats that the message's judgement needs."""
    loaded = opened.message
    with connector.database.reading() as connection:
        if inbox.has(connection, loaded.sender, loaded.id):
            return
    if loaded.type.startswith("agreement."):
        ref = agreements.ref_in(loaded)
        if ref is not None:
            agreements.learn(connector, ref)
        return
    _learn_agreement(connector, opened)
    if loaded.case is not None and not connector.acts_for_citizens:
        _learn_seats(connector, loaded, loaded.case)


def _learn_seats(connector: Connector, loaded: Message, case: str) -> None:
    new_seats = loaded.type == seats.ATTEST or (
        loaded.type == seats.JOIN and "seat" not in (loaded.body or {})
    )
    try:
        if new_seats:
            seats.learn(connector, case)
        elif loaded.type in _OURS_TO_READ or CITIZEN in loaded.to:
            seats.ensure_citizen(connector, case)
    except (UnknownCase, NoSeat):
        if loaded.type != GRANT:
            raise  # only a consent is told before we sit in the case; it is proven once we do
    catch_up.prove(connector, case)


def _learn_agreement(connector: Connector, opened: Opened) -> None:
    loaded = opened.message
    ref = loaded.agreement
    if loaded.type == GRANT:
        ref = (loaded.body or {})["consent"]["agreement"]
    elif loaded.type == "consent.request/1":
        ref = (loaded.body or {})["terms"]["agreement"]
    if ref is not None:
        agreements.ensure(connector, ref)

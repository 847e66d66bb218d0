"""Before a message is judged: fetch what the judgement will need and what is not known here yet.

It is done before the transaction begins, because nothing may wait for the network while it holds the
database. What is fetched is proven where it is fetched (agreements, seats, keys); this only says what is
needed when.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.exchange import agreements, seats
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import catch_up
from connectors.exchange.incoming.arrival import Opened
from schemas.errors import NoSeat, UnknownCase
from schemas.messages import case_v1
from schemas.messages.coordination_v1 import PARTS
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN

GRANT = "consent.grant/1"

_OURS_TO_READ = frozenset({GRANT, "record.request/1", "record.release/1", "record.contest/1", *PARTS})
"""Types that cannot be judged without the citizen's pinned seat."""


_FROM_ANY_SEAT = frozenset({case_v1.ATTEST, case_v1.KEYS, case_v1.LEAVE, case_v1.CLOSE, case_v1.REOPEN})
"""Types that change the circle of seats, or may come from one that is not known here yet."""


@dataclass(slots=True)
class Learnt:
    """What was looked up for a page already: hundreds of messages of one case ask once."""

    agreements: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)


def learn_for(connector: Connector, opened: Opened, learnt: Learnt) -> None:
    """Fetch the agreement and the seats that the message's judgement needs."""
    loaded = opened.message
    if loaded.type.startswith("agreement."):
        ref = agreements.ref_in(loaded)
        if ref is not None:
            agreements.learn(connector, ref)
        return
    ref = _agreement_of(loaded)
    if ref is not None and ref not in learnt.agreements:
        agreements.ensure(connector, ref)
        learnt.agreements.add(ref)
    if loaded.case is not None and not connector.acts_for_citizens:
        _learn_seats(connector, loaded, loaded.case, learnt)


def _learn_seats(connector: Connector, loaded: Message, case: str, learnt: Learnt) -> None:
    new_seats = loaded.type in _FROM_ANY_SEAT or (
        loaded.type == case_v1.JOIN and "seat" not in (loaded.body or {})
    )
    if new_seats:
        seats.learn(connector, case)
    elif case in learnt.cases or not (loaded.type in _OURS_TO_READ or CITIZEN in loaded.to):
        return
    else:
        try:
            if _by_passkey(loaded):
                # Which passkeys count must be known up to now: the history has what we were not told.
                seats.learn(connector, case)
            else:
                seats.ensure_citizen(connector, case)
        except (UnknownCase, NoSeat):
            if loaded.type != GRANT:
                raise
            return  # only a consent is told before we sit in the case; it is proven once we do
    learnt.cases.add(case)
    catch_up.prove(connector, case)


def _by_passkey(loaded: Message) -> bool:
    if loaded.type != GRANT:
        return False
    return any(proof["kind"] == "passkey" for proof in (loaded.body or {})["consent"]["proof"])


def _agreement_of(loaded: Message) -> str | None:
    if loaded.type == GRANT:
        return str((loaded.body or {})["consent"]["agreement"])
    if loaded.type == "consent.request/1":
        return str((loaded.body or {})["terms"]["agreement"])
    return loaded.agreement

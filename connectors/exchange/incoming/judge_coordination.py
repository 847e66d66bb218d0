"""Notes, messages, documents and outcomes: shared work of those who sit in the case."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from connectors.exchange import agreements
from connectors.exchange.basis import Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.keep import keep
from connectors.exchange.shared_work import (
    LIFE,
    check_answer,
    check_note_kind,
    check_of_case,
    check_part,
    check_reply,
)
from connectors.exchange.store import cases
from schemas.errors import NoSeat
from schemas.messages.coordination_v1 import DOCUMENT, MESSAGE, NOTE, OUTCOME, PARTS, check_attached
from schemas.messages.envelope import Authority


def _shared(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep what was shared.

    1. from the citizen by their seat, from an agency by the basis that it names, judged as at a release
    2. the document inside is the attachment outside               (a file that its sender did not sign for)
    3. what it is about is of this case                            (linking two cases of one person)
    4. a message answers a message, an outcome the other side's    (agreeing with oneself)
    5. how the citizen is reached safely, the citizen says         (letters led to another address)
    """
    loaded, asserted = opened.message, opened.statement
    if asserted is None:
        raise TypeError("a sealed type always has its statement here")
    life = _life(connector, connection, opened)
    if loaded.type == DOCUMENT:
        check_attached(loaded, asserted.content)
    check_of_case(connection, asserted.case, asserted.content)
    if loaded.type == MESSAGE:
        check_reply(connection, asserted.content)
    if loaded.type == OUTCOME:
        check_answer(connection, asserted.case, asserted.iss, asserted.content)
    if loaded.type == NOTE:
        check_note_kind(connection, asserted.case, asserted.iss, asserted.content)
    keep(connector, connection, opened, life)


def _life(connector: Connector, connection: Connection, opened: Opened) -> timedelta:
    """Judge the basis, and give how long we may keep it (a portal keeps what is the citizen's own)."""
    loaded = opened.message
    authority = loaded.authority or Authority("seat")
    if authority.basis == "seat":
        _check_seats(connector, connection, loaded.case or "", loaded.sender)
        return LIFE
    if connector.acts_for_citizens:
        if loaded.agreement is not None:
            agreements.known(connection, loaded.agreement)
        return LIFE
    question = Question(
        case=loaded.case or "",
        source=loaded.sender,
        recipient=connector.id,
        authority=authority,
        agreement=loaded.agreement,
        purpose=loaded.purpose,
        categories=loaded.categories,
        at=opened.arrival.decided_at,
    )
    allowed = permitted(connector, connection, question)
    check_part(allowed, loaded.type)
    return allowed.life or LIFE


def _check_seats(connector: Connector, connection: Connection, case: str, sender: str) -> None:
    """On a seat alone only the citizen and an agency speak to each other, never two agencies."""
    seat = cases.citizen_seat(connection, case)
    if seat is None or not (seat.member == sender or connector.acts_for_citizens):
        raise NoSeat("Between agencies nothing moves on a seat alone.", case=case)


RULES = dict.fromkeys(PARTS, _shared)

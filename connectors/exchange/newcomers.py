"""What an agency that has just joined a case is told at once: how its citizen may safely be reached, and what
they contest in records that it gave or got.

Only where the citizen's seat is held, in the transaction that writes the new seat down: a letter to the wrong
address can be what puts somebody in danger, so nobody has to remember to send it; and a source that was not
there when its record was contested would give it again without the mark. Who was invited without our
knowledge is not told: the citizen sees that, and can send it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import contests, outbox, statements
from connectors.exchange.stored import read_payload
from schemas.messages.coordination_v1 import CATEGORY, NOTE, SAFE_CONTACT
from schemas.messages.envelope import Authority


def tell_safe_contact(
    connector: Connector, connection: Connection, case: str, member: str, now: datetime
) -> None:
    """Say to `member` what the citizen has last said of it, if they have; sealed to that member alone."""
    text = _said_last(connection, case)
    if text is None:
        return
    letter = Letter(
        type=NOTE,
        schema=NOTE,
        content={"text": text, "kind": SAFE_CONTACT},
        case=case,
        to=(member,),
        authority=Authority("seat"),
        categories=(CATEGORY,),
    )
    signed, kept = seal_and_sign(connector, letter, now)
    statements.put(connection, kept)
    post(connection, signed, now)


def tell_contests(
    connector: Connector, connection: Connection, case: str, member: str, now: datetime
) -> None:
    """Say again what the citizen contests and `member` was not told, to all who have the record.

    To all of them, so that the correction that settles it settles the same for everybody.
    """
    for contest in contests.standing(connection, case):
        if contest.plaintext is None or not contest.mine or member in _told(connection, contest):
            continue
        record = contests.about(connection, contest)
        holders = () if record is None else contests.holders(connection, record)
        if record is None or member not in holders:
            continue
        letter = Letter(
            type=contests.CONTEST,
            schema=contests.CONTEST,
            content=read_payload(contest.plaintext)["content"],
            case=case,
            to=tuple(holders),
            authority=Authority("seat"),
            categories=tuple(contest.categories),
            re=record.message,
        )
        signed, kept = seal_and_sign(connector, letter, now)
        statements.put(connection, kept)
        contests.stands(connection, kept.id, record.id)
        post(connection, signed, now)


def _told(connection: Connection, contest: Row[Any]) -> frozenset[str]:
    """Give to whom the same was said already."""
    said: set[str] = set()
    for each in contests.standing(connection, contest.case):
        sent = outbox.find(connection, each.message)
        if contests.is_same(contest, each) and sent is not None and sent.raw is not None:
            said.update(read_payload(sent.raw)["to"])
    return frozenset(said)


def _said_last(connection: Connection, case: str) -> str | None:
    for row in statements.ours_of_type(connection, case, NOTE):
        content = read_payload(row.plaintext)["content"]
        if content.get("kind") == SAFE_CONTACT:
            return str(content["text"])
    return None

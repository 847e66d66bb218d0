"""What an agency that has just joined a case is told at once: how its citizen may safely be reached.

Only where the citizen's seat is held, in the transaction that writes the new seat down: a letter to the wrong
address can be what puts somebody in danger, so nobody has to remember to send it. Who was invited without
our knowledge is not told: the citizen sees that, and can send it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import statements
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


def _said_last(connection: Connection, case: str) -> str | None:
    for row in statements.ours_of_type(connection, case, NOTE):
        content = read_payload(row.plaintext)["content"]
        if content.get("kind") == SAFE_CONTACT:
            return str(content["text"])
    return None

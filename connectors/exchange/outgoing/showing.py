"""Seals a record for the citizen alone, where their consent says that they see it before it is passed on.

The record is kept here as it was sealed, until it is passed on, stopped, or its time is over: what goes on
is the very statement that the citizen has seen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.asked import Asked
from connectors.exchange.outgoing.collect import Collected
from connectors.exchange.outgoing.compose import CITIZEN, Letter, attest, seal
from connectors.exchange.outgoing.minimise import minimise
from connectors.exchange.spool import post
from connectors.exchange.store import previews, statements
from connectors.exchange.store.outbox import Signed
from connectors.exchange.store.statements import Kept
from schemas.instant import to_ms
from schemas.messages.envelope import Authority

_MONTH = timedelta(days=30)


def is_seen_first(asked: Asked) -> bool:
    """Whether the consent lets the citizen see everything before who asked does."""
    return asked.allowed.consent is not None and asked.allowed.consent.preview


def show(connector: Connector, asked: Asked, found: Collected, now: datetime) -> tuple[Signed, Kept]:
    """Attest and seal for the citizen, by their seat; what is kept goes when the copies would have to."""
    letter = Letter(
        type="record.release/1",
        schema=asked.allowed.categories[found.category].schema,
        content=minimise(asked, found.category, found.record or {}),
        case=asked.case,
        to=(CITIZEN,),
        authority=Authority("seat"),
        categories=(found.category,),
        re=asked.id,
        contested=found.contested,
    )
    attested = attest(connector, letter, now)
    signed, kept = seal(connector, attested, now)
    until = to_ms(now + (asked.allowed.life or _MONTH))
    # It rests on the seat, and is kept for the consent: when that ends, it goes.
    return signed, replace(kept, consent=asked.authority.id, plaintext=attested.statement.raw, erase_at=until)


def spool(connection: Connection, asked: Asked, shown: tuple[Signed, Kept], now: datetime) -> None:
    """Put a preview into the spool, and note that it waits."""
    signed, kept = shown
    post(connection, signed, now)
    statements.put(connection, kept)
    preview = previews.Preview(
        release=signed.id,
        statement=kept.id,
        request=asked.id,
        case=asked.case,
        category=kept.categories[0],
        source=kept.issuer,
        recipient=asked.sender,
        consent=str(asked.authority.id),
    )
    previews.waits(connection, preview, now)

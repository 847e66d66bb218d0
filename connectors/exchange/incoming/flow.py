"""THE WAY IN: fetch → verify → open → judge → store → acknowledge.

Everything of one page is stored in one transaction with the cursor; each message has its own verdict. What
cannot be accepted is answered with `message.reject`, kept aside for the operator, and blocks nothing behind
it. Trouble that says nothing about a message (network, database, disk) rejects nothing: the page comes
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from connectors.exchange.client import Delivered
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import rejecting
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.judge import judge
from connectors.exchange.incoming.learning import learn_for
from connectors.exchange.incoming.page import (
    CheckedPage,
    Known,
    caught_up,
    check_complete,
    check_page,
    is_newer,
)
from connectors.exchange.incoming.verify import open_statement, verify
from connectors.exchange.store import inbox
from connectors.exchange.store.inbox import Received
from schemas.errors import Refusal, Unavailable

_CONSENT = "consent."


@dataclass(frozen=True, slots=True)
class Taken:
    """What one page brought."""

    messages: int
    more: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be accepted, and why."""

    delivered: Delivered
    refusal: Refusal


def receive(connector: Connector, *, wait: int = 0) -> Taken:
    """Take in one page of the mailbox; raise Unavailable or HistoryChanged, and then nothing has moved."""
    page = fetch(connector, wait)
    read = [read_one(connector, page, delivered) for delivered in page.page.messages]
    position = store(connector, page, read)
    acknowledge(connector, page)
    return Taken(len(read), more=not caught_up(page.head, page.page, position))


def fetch(connector: Connector, wait: int) -> CheckedPage:
    """Collect a page and check that it continues the log that we know."""
    with connector.database.reading() as connection:
        known = Known(inbox.position(connection), inbox.last_checkpoint(connection))
    page = connector.coordinator.mailbox(
        known.cursor.position,
        wait=wait,
        limit=connector.limits.page,
        seen=0 if known.checkpoint is None else known.checkpoint[0],
    )
    return check_page(connector, page, known)


def read_one(
    connector: Connector, page: CheckedPage, delivered: Delivered
) -> tuple[Delivered, Opened] | Refused:
    """Verify and open one message, and fetch what is needed to judge it; no transaction is open meanwhile."""
    try:
        opened = open_statement(connector, verify(connector, page, delivered))
        learn_for(connector, opened)
    except Unavailable:
        raise
    except Refusal as refusal:
        return Refused(delivered, refusal)
    return delivered, opened


def store(connector: Connector, page: CheckedPage, read: Sequence[tuple[Delivered, Opened] | Refused]) -> int:
    """Judge and store a page in one transaction with cursor, checkpoint and head; gives the new position."""
    now = connector.clock()
    with connector.database.writing() as connection:
        before = inbox.position(connection)
        inbox.keep_checkpoint(connection, page.checkpoint, page.page.checkpoint, now)
        for each in read:
            if isinstance(each, Refused):
                _turn_away(connector, connection, each)
            else:
                _take(connector, connection, *each)
        check_complete(connection, page, before=before, now=now)
        if is_newer(page.head, before):
            inbox.keep_head(connection, page.head, now)
        return inbox.position(connection).position


def _take(connector: Connector, connection: Connection, delivered: Delivered, opened: Opened) -> None:
    """Judge one message and store what it changes; what the judgement wrote is undone if it is refused."""
    loaded = opened.message
    if delivered.index <= inbox.position(connection).position:
        return  # the page was given again
    if inbox.has(connection, loaded.sender, loaded.id):
        rejecting.replayed(connector, connection, delivered.index, loaded)
        return
    try:
        with connection.begin_nested():
            judge(connector, connection, opened)
    except Unavailable:
        raise
    except Refusal as refusal:
        _turn_away(connector, connection, Refused(delivered, refusal))
        return
    received = Received(
        index=delivered.index,
        id=loaded.id,
        sender=loaded.sender,
        type=loaded.type,
        case=loaded.case,
        raw=loaded.raw,
        sha256=loaded.sha256,
        receipt=delivered.receipt,
    )
    inbox.put(connection, received, "stored", None, connector.clock())
    inbox.move(connection, delivered.index, consent=loaded.type.startswith(_CONSENT))


def _turn_away(connector: Connector, connection: Connection, refused: Refused) -> None:
    if refused.delivered.index > inbox.position(connection).position:
        rejecting.reject(connector, connection, refused.delivered, refused.refusal)


def acknowledge(connector: Connector, page: CheckedPage) -> None:
    """Say how far we are; if this fails the same page comes again and changes nothing."""
    if page.page.messages:
        connector.coordinator.acknowledge(max(each.index for each in page.page.messages))

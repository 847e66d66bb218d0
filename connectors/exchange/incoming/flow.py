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
from connectors.exchange.incoming.learning import Learnt, learn_for
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
from connectors.exchange.store.inbox import Progress, Received
from schemas.errors import Refusal, Unavailable

CONSENT = "consent."


@dataclass(frozen=True, slots=True)
class Taken:
    """What one page brought."""

    messages: int
    more: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A message that can be judged."""

    delivered: Delivered
    opened: Opened


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that cannot be accepted, and why."""

    delivered: Delivered
    refusal: Refusal


def receive(connector: Connector, *, wait: int = 0) -> Taken:
    """Take in one page of the mailbox; raise Unavailable or HistoryChanged for what has to come again."""
    page = fetch(connector, wait)
    read, trouble = read_all(connector, page)
    progress = store(connector, page, read)
    acknowledge(connector, read)
    if trouble is not None:
        raise trouble
    return Taken(len(read), more=not caught_up(page.head, page.page, progress.position))


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


def read_all(connector: Connector, page: CheckedPage) -> tuple[list[Read | Refused], Unavailable | None]:
    """Read the messages in order, up to the first that cannot be read at the moment."""
    read: list[Read | Refused] = []
    learnt = Learnt()
    for delivered in page.page.messages:
        try:
            read.append(read_one(connector, page, delivered, learnt))
        except Unavailable as trouble:
            return read, trouble
    return read, None


def read_one(connector: Connector, page: CheckedPage, delivered: Delivered, learnt: Learnt) -> Read | Refused:
    """Verify and open one message, and fetch what is needed to judge it; no transaction is open meanwhile."""
    try:
        opened = open_statement(connector, verify(connector, page, delivered))
        learn_for(connector, opened, learnt)
    except Unavailable:
        raise
    except Refusal as refusal:
        return Refused(delivered, refusal)
    return Read(delivered, opened)


def store(connector: Connector, page: CheckedPage, read: Sequence[Read | Refused]) -> Progress:
    """Judge and store a page in one transaction with cursor, checkpoint and head; gives how far we are."""
    now = connector.clock()
    with connector.database.writing() as connection:
        before = inbox.position(connection)
        progress = Progress(before.position, before.consent_position)
        inbox.keep_checkpoint(connection, page.checkpoint, page.page.checkpoint, now)
        for each in read:
            if each.delivered.index > progress.position:  # else the page was given again
                about_consent = _take(connector, connection, each)
                progress.pass_by(each.delivered.index, consent=about_consent)
        inbox.move(connection, progress)
        if len(read) == len(page.page.messages):
            check_complete(connection, page, before=before, reached=progress, now=now)
        if is_newer(page.head, before):
            inbox.keep_head(connection, page.head, now)
    return progress


def _take(connector: Connector, connection: Connection, each: Read | Refused) -> bool:
    """Judge and store one message, or turn it away; say whether it claims to be about a consent.

    What a judgement wrote is undone if it ends in a refusal.
    """
    if isinstance(each, Refused):
        return rejecting.reject(connector, connection, each.delivered, each.refusal)
    loaded = each.opened.message
    if inbox.has(connection, loaded.sender, loaded.id):
        return rejecting.replayed(connector, connection, each.delivered.index, loaded)
    try:
        with connection.begin_nested():
            judge(connector, connection, each.opened)
    except Unavailable:
        raise
    except Refusal as refusal:
        return rejecting.reject(connector, connection, each.delivered, refusal)
    received = Received(
        index=each.delivered.index,
        id=loaded.id,
        sender=loaded.sender,
        type=loaded.type,
        case=loaded.case,
        raw=loaded.raw,
        sha256=loaded.sha256,
        receipt=each.delivered.receipt,
    )
    inbox.put(connection, received, "stored", None, connector.clock())
    return loaded.type.startswith(CONSENT)


def acknowledge(connector: Connector, read: Sequence[Read | Refused]) -> None:
    """Say how far we are; if this fails the same page comes again and changes nothing."""
    if read:
        connector.coordinator.acknowledge(max(each.delivered.index for each in read))

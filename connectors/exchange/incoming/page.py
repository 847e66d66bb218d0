"""Checks a mailbox page as a whole before any message in it is looked at: the log, its history, the signed
head.

A page that does not fit what was seen before raises an alarm and is not used: a coordinator that shows two
histories cannot be believed about consents either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connectors.exchange.client import Page
from connectors.exchange.connector import Connector
from connectors.exchange.errors import HistoryChanged, MessageHidden
from connectors.exchange.store import alarms
from connectors.exchange.store.inbox import Cursor, Progress
from schemas import head, log
from schemas.errors import Refusal
from schemas.head import Head
from schemas.log import Checkpoint

CLOCK_TOLERANCE: Final = timedelta(seconds=60)
"""What the protocol allows clocks to differ by."""


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page whose checkpoint continues the history that we know."""

    page: Page
    checkpoint: Checkpoint
    head: Head


@dataclass(frozen=True, slots=True)
class Known:
    """What we knew when we asked: an answer must continue this, whatever others have stored meanwhile."""

    cursor: Cursor
    checkpoint: tuple[int, bytes] | None


def check_page(connector: Connector, page: Page, known: Known) -> CheckedPage:
    """Check log and head; raise HistoryChanged, with an alarm, when they do not continue what we know.

    1. the checkpoint is signed by the log's pinned key         (another log)
    2. it is consistent with the last one seen                  (split view, rewritten history, rollback)
    3. the head is signed, for us, about this same tree         (a head made for someone else)
    4. the head is not older than the one before                (replayed head that hides a withdrawal)
    """
    pinned = connector.coordinator.pinned
    try:
        checkpoint = log.verify_checkpoint(page.checkpoint, pinned.origin, pinned.log)
        _check_history(known.checkpoint, checkpoint, page)
        signed = head.check(page.head, pinned.key_for, member=connector.id)
        _check_head(signed, checkpoint, known.cursor)
    except Refusal as refusal:
        raise _alarm(connector, refusal) from refusal
    return CheckedPage(page, checkpoint, signed)


def _check_history(seen: tuple[int, bytes] | None, checkpoint: Checkpoint, page: Page) -> None:
    if seen is None:
        return
    size, root = seen
    if checkpoint.size < size:
        raise HistoryChanged(
            f"The log had {size} entries before and shows {checkpoint.size} now.",
            had=size,
            has=checkpoint.size,
        )
    if size > 0:
        log.verify_consistency(size, root, checkpoint.size, checkpoint.root, page.consistency)


def _check_head(signed: Head, checkpoint: Checkpoint, cursor: Cursor) -> None:
    if signed.size > checkpoint.size or (signed.size == checkpoint.size and signed.root != checkpoint.root):
        raise HistoryChanged("The head speaks of another log than the checkpoint.")
    if signed.last < cursor.head_last or signed.last_consent < cursor.head_last_consent:
        raise HistoryChanged("The head knows of fewer messages for us than an earlier one did.")


def _alarm(connector: Connector, refusal: Refusal) -> HistoryChanged:
    changed = HistoryChanged(
        f"The coordinator's log does not continue what it showed before: {refusal.detail}",
        remedy="Keep this database, and compare checkpoints with other members before clearing the alarm.",
    )
    with connector.database.writing() as connection:
        alarms.raise_alarm(connection, HistoryChanged.code, "log", changed.detail, connector.clock())
    return changed


def is_newer(signed: Head, cursor: Cursor) -> bool:
    """Say whether the head is newer than the one that is kept."""
    return cursor.head_at is None or round(signed.at.timestamp() * 1000) >= cursor.head_at


def caught_up(signed: Head, page: Page, position: int) -> bool:
    """Say whether this page was the last that waited (a page is bounded in bytes too, not only in number)."""
    return not page.messages or position >= signed.last


def check_complete(
    connection: Connection, page: CheckedPage, *, before: Cursor, reached: Progress, now: datetime
) -> None:
    """Raise an alarm when the coordinator vouches for a decision of the citizen that it does not give.

    A message may get its place between the reading of a page and the signing of its head; so only what an
    *earlier* head vouched for, and a later page that leaves nothing behind still lacks, is called hidden.
    Messages that are no decisions may lawfully disappear: they are taken back when their consent ends.
    """
    if not caught_up(page.head, page.page, reached.position):
        return
    if before.head_last_consent > reached.consent_position:
        alarms.raise_alarm(
            connection,
            alarms.HIDDEN,
            "mailbox",
            f"{MessageHidden().detail} Its head named a decision at index {before.head_last_consent}; "
            f"the newest that we have got is at {reached.consent_position}.",
            now,
        )
    elif page.head.last_consent <= reached.consent_position:
        alarms.healed(connection, alarms.HIDDEN, now)

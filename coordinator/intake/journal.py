"""The order of decisions, and what a batch writes into it: messages, refusals, what waits for the log.

Places are drawn after the batch has its locks, so that whoever decided first stands first; gaps mean nothing.
Rows are collected and written by a handful of statements at the end of the transaction.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from coordinator.database.engine import is_postgresql
from coordinator.intake.statements import (
    ADD_MESSAGES,
    ADD_REFUSALS,
    ADD_TO_QUEUE,
    DRAW_PLACES,
    LAST_PLACE,
)
from coordinator.log.sequence import Waiting
from coordinator.register.said import Identified
from coordinator.register.uploads import save_uses
from schemas.instant import to_ms
from schemas.messages.shape import Message
from schemas.receipt import SALT_BYTES, commitment

Route = tuple[str, str | None, str]
"""A member's mailbox, the consent under which the message waits there, and whether it is about consents."""


class Journal:
    """What one transaction adds to the order of decisions."""

    def __init__(self, connection: Connection, places: int) -> None:
        """Draw this many places; more are drawn when needed."""
        self._connection = connection
        self._places = self._draw(places)
        self._messages: list[tuple[Any, ...]] = []
        self._refusals: list[tuple[Any, ...]] = []
        self.waiting: list[Waiting] = []
        self._uses: set[tuple[str, str]] = set()
        self.members: set[str] = set()
        self._salts = os.urandom(SALT_BYTES * places)

    def __len__(self) -> int:
        """How many entries wait to be sequenced."""
        return len(self.waiting)

    def next_place(self) -> int:
        """Give the next place in the order of decisions."""
        if not self._places:
            self._places = self._draw(16)
        return self._places.pop()

    def new_salt(self) -> bytes:
        """Give fresh randomness for one entry."""
        salt, self._salts = self._salts[:SALT_BYTES], self._salts[SALT_BYTES:]
        return salt if len(salt) == SALT_BYTES else os.urandom(SALT_BYTES)

    def _draw(self, count: int) -> list[int]:
        """Give places in descending order, to be taken from the end."""
        if is_postgresql(self._connection):
            rows = DRAW_PLACES.once(self._connection, (count,))
            return sorted((int(row[0]) for row in rows), reverse=True)
        # One writer: nobody else draws between this and the commit.
        last = getattr(self, "_last", None)
        if last is None:
            last = int(LAST_PLACE.once(self._connection, ())[0][0])
        self._last = last + count
        return list(range(last + count, last, -1))

    def add_message(
        self, message: Message, *, seq: int, salt: bytes, receipt: bytes, consent: str | None, now: datetime
    ) -> None:
        """Write down a message that was admitted."""
        self._messages.append(
            (
                seq,
                message.id,
                message.sender,
                message.type,
                message.case,
                message.raw,
                message.sha256,
                salt,
                receipt,
                to_ms(now),
                consent,
            )
        )

    def add_refusal(self, message: Identified, problem: Mapping[str, Any], *, now: datetime) -> None:
        """Write down a refusal; it is an entry of the log too, so nobody can deny it later."""
        seq, salt = self.next_place(), self.new_salt()
        row = (
            message.id,
            message.sender,
            seq,
            message.sha256,
            salt,
            problem["code"],
            json.dumps(problem),
            to_ms(now),
        )
        self._refusals.append(row)
        self.waiting.append(Waiting(seq, "refusal", commitment(salt, message.sha256), ()))

    def add_routes(self, seq: int, entry: bytes, routes: Sequence[Route]) -> None:
        """Let an admitted message wait for its place in the log, and for the mailboxes it goes to."""
        self.members.update(member for member, _, _ in routes)
        listed = [{"member": member, "consent": consent, "kind": kind} for member, consent, kind in routes]
        self.waiting.append(Waiting(seq, "message", entry, listed))

    def add_uses(self, message: Message, members: Sequence[str]) -> None:
        """Write down who may fetch the attachments of a message."""
        self._uses.update((each.sha256, member) for each in message.attachments for member in members)

    def flush(self, *, queued: bool) -> None:
        """Write everything; with `queued` what waits for the log goes into the integrator's queue."""
        ADD_MESSAGES.for_each(self._connection, self._messages)
        ADD_REFUSALS.for_each(self._connection, self._refusals)
        if queued:
            rows = [(row.seq, row.kind, row.commitment, json.dumps(list(row.routes))) for row in self.waiting]
            ADD_TO_QUEUE.for_each(self._connection, rows)
        save_uses(self._connection, sorted(self._uses))

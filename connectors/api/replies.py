"""Idempotency-Key: a POST that sends is done once, however often its caller asks.

The key is written down before anything is done and the reply after it, so that a caller who asks again gets
the same reply; after a crash in between the caller is told that the outcome must be looked up, never is it
done twice in silence. Keys and replies are kept for a day. A refusal leaves no trace: nothing was done.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from connectors.errors import KeyReused, OutcomeUnknown, StillWorking
from connectors.exchange.store.database import Database
from connectors.exchange.store.tables import api_replies
from schemas.instant import to_ms

KEPT: Final = timedelta(hours=24)
KEY_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it was given the first time."""

    status: int
    body: str | None


class Replies:
    """The answers of the last day, in the connector's own database."""

    def __init__(self, database: Database, process: str) -> None:
        """Take the database; `process` names this run, to know what an earlier one left."""
        self._database = database
        self._process = process

    def begin(self, key: str, request: bytes, now: datetime) -> Reply | None:
        """Claim a key, or give the reply that it has; raise KeyReused, StillWorking or OutcomeUnknown."""
        name, about = _digest(key.encode()), _digest(request)
        row = {"key": name, "request": about, "at": to_ms(now), "process": self._process}
        try:
            with self._database.writing() as connection:
                connection.execute(delete(api_replies).where(api_replies.c.at < to_ms(now - KEPT)))
                connection.execute(insert(api_replies).values(**row))
            return None
        except IntegrityError:
            return self._known(name, about)

    def done(self, key: str, reply: Reply) -> None:
        """Keep the reply beside its key."""
        with self._database.writing() as connection:
            connection.execute(
                update(api_replies)
                .where(api_replies.c.key == _digest(key.encode()))
                .values(status=reply.status, reply=reply.body)
            )

    def forget(self, key: str) -> None:
        """Give a key back, because nothing was done under it."""
        with self._database.writing() as connection:
            connection.execute(delete(api_replies).where(api_replies.c.key == _digest(key.encode())))

    def _known(self, name: str, about: str) -> Reply:
        with self._database.reading() as connection:
            row = connection.execute(select(api_replies).where(api_replies.c.key == name)).one()
        if row.request != about:
            raise KeyReused(remedy="Make a new Idempotency-Key for every new request.")
        if row.status is not None:
            return Reply(row.status, row.reply)
        if row.process == self._process:
            raise StillWorking(remedy="Ask again in a moment with the same key.")
        raise OutcomeUnknown(remedy="Look whether it was done; if not, ask again with a new Idempotency-Key.")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

"""The portal's sessions and counted attempts, kept in its tables; what the shared pages ask for as stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from connectors.exchange.store.database import Database
from connectors.pages.sessions import Kept
from connectors.portal.store import attempts, sessions
from schemas import instant


@dataclass(frozen=True, slots=True)
class Sessions:
    """A SessionStore over the table `sessions`."""

    database: Database

    def load(self, name: str, now: datetime) -> Kept | None:
        """Give a session that has not expired."""
        with self.database.reading() as connection:
            row = sessions.find(connection, name, now)
        return None if row is None else _kept(row)

    def save(self, name: str, kept: Kept, now: datetime) -> None:
        """Write a session."""
        with self.database.writing() as connection:
            sessions.save(connection, name, kept.data, kept.expires_at, now, begun_at=kept.begun_at)

    def extend(self, name: str, expires_at: datetime, now: datetime) -> None:
        """Let a session expire later."""
        with self.database.writing() as connection:
            sessions.extend(connection, name, expires_at, now)

    def delete(self, name: str) -> None:
        """Forget a session."""
        with self.database.writing() as connection:
            sessions.end(connection, name)


def _kept(row: Row[Any]) -> Kept:
    return Kept(row.data, instant.from_ms(row.expires_at), instant.from_ms(row.created_at))


@dataclass(frozen=True, slots=True)
class Attempts:
    """A Counter over the table `attempts`."""

    database: Database

    def count(self, bucket: str, window: int, expires_at: datetime) -> int:
        """Count one more in this window and give how many there are."""
        with self.database.writing() as connection:
            return attempts.count(connection, bucket, window, expires_at)

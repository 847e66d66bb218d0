"""The exact words that were shown before a decision, each by its digest; they never change."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.exchange.store.rows import write_once
from connectors.portal.store.tables import notices
from schemas.instant import to_ms


def keep(connection: Connection, text: bytes, *, language: str, version: str, now: datetime) -> str:
    """Keep what was shown; gives the SHA-256 in hexadecimal."""
    digest = hashlib.sha256(text).hexdigest()
    values = {
        "sha256": digest,
        "language": language,
        "version": version,
        "text": text,
        "at": to_ms(now),
    }
    write_once(connection, notices, values)
    return digest


def find(connection: Connection, sha256: str) -> Row[Any] | None:
    """Give what was shown."""
    return connection.execute(select(notices).where(notices.c.sha256 == sha256)).one_or_none()

"""Files: sealed here under a key of their own, uploaded before the message that names them, fetched when
opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.store import access
from schemas.seal import open_attachment, seal_attachment
from schemas.wire import b64u, unb64u


@dataclass(frozen=True, slots=True)
class Attached:
    """A sealed file that waits for its message; `key` goes into the statement, never anywhere else."""

    sha256: str
    size: int
    key: str
    blob: bytes


def attach(data: bytes) -> Attached:
    """Seal a file."""
    blob, key = seal_attachment(data)
    return Attached(hashlib.sha256(blob).hexdigest(), len(blob), b64u(key), blob)


def keep_for(connection: Connection, message: str, attachments: Sequence[Attached], now: datetime) -> None:
    """Store sealed files beside their message; the spool uploads them before it sends it."""
    for each in attachments:
        access.attach(
            connection, each.sha256, size=each.size, blob=each.blob, message=message, state="waiting", now=now
        )


def fetch(connector: Connector, sha256: str, key: str) -> bytes:
    """Give a file's contents; waits for the coordinator, unless the sealed file is here already."""
    with connector.database.reading() as connection:
        row = access.attachment(connection, sha256)
    blob = row.blob if row is not None and row.blob is not None else connector.coordinator.download(sha256)
    return open_attachment(bytes(blob), unb64u(key))

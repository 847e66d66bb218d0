"""What the coordinator saw, read from its own database as its operator could: who wrote to whom."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One message or refusal as it lies with the coordinator."""

    sender: str
    to: str
    what: str
    readable: str
    refused: str | None = None


class Middle:
    """Looks into the coordinator's database, without writing to it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._messages = self._refusals = 0

    def new(self) -> list[Seen]:
        """Give what came since the last time it was asked."""
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True) as connection:
            messages = connection.execute(
                "SELECT seq, raw FROM messages WHERE seq > ? ORDER BY seq", (self._messages,)
            ).fetchall()
            refusals = connection.execute(
                "SELECT rowid, sender, code FROM refusals WHERE rowid > ? ORDER BY rowid", (self._refusals,)
            ).fetchall()
        connection.close()
        self._messages = max([self._messages, *(seq for seq, _ in messages)])
        self._refusals = max([self._refusals, *(rowid for rowid, _, _ in refusals)])
        found = [_seen(raw) for _, raw in messages if raw is not None]
        return found + [Seen(sender, "–", "refused", "–", code) for _, sender, code in refusals]

    def last(self, type: str, sender: str) -> dict[str, Any]:
        """Give the payload of the newest message of a type and sender, sealed parts as they are."""
        with sqlite3.connect(f"file:{self._database}?mode=ro", uri=True) as connection:
            (raw,) = connection.execute(
                "SELECT raw FROM messages WHERE type = ? AND sender = ? ORDER BY seq DESC LIMIT 1",
                (type, sender),
            ).fetchone()
        connection.close()
        return dict(_payload(raw))

    def holds(self, text: str) -> bool:
        """Say whether these bytes are anywhere in the coordinator's files."""
        files = [self._database, *self._database.parent.glob(f"{self._database.name}-*")]
        return any(text.encode() in file.read_bytes() for file in files)


def _seen(raw: bytes) -> Seen:
    payload = _payload(raw)
    sealed = bool(payload.get("sealed"))
    readable = (
        f"sealed: only {' and '.join(payload['to'])}"
        if sealed
        else "open: its recipients and the coordinator"
    )
    return Seen(payload["from"], ", ".join(payload["to"]), payload["type"], readable)


def _payload(raw: bytes) -> Mapping[str, Any]:
    body = raw.split(b".")[1]
    payload: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    return payload

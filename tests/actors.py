"""Who acts in the world of `factories`: a clock, members with their secrets, a coordinator in a folder."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from coordinator.database.engine import open_database
from coordinator.database.migrate import upgrade
from coordinator.service import Coordinator
from schemas.keys import SealingKey, SigningKey
from schemas.wire import unb64u
from tests.documents import START

NEVER_S = 1e6
"""A test lets the coordinator do what is due; it does not do so by itself in between."""


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def __call__(self) -> datetime:
        """Give the time."""
        return self.at

    def move(self, **by: float) -> None:
        """Move on, or back with negative values."""
        self.at += timedelta(**by)


@dataclass(frozen=True)
class Settings:
    """What a coordinator needs to be told."""

    database_url: str
    origin: str
    keys_dir: Path


@dataclass(frozen=True)
class Actor:
    """A member with its secrets."""

    id: str
    kind: str
    sign: SigningKey = field(default_factory=SigningKey.generate)
    seal: SealingKey = field(default_factory=SealingKey.generate)


@dataclass(frozen=True)
class CaseOfWorld:
    """A case, and the sealing key of the citizen's seat in it."""

    id: str
    seat: SealingKey
    portal: str


def found_coordinator(folder: Path, url: str, *, clock: Clock) -> Coordinator:
    """Make keys and tables for a coordinator in a folder, and start it."""
    keys = folder / "keys"
    keys.mkdir(parents=True, exist_ok=True)
    for name in ("coordinator.pem", "log.pem"):
        if not (keys / name).exists():
            (keys / name).write_bytes(SigningKey.generate().to_pem())
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()
    coordinator = Coordinator(Settings(url, "accord.example/log", keys), now=clock, tick_s=NEVER_S)
    coordinator.start()
    return coordinator


def id_of(raw: bytes) -> str:
    """Give the id of a message from its bytes."""
    found: str = json.loads(unb64u(raw.split(b".")[1].decode()))["id"]
    return found

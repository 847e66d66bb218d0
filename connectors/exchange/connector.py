"""One connector: who it is, where it keeps things, whom it talks to. Every flow takes it as its first
argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import requests

from connectors.exchange.client import Coordinator
from connectors.exchange.directory import Directory
from connectors.exchange.keyring import Keyring
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.store.database import Database, open_database
from connectors.policy.question import ReleaseRules
from connectors.systems.source import Source
from schemas import instant


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a connector does in one go."""

    page: int = 200
    requests_at_once: int = 50
    long_poll_s: int = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """An agency's connector, or a portal's when `kind` is portal."""

    id: str
    kind: str
    name: str
    database: Database
    keyring: Keyring
    coordinator: Coordinator
    directory: Directory
    policy: ReleaseRules
    sources: Mapping[str, Source] = field(default_factory=dict)
    clock: Callable[[], datetime] = instant.now
    limits: Limits = Limits()
    auto_join: bool = True
    """Whether an invitation by another agency is accepted without a person."""

    @property
    def acts_for_citizens(self) -> bool:
        """Whether this connector holds citizens' seats."""
        return self.kind == "portal"

    def close(self) -> None:
        """Close what is open."""
        self.database.close()


def open_connector(
    *,
    member: str,
    kind: str,
    name: str,
    storage: str,
    keys: Path,
    url: str,
    pinned: PinnedKeys,
    policy: ReleaseRules,
    sources: Mapping[str, Source] | None = None,
    clock: Callable[[], datetime] = instant.now,
    session: requests.Session | None = None,
    limits: Limits | None = None,
    auto_join: bool = True,
) -> Connector:
    """Open keys and database (which is brought up to date) and put a connector together."""
    keyring = Keyring(keys)
    database = open_database(storage)
    coordinator = Coordinator(url, member, keyring, pinned, clock=clock, session=session)
    return Connector(
        id=member,
        kind=kind,
        name=name,
        database=database,
        keyring=keyring,
        coordinator=coordinator,
        directory=Directory(database, coordinator, clock),
        policy=policy,
        sources=sources or {},
        clock=clock,
        limits=limits or Limits(),
        auto_join=auto_join,
    )

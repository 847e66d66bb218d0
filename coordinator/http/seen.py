"""What may happen once, or only so often: counted in the database, so that it holds over all processes.

`once` remembers a token or proof until it is too old to be used; `take` claims one of a limited number of
places in a window of time. Both are one row in `dpop_seen`, whose primary key lets one of two requests win.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from coordinator.database.engine import reading, writing
from coordinator.database.one_of import one_of
from coordinator.database.tables import dpop_seen
from coordinator.service import Coordinator
from schemas.errors import NotSignedIn, TooMany
from schemas.instant import to_ms
from schemas.wire import b64u

T = TypeVar("T")
_TAKEN = select(dpop_seen.c.jti).where(one_of(dpop_seen.c.jti, "names"))


@dataclass(frozen=True, slots=True)
class Window:
    """So many times in so many seconds."""

    scope: str
    limit: int
    seconds: int


def once(coordinator: Coordinator, name: str, *, until_ms: int) -> None:
    """Remember the name; raise NotSignedIn when it was remembered before."""
    if not _write(coordinator, lambda connection: _claim(connection, name, until_ms)):
        raise NotSignedIn(
            "The proof was used before.", remedy="Make a proof for each request.", error="replay"
        )


def take(coordinator: Coordinator, window: Window, who: str, *, now: datetime) -> None:
    """Claim one place; raise TooMany when none is left. `who` is stored as a hash that names nobody."""
    if not window.limit:
        return
    names, end_ms = _places(window, who, now)
    with reading(coordinator.engine) as connection:
        taken = set(connection.execute(_TAKEN, {"names": names}).scalars())
    free = [name for name in names if name not in taken]
    if not free or not _write(coordinator, lambda connection: _claim_one(connection, free, end_ms)):
        raise TooMany(
            f"At most {window.limit} in {window.seconds} s are answered here.",
            remedy="Wait, then try again more slowly.",
            retry_after_s=max(1, (end_ms - to_ms(now)) // 1000),
        )


def _write(coordinator: Coordinator, job: Callable[[Connection], T]) -> T:
    """Write in a transaction of its own; SQLite has one writer, and everything passes through it."""
    if coordinator.engine.dialect.name == "sqlite":
        return coordinator.committer.run(job)
    with writing(coordinator.engine) as connection:
        return job(connection)


def _claim_one(connection: Connection, free: Sequence[str], until_ms: int) -> bool:
    return any(_claim(connection, name, until_ms) for name in free)


def _places(window: Window, who: str, now: datetime) -> tuple[Sequence[str], int]:
    number = int(now.timestamp()) // window.seconds
    digest = b64u(hashlib.sha256(f"{window.scope}\0{who}\0{number}".encode()).digest())
    return [f"{digest}.{place}" for place in range(window.limit)], (number + 1) * window.seconds * 1000


def _claim(connection: Connection, name: str, until_ms: int) -> bool:
    statement = _insert(connection.dialect.name)
    return connection.execute(statement, {"jti": name, "until": until_ms}).first() is not None


@lru_cache(maxsize=2)
def _insert(dialect: str) -> ReturningInsert[tuple[str]]:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    # What was inserted is asked for: the number of rows is not told alike by both databases.
    statement: ReturningInsert[tuple[str]] = (
        insert(dpop_seen).on_conflict_do_nothing(index_elements=["jti"]).returning(dpop_seen.c.jti)
    )
    return statement

"""Locks a batch against decisions that could change what it rests on, before its places are drawn.

A release holds its case's lock shared, a withdrawal holds it alone; so one of them commits before the other
draws its place, and the log has them in the order in which they were decided. Keys are taken in sorted order,
each once, so that two batches cannot wait for each other. SQLite has one writer and needs none of this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection

from coordinator.database.driver import run
from coordinator.database.engine import is_postgresql
from schemas.messages.shape import Message

_REGISTER = "register"
_ALONE = ("case.", "consent.", "access.emergency")
"""Families that change what others in the case rest on."""
_LOCK = (
    "SELECT CASE WHEN alone THEN pg_advisory_xact_lock(key) ELSE pg_advisory_xact_lock_shared(key) END"
    " FROM unnest(%s::bigint[], %s::boolean[]) AS wanted(key, alone)"
)

Wanted = dict[str, bool]
"""What to lock → whether alone."""


def lock(connection: Connection, wanted: Wanted) -> None:
    """Take these locks until the transaction ends."""
    if not is_postgresql(connection) or not wanted:
        return
    keys = sorted((_number(name), alone) for name, alone in wanted.items())
    run(connection, _LOCK, ([key for key, _ in keys], [alone for _, alone in keys]))


def locks_of(messages: Iterable[Message]) -> Wanted:
    """Say what these messages lock: the register, their cases, and ids that they bring into the world."""
    wanted: Wanted = {_REGISTER: False}
    for message in messages:
        if message.case is None:
            wanted[_REGISTER] = True
        else:
            name = f"case {message.case}"
            wanted[name] = wanted.get(name, False) or message.type.startswith(_ALONE)
        if message.type == "consent.grant/1" and message.body is not None:
            wanted[f"consent {message.body['consent']['id']}"] = True
        if message.type == "access.emergency/1":
            wanted[f"emergency {message.id}"] = True
    return wanted


def locks_of_cases(cases: Iterable[str]) -> Wanted:
    """Say what to lock for a change in these cases that no message asks for."""
    return {_REGISTER: False, **{f"case {case}": True for case in cases}}


def _number(name: str) -> int:
    """Give the 64 bits under which PostgreSQL knows a lock; two names with the same only wait needlessly."""
    return int.from_bytes(hashlib.sha256(f"accord {name}".encode()).digest()[:8], "big", signed=True)

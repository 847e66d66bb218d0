"""With PostgreSQL: looks whether the log grew, and rings for the members that got something.

Any process may have admitted it and any other may have given it its place; only the database knows.
"""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.exc import SQLAlchemyError

from coordinator.database.engine import reading
from coordinator.database.tables import log_heads, mailbox_cursors
from coordinator.mailbox.bell import Bell

PAUSE_S = 0.04
"""Between two looks while somebody waits: mail is noticed within 50 ms."""
_IDLE_PAUSE_S = 0.1
_AFTER_TROUBLE_S = 1.0

_SIZE = select(func.max(log_heads.c.size))
_GOT = select(mailbox_cursors.c.member).where(mailbox_cursors.c.last >= bindparam("size"))
_log = structlog.get_logger(__name__)


def watch(engine: Engine, bell: Bell, stop: threading.Event) -> None:
    """Look until told to stop."""
    size = 0
    while not stop.is_set():
        if not bell.anybody:
            stop.wait(_IDLE_PAUSE_S)
            continue
        try:
            size = _look(engine, bell, size)
            stop.wait(PAUSE_S)
        except SQLAlchemyError as error:
            _log.warning("mailbox.watch_failed", error=type(error).__name__)
            stop.wait(_AFTER_TROUBLE_S)


def _look(engine: Engine, bell: Bell, size: int) -> int:
    with reading(engine) as connection:
        now = int(connection.execute(_SIZE).scalar_one_or_none() or 0)
        if now > size:
            bell.ring(list(connection.execute(_GOT, {"size": size}).scalars()))
    return now

"""With PostgreSQL: one thread, in one process of all, that sequences what the others have committed.

It is elected by an advisory lock on a connection of its own and works on that same connection, so that losing
the connection ends both the office and the unfinished transaction. It outlives the database's restarts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from coordinator.log.sequence import Sequenced, Sequencer
from schemas import instant
from schemas.errors import Refusal, Unavailable

ADVISORY_LOCK = 0x4143434F_52440001
"""Names the office in the database: "ACCORD" and a number."""
BATCH = 2000
"""Rows a transaction; a batch of this size takes about 50 ms."""
PAUSE_S = 0.05
"""Between two looks at an empty queue: a receipt promises a place in the log within a second."""
CANDIDATE_PAUSE_S = 0.5
"""Between two attempts to be elected."""
FIRST_BACK_OFF_S = 0.1
LAST_BACK_OFF_S = 5.0

_ELECT = "SELECT pg_try_advisory_lock(%s)"
_RESIGN = "SELECT pg_advisory_unlock(%s)"
# A machine that vanishes must not keep the office until TCP gives up after hours.
_NOTICE_DEATH = (
    "SELECT set_config('tcp_keepalives_idle', '3', false), set_config('tcp_keepalives_interval', '1', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
_log = structlog.get_logger(__name__)


class Integrator:
    """Runs until told to stop; `trouble` says why nothing is sequenced, for readiness and metrics."""

    def __init__(
        self,
        engine: Engine,
        sequencer: Sequencer,
        *,
        batch: int = BATCH,
        clock: Callable[[], datetime] = instant.now,
    ) -> None:
        """Take the engine, a sequencer that nobody else uses, the largest batch and the clock."""
        self._engine = engine
        self._sequencer = sequencer
        self._batch = batch
        self._clock = clock
        self._work = threading.Event()
        self.leads = False
        self.trouble: Refusal | None = None
        self._back_off = FIRST_BACK_OFF_S

    def wake(self) -> None:
        """Say that something was committed, so that it need not wait for the next look."""
        self._work.set()

    def run(self, stop: threading.Event) -> None:
        """Stand for election, sequence while elected, begin again after any failure of the database."""
        while not stop.is_set():
            try:
                self._serve(stop)
                stop.wait(CANDIDATE_PAUSE_S)
            except Refusal as refusal:
                self._pause(stop, refusal)
            except SQLAlchemyError:
                self._pause(stop, Unavailable("The log's database cannot be reached."))
            except OSError:
                self._pause(stop, Unavailable("The guard's file beside the log's key cannot be used."))

    def _pause(self, stop: threading.Event, trouble: Refusal) -> None:
        if self.trouble is None or self.trouble.code != trouble.code:
            _log.error("log.halted", code=trouble.code)
        self.trouble = trouble
        stop.wait(self._back_off)
        self._back_off = min(self._back_off * 2, LAST_BACK_OFF_S)

    def _well(self) -> None:
        self.trouble = None
        self._back_off = FIRST_BACK_OFF_S

    def _serve(self, stop: threading.Event) -> None:
        with self._office() as connection:
            if connection is None:
                self._well()
                return
            self.leads = True
            while not stop.is_set():
                self._work.clear()
                sequenced = self._integrate(connection)
                self._well()
                if len(sequenced.indexes) < self._batch:
                    self._work.wait(PAUSE_S)

    def _integrate(self, connection: Connection) -> Sequenced:
        with connection.begin():
            sequenced = self._sequencer.sequence(connection, limit=self._batch, now=self._clock())
        self._sequencer.settle(sequenced)
        return sequenced

    @contextmanager
    def _office(self) -> Iterator[Connection | None]:
        """Give a connection that holds the lock, or None when another process does."""
        with self._engine.connect() as connection:
            with connection.begin():
                elected = connection.exec_driver_sql(_ELECT, (ADVISORY_LOCK,)).scalar()
            if not elected:
                yield None
                return
            # Not the pool's any more: given back there, it would keep the lock without doing the work.
            connection.detach()
            try:
                with connection.begin():
                    connection.exec_driver_sql(_NOTICE_DEATH)
                yield connection
            finally:
                self.leads = False
                with suppress(SQLAlchemyError), connection.begin():
                    connection.exec_driver_sql(_RESIGN, (ADVISORY_LOCK,))

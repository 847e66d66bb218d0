"""One thread that admits whatever waits in one transaction, each message with its own verdict.

A lone message waits for nobody; under load the cost of a durable commit is shared by all that came meanwhile.
Receipts are answered only after the commit. On SQLite it is the only writer, so everything else that writes
passes here too (`run`). Built on `threading` and `queue`, so that a cooperative server may replace both.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError

from coordinator.intake.batch import Batch, Office
from coordinator.intake.flow import Admitted, Received
from schemas.errors import Refusal, Unavailable

MOST = 128
"""Messages in one transaction: beyond this the cost of a message falls no more, and others wait longer."""
PATIENCE_S = 30
"""How long a request waits for the committer before it is told to try again; the outcome is then unknown."""

T = TypeVar("T")
Answer = Admitted | Refusal
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Waiting:
    """Messages or a job of one request, and where its answer is put."""

    received: Sequence[Received] = ()
    job: Callable[[Office], Any] | None = None
    answer: Any = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Committer:
    """Takes work from many threads and commits it in the order in which it came."""

    def __init__(self, office: Office, *, most: int = MOST) -> None:
        """Take what transactions need, and the largest batch."""
        self._office = office
        self._most = most
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._held: _Waiting | None = None
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread; in a server that forks, after the fork."""
        self._thread = threading.Thread(target=self._serve, name="committer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    @property
    def is_running(self) -> bool:
        """Whether it takes work, for readiness."""
        return self._thread is not None and self._thread.is_alive()

    def decide(self, received: Sequence[Received]) -> list[Answer]:
        """Give the verdict on each message; raise Unavailable when the outcome is not known."""
        return cast("list[Answer]", self._ask(_Waiting(received=received)))

    def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a writing transaction of its own, in turn with everything else."""
        return cast("T", self._ask(_Waiting(job=lambda office: office.run(job))))

    def tick(self) -> None:
        """Do what is due by the clock."""
        self._ask(_Waiting(job=lambda office: office.tick()))

    def take_back_forgotten(self) -> None:
        """Take back what waits in mailboxes under consents that are not in force."""
        self._ask(_Waiting(job=lambda office: office.take_back_forgotten()))

    def _ask(self, waiting: _Waiting) -> object:
        if self._thread is None:
            raise Unavailable("The coordinator is stopping.", remedy="Send the same again.")
        self._queue.put(waiting)
        if not waiting.done.wait(PATIENCE_S):
            raise Unavailable("The database is busy.", remedy="Send the same again: it is admitted once.")
        if waiting.error is not None:
            raise waiting.error
        return waiting.answer

    # --- the thread ------------------------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            first, self._held = self._held, None
            if first is None and not self._stopping:
                first = self._queue.get()
            if first is None:
                self._stopping = False
                return
            if first.job is not None:
                self._run(first)
            else:
                self._admit(self._gather(first))

    def _gather(self, first: _Waiting) -> list[_Waiting]:
        """Take what waits behind the first, and what is being read right now, up to a full batch or a job.

        Nobody is waited for: the pause only lets requests that have arrived finish their own work.
        """
        gathered = [first]
        room = self._most - len(first.received)
        while room > 0:
            before = room
            while (following := self._next(room)) is not None:
                gathered.append(following)
                room -= len(following.received)
            if self._held is not None or self._stopping or (room == before and len(gathered) > 1):
                break
            time.sleep(0)
            if self._queue.empty():
                break
        return gathered

    def _next(self, room: int) -> _Waiting | None:
        """Take the next from the queue if it has room in the batch; else hold it back for the next turn."""
        if self._held is not None or self._stopping:
            return None
        try:
            following = self._queue.get_nowait()
        except queue.Empty:
            return None
        if following is None:
            self._stopping = True
        elif following.job is not None or len(following.received) > room:
            self._held = following
        else:
            return following
        return None

    def _run(self, waiting: _Waiting) -> None:
        try:
            waiting.answer = waiting.job(self._office) if waiting.job else None
        except Refusal as refusal:
            waiting.error = refusal
        except (SQLAlchemyError, OSError) as error:
            waiting.error = _unavailable(error)
        except Exception as error:  # noqa: BLE001 - a fault in one job must not end the only writer
            waiting.error = _fault(error)
        waiting.done.set()

    def _admit(self, gathered: Sequence[_Waiting]) -> None:
        received = [each for waiting in gathered for each in waiting.received]
        batch = self._batch(received)
        if batch.took_something_back:
            # Before the answer: whoever withdrew and has the receipt knows that nothing waits any more.
            self._take_back(batch)
        answers = iter(batch.answers)
        for waiting in gathered:
            waiting.answer = [next(answers) for _ in waiting.received]
            waiting.done.set()

    def _batch(self, received: Sequence[Received], attempts: int = 3) -> Batch:
        """Admit all; if the batch as such fails by one of them, each by itself."""
        try:
            return self._office.admit(received)
        except Refusal as refusal:
            return Batch([refusal] * len(received))
        except (OperationalError, InterfaceError, OSError) as error:
            return Batch([_unavailable(error)] * len(received))
        except Exception as error:  # noqa: BLE001 - whatever one message does must not poison the others
            if len(received) == 1:
                # Another process admitted the same message meanwhile: the next look finds its receipt.
                if isinstance(error, IntegrityError) and attempts > 1:
                    return self._batch(received, attempts - 1)
                return Batch([_fault(error)])
        whole = Batch([])
        for each in received:
            whole = whole.and_then(self._batch([each]))
        return whole

    def _take_back(self, batch: Batch) -> None:
        """Take back what rests on nothing any more; if this fails, the clock does it later."""
        try:
            self._office.take_back(batch.ended_consents, batch.ended_seats)
        except Exception as error:  # noqa: BLE001 - the messages were admitted and answered
            _fault(error)


def _unavailable(error: BaseException) -> Unavailable:
    _log.error("commit.failed", error=type(error).__name__)
    return Unavailable("The database cannot be written.", remedy="Send the same again: it is admitted once.")


def _fault(error: BaseException) -> Unavailable:
    # The type alone: a database's error text repeats the row that it refused.
    _log.error("commit.fault", error=type(error).__name__)
    return Unavailable("This could not be decided because of a fault of ours.", remedy="Tell the operator.")

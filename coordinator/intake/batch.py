"""One transaction: lock, load, decide on each message, write, give places in the log, commit.

Takes received messages, gives an answer for each after the commit. With SQLite sequencing is part of the
transaction; with PostgreSQL the integrator does it. It never retries: that is the committer's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from coordinator.database.engine import writing
from coordinator.intake.due import DUE, take_back_forgotten
from coordinator.intake.flow import Admitted, Received, Unread, decide
from coordinator.intake.journal import Journal
from coordinator.log.sequence import Sequenced, Sequencer
from coordinator.mailbox.places import indexes_of
from coordinator.mailbox.withdraw import take_back
from coordinator.register.locks import lock, locks_of
from coordinator.register.needs import together
from coordinator.register.register import Register
from schemas.errors import ClockBehind, Refusal
from schemas.keys import SigningKey
from schemas.messages.shape import Message

FORGOTTEN_EVERY = 12
"""Ticks between two looks at everything that waits under a consent, the first at the start, after a crash."""
CLOCK_MAY_GO_BACK = timedelta(seconds=60)
"""By so much a clock is corrected in passing; time then stands still until it has caught up."""

T = TypeVar("T")
Work = Callable[[Connection, Register, Journal, datetime], None]
"""Something done by no message: it gets an empty register and journal, which are written after it."""


@dataclass(slots=True)
class Batch:
    """What became of a batch."""

    answers: list[Admitted | Refusal]
    ended_consents: set[str] = field(default_factory=set)
    ended_seats: set[tuple[str, str]] = field(default_factory=set)

    @property
    def took_something_back(self) -> bool:
        """Whether something may wait in a mailbox on which nothing rests any more."""
        return bool(self.ended_consents or self.ended_seats)

    def and_then(self, other: Batch) -> Batch:
        """Give both, one after the other."""
        return Batch(
            self.answers + other.answers,
            self.ended_consents | other.ended_consents,
            self.ended_seats | other.ended_seats,
        )


class Office:
    """What transactions need: the database, the coordinator's key, the log's sequencer, the clock."""

    def __init__(
        self,
        engine: Engine,
        key: SigningKey,
        *,
        clock: Callable[[], datetime],
        sequencer: Sequencer | None,
        after_commit: Callable[[set[str]], None],
    ) -> None:
        """Take a sequencer only if the log is written in these same transactions."""
        self._engine = engine
        self._key = key
        self._clock = clock
        self._sequencer = sequencer
        self._after_commit = after_commit
        self._latest: datetime | None = None
        self._ended: set[str] = set()
        self._ended_seats: set[tuple[str, str]] = set()
        self._ticks = 0

    def now(self) -> datetime:
        """Read the clock, which never goes back; raise ClockBehind if it did so by more than a correction."""
        now = self._clock()
        if self._latest is not None and now < self._latest:
            behind = self._latest - now
            if behind > CLOCK_MAY_GO_BACK:
                seconds = round(behind.total_seconds())
                raise ClockBehind(
                    f"The coordinator's clock went back by {seconds} s.",
                    remedy="Wait; the operator must set it.",
                    clock="ours",
                    ahead_s=-seconds,
                )
            return self._latest
        self._latest = now
        return now

    def admit(self, received: Sequence[Received]) -> Batch:
        """Decide on each message, in one transaction."""
        now = self.now()
        needs = together(each.needs for each in received)
        with writing(self._engine) as connection:
            # 1. Whoever could change what these rest on waits, or was first (PostgreSQL).
            lock(connection, locks_of(_judged(received)))
            # 2. Only then the places in the order of decisions.
            journal = Journal(connection, len(received))
            register = Register.load(connection, needs)
            # 3. Each message its own verdict.
            answers = [decide(each.message, register, journal, key=self._key, now=now) for each in received]
            sequenced = self.write(connection, register, journal, now)
            answers = _with_indexes(connection, answers, sequenced)
        self._settle(sequenced, journal)
        return Batch(answers, register.ended_consents, register.ended_seats)

    def write(
        self, connection: Connection, register: Register, journal: Journal, now: datetime
    ) -> Sequenced | None:
        """Write register and journal; with SQLite give everything its place in the log."""
        register.flush(connection)
        journal.flush(queued=self._sequencer is None)
        if self._sequencer is None or not len(journal):
            return None
        return self._sequencer.place(connection, journal.waiting, now=now)

    def run(self, job: Callable[[Connection], T]) -> T:
        """Run a job in a writing transaction."""
        with writing(self._engine) as connection:
            return job(connection)

    def tick(self) -> None:
        """Do what is due by the clock, each kind in a transaction of its own."""
        ended, self._ended = self._ended, set()
        seats, self._ended_seats = self._ended_seats, set()
        if ended or seats:
            # With PostgreSQL a release may get its place, and into a mailbox, after what it rests on ended.
            self.take_back(ended, seats, again=False)
        if self._ticks % FORGOTTEN_EVERY == 0:
            self.take_back_forgotten()
        self._ticks += 1
        for work in DUE:
            self.work(partial(work, key=self._key))

    def take_back(self, consents: set[str], seats: set[tuple[str, str]], *, again: bool = True) -> None:
        """Take out of the mailboxes what waits under these consents and for these seats, and say so."""
        if again:
            self._ended |= consents
            self._ended_seats |= seats

        def work(connection: Connection, register: Register, journal: Journal, now: datetime) -> None:
            take_back(connection, register, journal, consents=consents, seats=seats, key=self._key, now=now)

        self.work(work)

    def take_back_forgotten(self) -> None:
        """Take back what waits under consents not in force or for seats that ended, whatever the reason."""
        self.work(partial(take_back_forgotten, key=self._key))

    def work(self, work: Work) -> None:
        """Run something that may change the register and say something, in one transaction."""
        now = self.now()
        with writing(self._engine) as connection:
            register, journal = Register(), Journal(connection, 0)
            work(connection, register, journal, now)
            sequenced = self.write(connection, register, journal, now)
        self._settle(sequenced, journal)

    def _settle(self, sequenced: Sequenced | None, journal: Journal) -> None:
        """After the commit: the guard may show the new head, and whoever waits for mail is woken."""
        if sequenced is not None and self._sequencer is not None:
            self._sequencer.settle(sequenced)
        if len(journal):
            self._after_commit(journal.members)


def _judged(received: Sequence[Received]) -> list[Message]:
    return [each.message for each in received if not isinstance(each.message, Unread)]


def _with_indexes(
    connection: Connection, answers: list[Admitted | Refusal], sequenced: Sequenced | None
) -> list[Admitted | Refusal]:
    """Add the places in the log, as far as they are known already."""
    indexes = dict(sequenced.indexes) if sequenced else {}
    repeated = [each.seq for each in answers if isinstance(each, Admitted) and each.duplicate]
    if repeated:
        indexes |= indexes_of(connection, repeated)
    return [
        replace(each, index=indexes.get(each.seq)) if isinstance(each, Admitted) else each for each in answers
    ]

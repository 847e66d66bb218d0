"""The coordinator as one object, which HTTP, commands and tests talk to: engine, keys and threads.

Takes the settings, opens the database at its newest version, reads the keys from their folder. `start`
makes the threads (in a server that forks, after the fork), `stop` ends them. No HTTP here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy import Engine

from coordinator.database.engine import open_database, writing
from coordinator.database.version import check_version
from coordinator.intake.batch import Office
from coordinator.intake.challenge import challenge_secret, new_challenge
from coordinator.intake.committer import Answer, Committer
from coordinator.intake.flow import Received, receive
from coordinator.intake.verify import Directory
from coordinator.log.guard import HeadGuard
from coordinator.log.integrator import Integrator
from coordinator.log.merkle import TileCache
from coordinator.log.sequence import Sequencer
from coordinator.mailbox.bell import Bell
from coordinator.mailbox.flow import Mailboxes
from coordinator.mailbox.watch import watch
from coordinator.register.shown import Shape, Shown
from coordinator.register.store import Attachments
from schemas import instant
from schemas.errors import Refusal
from schemas.keys import SealingPublicKey, SigningKey, VerifyingKey

TICK_S = 5.0
"""Between two looks at what is due by the clock. What must hold to the second is checked when it is used."""
_log = structlog.get_logger(__name__)


class Settings(Protocol):
    """What of the settings is needed here."""

    @property
    def database_url(self) -> str:
        """Where the data is kept."""
        ...

    @property
    def origin(self) -> str:
        """The log's name."""
        ...

    @property
    def keys_dir(self) -> Path:
        """The folder with coordinator.pem, log.pem and what the log showed last."""
        ...


class Coordinator:
    """Admits, orders, records and delivers."""

    def __init__(
        self, config: Settings, *, now: Callable[[], datetime] = instant.now, tick_s: float = TICK_S
    ) -> None:
        """Open everything; raise when the database is not at its newest version or a key is missing."""
        self.now = now
        self._tick_s = tick_s
        self.origin = config.origin
        self.key = _read_key(config.keys_dir / "coordinator.pem")
        self.log_key = _read_key(config.keys_dir / "log.pem")
        self.engine: Engine = open_database(config.database_url)
        check_version(self.engine)
        self.guard = HeadGuard(config.keys_dir / "log.head")
        self.tiles = TileCache()
        self.bell = Bell()
        self.directory = Directory(self.engine)
        self._secret = challenge_secret(self.key)
        self._sequencer = Sequencer(log_key=self.log_key, origin=config.origin, guard=self.guard)
        self._on_sqlite = self.engine.dialect.name == "sqlite"
        self.integrator = None if self._on_sqlite else Integrator(self.engine, self._sequencer, clock=now)
        self.committer = Committer(
            Office(
                self.engine,
                self.key,
                clock=now,
                sequencer=self._sequencer if self._on_sqlite else None,
                after_commit=self._committed,
            )
        )
        self.mailboxes = Mailboxes(
            self.engine,
            self.committer,
            key=self.key,
            guard=self.guard,
            tiles=self.tiles,
            bell=self.bell,
            clock=now,
        )
        self.attachments = Attachments(self.engine, self.committer)
        self.shown = Shown(self.engine)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def verifying_keys(self) -> Mapping[str, VerifyingKey]:
        """The coordinator's public keys by thumbprint."""
        return {self.key.kid: self.key.public}

    # --- life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Found the log if there is none, check it against what was shown, then start the threads."""
        try:
            with writing(self.engine) as connection:
                self._sequencer.found(connection, now=self.now())
        except Refusal:
            self.engine.dispose()  # nobody stops what has not started
            raise
        self.committer.start()
        self._spawn("ticker", self._tick_often)
        if self.integrator is not None:
            integrator = self.integrator
            self._spawn("integrator", lambda: integrator.run(self._stop))
            self._spawn("watch", lambda: watch(self.engine, self.bell, self._stop))

    def stop(self) -> None:
        """Answer those who wait, finish what was taken in, end the threads."""
        self.stop_waiting()
        self._stop.set()
        self.committer.stop()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self.guard.close()
        self.engine.dispose()

    def stop_waiting(self) -> None:
        """Let every waiting mailbox answer now."""
        self.bell.silence()

    def tick(self) -> None:
        """Do what is due by the clock."""
        self.committer.tick()

    def _spawn(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _tick_often(self) -> None:
        while not self._stop.wait(self._tick_s):
            try:
                self.tick()
            except Refusal as refusal:
                _log.warning("tick.failed", code=refusal.code)

    def _committed(self, members: set[str]) -> None:
        if self.integrator is None:
            self.bell.ring(members)
        else:
            self.integrator.wake()

    # --- the way in ------------------------------------------------------------------------------------

    def admit(self, raw: bytes, *, enrolments: bool = True) -> Answer:
        """Give the receipt or the refusal for one message."""
        return self.admit_batch([raw], enrolments=enrolments)[0]

    def admit_batch(self, raws: Sequence[bytes], *, enrolments: bool = True) -> list[Answer]:
        """Give a receipt or a refusal for each message, each judged by itself, in this order.

        Without `enrolments` such a message is refused as Invalid: where codes are not counted, none is tried.
        """
        answers = [self._receive(raw, enrolments) for raw in raws]
        received = [each for each in answers if isinstance(each, Received)]
        decided = iter(self._decide(received))
        return [next(decided) if isinstance(each, Received) else each for each in answers]

    def _receive(self, raw: bytes, enrolments: bool) -> Received | Refusal:  # noqa: FBT001 - one caller, above
        try:
            return receive(raw, self.directory, now=self.now(), secret=self._secret, enrolments=enrolments)
        except Refusal as refusal:
            return refusal

    def _decide(self, received: Sequence[Received]) -> list[Answer]:
        if not received:
            return []
        try:
            return self.committer.decide(received)
        except Refusal as refusal:
            return [refusal] * len(received)

    def challenge(self, seal: Mapping[str, str]) -> str:
        """Seal a challenge for a key, by which one who enrols proves to possess it."""
        to = SealingPublicKey.from_jwk(seal)
        return new_challenge(to, now=self.now(), secret=self._secret, sender_kid=self.key.kid)

    # --- what others may see ---------------------------------------------------------------------------

    def members(self) -> list[Shape]:
        """Give every member, with the messages that prove its keys."""
        return self.shown.members()

    def member(self, member: str) -> Shape:
        """Give one member; raise UnknownMember."""
        return self.shown.member(member)

    def agreements(self) -> list[Shape]:
        """Give every agreement, with its proposal and signatures."""
        return self.shown.agreements()

    def agreement(self, ref: str) -> Shape:
        """Give one agreement; raise UnknownAgreement."""
        return self.shown.agreement(ref)

    def case(self, case: str, *, member: str) -> Shape:
        """Give a case to one who has or had a seat in it; raise UnknownCase."""
        return self.shown.case(case, member=member)

    def consents(self, case: str, *, member: str) -> list[Shape]:
        """Give the consents of a case that concern the member; raise UnknownCase."""
        return self.shown.consents(case, member=member)


def _read_key(path: Path) -> SigningKey:
    return SigningKey.from_pem(path.read_bytes())

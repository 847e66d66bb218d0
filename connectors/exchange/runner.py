"""Runs a connector: sends, receives and keeps, each in a thread of its own, until it is told to stop.

Trouble never ends a thread: it is written down without its contents, and tried again with growing pauses, for
days if need be. `sync_once` does one round of everything in order, for tests and for `accord connector sync`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from connectors.exchange import spool
from connectors.exchange.backoff import delay
from connectors.exchange.client import BATCH
from connectors.exchange.connector import Connector
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.upkeep import upkeep
from schemas.errors import Refusal

_IDLE_S = 0.05
"""How often the outbox is looked at, which is a cheap read on an index, and how long a mailbox may gather."""
_KEEP_S = 5.0
_UPKEEP = timedelta(hours=1)
_log = structlog.get_logger("accord.connector")


@dataclass(slots=True)
class Round:
    """What one round did."""

    sent: int = 0
    refused: int = 0
    received: int = 0
    answered: int = 0
    erased: int = 0

    @property
    def anything(self) -> bool:
        """Whether another round may find more to do."""
        return bool(self.sent or self.refused or self.received or self.answered or self.erased)


def sync_once(connector: Connector) -> Round:
    """Send all that waits, take in all that is there, answer what can be answered, erase what has to go."""
    done = Round()
    _send_all(connector, done)
    while True:
        taken = incoming.receive(connector)
        done.received += taken.messages
        if not taken.more:
            break
    done.answered += outgoing.work(connector)
    done.erased += keeping.keep(connector)
    _send_all(connector, done)
    return done


def _send_all(connector: Connector, done: Round) -> None:
    while True:
        flushed = spool.flush(connector)
        done.sent += flushed.sent
        done.refused += flushed.refused
        if not flushed.anything:
            return


@dataclass(slots=True)
class Runner:
    """The three threads of a connector."""

    connector: Connector
    _stop: threading.Event = field(default_factory=threading.Event)
    _work: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start sending, receiving and keeping."""
        for name, step in (("sender", self._send), ("receiver", self._receive), ("keeper", self._keep)):
            thread = threading.Thread(target=self._forever, args=(name, step), name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout_s: float = 1.0) -> None:
        """Ask the threads to end; one that waits in a long poll is left behind, since nothing is lost with
        it.
        """
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether all threads run."""
        return bool(self._threads) and all(thread.is_alive() for thread in self._threads)

    def _forever(self, name: str, step: Callable[[], float]) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                pause, failures = step(), 0
            except Refusal as refusal:
                failures += 1
                pause = delay(failures).total_seconds()
                _log.warning(
                    "trouble", step=name, code=refusal.code, failures=failures, next_s=round(pause, 1)
                )
            except Exception as error:  # noqa: BLE001 - a thread that ends silently would be an outage
                failures += 1
                pause = delay(failures).total_seconds()
                _log.error("failed", step=name, kind=type(error).__qualname__, failures=failures)
            self._stop.wait(pause)

    def _send(self) -> float:
        """Send what waits; a full batch has more behind it, after a small one the next may gather.

        A request, a commit and a page cost the same for one message as for fifty.
        """
        flushed = spool.flush(self.connector)
        return 0.0 if flushed.sent + flushed.refused >= BATCH else _IDLE_S

    def _receive(self) -> float:
        """Take in what is there; after a page that was not full the next may gather, as in sending."""
        taken = incoming.receive(self.connector, wait=self.connector.limits.long_poll_s)
        with self._work:
            outgoing.work(self.connector)
        return _IDLE_S if taken.messages and not taken.more else 0.0

    def _keep(self) -> float:
        with self._work:
            outgoing.work(self.connector)
        keeping.keep(self.connector)
        upkeep(self.connector, _UPKEEP)
        return _KEEP_S

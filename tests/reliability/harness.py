"""Kills a process at its k-th SQL statement, commit or HTTP boundary, starts it again, and checks what is
left.

Run as a program of its own (it forks): `python -m tests.reliability.sweep VICTIM POINTS DATABASE…`, with the
URLs of four databases: the coordinator's, then those of three members. The coordinator is a process on a real
socket; so is the connector that is killed; its peers run in this process. It prints
one JSON line with what it did and every broken promise that it found.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import structlog
from sqlalchemy import Connection, Engine, event, select
from werkzeug.serving import make_server

from connectors.exchange import runner
from connectors.exchange.connector import Connector
from connectors.exchange.pinned import PinnedKeys
from connectors.exchange.store import alarms, outbox
from connectors.exchange.store import requests as request_store
from connectors.exchange.store.tables import inbox as inbox_rows
from connectors.exchange.store.tables import outbox as outbox_rows
from connectors.exchange.stored import read_payload
from coordinator.app import create_app
from coordinator.http.edge import edge
from schemas import instant
from schemas.errors import Unavailable
from tests.flow.exchange import world as worlds
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World

REST_S = 30.0
MIDDLE_EVENTS = 240
"""Statements and HTTP boundaries of a coordinator from its start to the end of one request and its answer,
about.
"""


# --- dying at the k-th event ------------------------------------------------------------------------


@dataclass(slots=True)
class Fuse:
    """Counts events and kills this process at the one it was set for."""

    at: int
    seen: int = 0

    def tick(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def arm_connector(connector: Connector, fuse: Fuse) -> None:
    """Count before and after each statement and commit, and before and after each request."""
    engine = connector.database.engine
    event.listen(engine, "before_cursor_execute", fuse.tick)
    event.listen(engine, "after_cursor_execute", fuse.tick)
    commit = engine.dialect.do_commit

    def do_commit(connection: Any) -> None:
        fuse.tick()
        commit(connection)
        fuse.tick()

    engine.dialect.do_commit = do_commit  # type: ignore[method-assign,assignment]  # how a test stands beside a commit
    session = connector.coordinator._session
    send = session.send

    def send_between(*arguments: Any, **options: Any) -> requests.Response:
        fuse.tick()
        answer: requests.Response = send(*arguments, **options)
        fuse.tick()
        return answer

    session.send = send_between  # type: ignore[method-assign]  # the same beside a request


def arm_everything(fuse: Fuse) -> None:
    """Count every SQL statement of this process, on SQLite also those that go past SQLAlchemy's events."""

    def trace(raw: Any, _record: object) -> None:
        if isinstance(raw, sqlite3.Connection):
            raw.set_trace_callback(fuse.tick)

    def said(connection: Connection, *_: object) -> None:
        if connection.dialect.name == "postgresql":
            fuse.tick()

    event.listen(Engine, "connect", trace)
    event.listen(Engine, "before_cursor_execute", said)
    event.listen(Engine, "commit", said)


# --- the coordinator, a process of its own ----------------------------------------------------------


@dataclass(slots=True)
class Server:
    """The coordinator's process."""

    world: World
    port: int
    pid: int = 0

    def start(self, kill_at: int = 0) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            self._serve(kill_at)
        self._wait()

    def _serve(self, kill_at: int) -> None:
        fuse = Fuse(kill_at)
        if kill_at:
            arm_everything(fuse)
        app = create_app(self.world.config, started=True)
        served = app.wsgi_app

        def between(environ: Any, start_response: Any) -> Any:
            fuse.tick()
            answer = served(environ, start_response)
            fuse.tick()
            return answer

        app.wsgi_app = between  # type: ignore[method-assign]  # how Flask says to do it
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        try:
            make_server("127.0.0.1", self.port, app, threaded=True).serve_forever()
        finally:
            os._exit(3)

    def _wait(self) -> None:
        until = time.monotonic() + REST_S
        while time.monotonic() < until and self.alive:
            try:
                if requests.get(f"{worlds.URL}/healthz", timeout=5).ok:
                    return
            except requests.RequestException:
                time.sleep(0.01)

    @property
    def alive(self) -> bool:
        if self.pid and os.waitpid(self.pid, os.WNOHANG) != (0, 0):
            self.pid = 0
        return bool(self.pid)

    def kill(self) -> None:
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass
            self.pid = 0


# --- the world over a socket ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """Stands where other tests have `make_database`: gives out what was made before this program began."""

    urls: list[str]

    def __call__(self, *_: object, **__: object) -> str:
        return self.urls.pop(0)


@dataclass
class SocketWorld(World):
    """The same world, whose connectors reach the coordinator over a socket and whose clock is real."""

    _pinned: PinnedKeys = field(init=False)

    def __post_init__(self) -> None:
        # Read now: a process that is split off later would share the connection over which it asks.
        self._pinned = super().pinned
        edge_stop(self)  # its databases and keys are there now; it is served in a process of its own

    @property
    def pinned(self) -> PinnedKeys:
        """Give the coordinator's keys, as they were in the beginning."""
        return self._pinned

    def session(self, member: str) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        return session

    def close(self) -> None:
        for connector in self.members.values():
            connector.close()


def edge_stop(world: World) -> None:
    edge(world.app).coordinator.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Sweep:
    """One world, one victim, many deaths."""

    world: SocketWorld
    server: Server
    case: str = ""
    consent: str = ""
    deaths: int = 0
    events: int = 0
    broken: list[str] = field(default_factory=list)

    # --- running a victim until it dies ------------------------------------------------------------

    def die(
        self, member: str, kill_at: int, act: Callable[[Connector, Callable[[str], None]], None]
    ) -> tuple[bool, str]:
        """Run `act` in a process that dies at its k-th event; say whether it died, and what it had
        promised.
        """
        old = self.world.members.pop(member)
        old.close()
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            fuse = Fuse(kill_at)
            try:
                connector = self.world.open(member, old.kind, sources=old.sources)
                arm_connector(connector, fuse)
                act(connector, lambda promise: _write(writing, promise))
            except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to see it
                os.write(writing, f"!{type(error).__name__}: {error}\n".encode())
            os.write(writing, f"#{fuse.seen}\n".encode())
            os._exit(0)
        os.close(writing)
        promised = b""
        while chunk := os.read(reading, 65536):
            promised += chunk
        os.close(reading)
        _, status = os.waitpid(pid, 0)
        died = os.WIFSIGNALED(status)
        self.deaths += died
        self.world.open(member, old.kind, sources=old.sources)
        lines = promised.decode().splitlines()
        self.events = max([self.events, *(int(line[1:]) for line in lines if line.startswith("#"))])
        return died, "\n".join(line for line in lines if not line.startswith("#"))

    def rest(self, *members: str) -> None:
        """Let members sync until nothing moves; trouble on the way is what this is about."""
        until = time.monotonic() + REST_S
        quiet = 0
        while quiet < 1 and time.monotonic() < until:
            moved = False
            for name in members or (DEBT, HOUSING, PORTAL):
                try:
                    moved |= runner.sync_once(self.world.members[name]).anything
                except Unavailable:
                    if not self.server.alive:
                        self.server.start()
                    moved = True
            quiet = 0 if moved or self._waiting() else quiet + 1
            if not moved and quiet == 0:
                time.sleep(0.05)
        if quiet < 1:
            self.broken.append("it does not come to rest")

    def _waiting(self) -> bool:
        for member in self.world.members.values():
            with member.database.reading() as connection:
                if outbox.counts(connection).get("queued") or request_store.in_state(
                    connection, "waiting", "received"
                ):
                    return True
        return False

    def check(self, condition: bool, broken: str) -> None:
        if not condition:
            self.broken.append(broken)

    # --- what must hold at the end -----------------------------------------------------------------

    def check_everything(self) -> None:
        """Nothing acknowledged is lost, nothing is applied twice, no alarm, nothing refused."""
        for name, member in self.world.members.items():
            with member.database.reading() as connection:
                self.check(not alarms.open_alarms(connection), f"{name} raised an alarm")
                failed = [(row.type, row.problem) for row in outbox.failed(connection)]
                self.check(not failed, f"{name} had refusals: {failed[:2]}")
                rows = connection.execute(
                    select(outbox_rows.c.id, outbox_rows.c.raw).where(outbox_rows.c.state == "sent")
                )
                sent = [(row.id, read_payload(row.raw)["to"]) for row in rows if row.raw is not None]
            for message, to in sent:
                for reader in to:
                    self._check_arrived(name, message, reader)

    def _check_arrived(self, sender: str, message: str, reader: str) -> None:
        receiver = PORTAL if reader == "citizen" else reader
        if receiver == sender or receiver not in self.world.members:
            return
        with self.world.members[receiver].database.reading() as connection:
            found = connection.scalars(select(inbox_rows.c.state).where(inbox_rows.c.id == message)).all()
        taken_back = self._taken_back(sender, message)
        self.check(list(found) == ["stored"] or taken_back, f"{sender}'s {message} is {found} at {receiver}")

    def _taken_back(self, sender: str, message: str) -> bool:
        with self.world.members[sender].database.reading() as connection:
            row = outbox.find(connection, message)
        if row is None:
            return False
        if row.type == "case.open/1":
            return True  # nobody sat in the case yet
        return (row.problem or {}).get("code") == "withdrawn_from_mailbox"


def _write(pipe: int, line: str) -> None:
    os.write(pipe, line.encode() + b"\n")


@contextmanager
def prepared(databases: Sequence[str]) -> Iterator[Sweep]:
    """Give a world in which a case, a consent and a source are there."""
    given = Given(list(databases))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    port = free_port()
    worlds.URL = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        world = SocketWorld(Path(folder), given, clock=instant.now)  # type: ignore[arg-type]  # a real clock is callable too
        server = Server(world, port)
        server.start()
        sweep = Sweep(world, server)
        try:
            world.agencies()
            world.agree()
            sweep.case = world.case()
            sweep.consent = world.consent(sweep.case, frequency={"count": 1000, "per": "day"})
            world.invite_source(sweep.case, sweep.consent)
            yield sweep
        finally:
            world.close()
            server.kill()

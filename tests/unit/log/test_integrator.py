"""The integrator with PostgreSQL: one of all processes sequences, and nothing but the operator stops it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from coordinator.database.engine import open_database
from coordinator.database.tables_log import log_entries, mailbox, sequencing_queue
from coordinator.log.guard import HeadGuard, TreeHead
from coordinator.log.integrator import Integrator
from coordinator.log.sequence import Sequencer
from ops import postgresql
from tests.conftest import PostgresDatabases
from tests.unit.log.world import KEY, ORIGIN, Log, prepare

PATIENCE_S = 20.0
_HERE = (
    "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
OFFICES_HELD = text(f"SELECT count(*) FROM pg_locks WHERE {_HERE}")  # noqa: S608 - constant text
END_THE_LEADERS_CONNECTION = text(f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE {_HERE}")  # noqa: S608 - constant text


@pytest.fixture
def log(postgres_databases: PostgresDatabases, tmp_path: Path) -> Iterator[Log]:
    url = postgres_databases.make(prepare)
    engine = open_database(url)
    yield Log(engine, tmp_path)
    engine.dispose()
    postgres_databases.drop(url)


@contextmanager
def running(log: Log, engine: Engine | None = None) -> Iterator[Integrator]:
    sequencer = Sequencer(log_key=KEY, origin=ORIGIN, guard=HeadGuard(log.guard_file))
    integrator = Integrator(engine or log.engine, sequencer, batch=500)
    stop = threading.Event()
    thread = threading.Thread(target=integrator.run, args=(stop,))
    thread.start()
    try:
        yield integrator
    finally:
        stop.set()
        integrator.wake()
        thread.join(PATIENCE_S)
    assert not thread.is_alive()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_is_admitted_is_sequenced_within_a_second(log: Log):
    with running(log) as integrator:
        wait_until(lambda: integrator.leads)
        began = time.monotonic()
        log.admit(20, routes=[{"member": "town", "consent": None, "kind": "other"}])
        wait_until(lambda: log.count(log_entries) == 20)
        assert time.monotonic() - began < 1
    assert log.count(mailbox) == 20
    assert log.guard.shown == TreeHead(20, log.root(20))


def test_a_full_batch_is_followed_by_the_next_without_a_pause(log: Log):
    log.admit(2600)
    with running(log) as integrator:
        wait_until(lambda: integrator.leads)
        began = time.monotonic()
        wait_until(lambda: log.count(sequencing_queue) == 0)
        assert time.monotonic() - began < 2
    assert log.count(log_entries) == 2600


def test_only_one_of_several_leads_and_another_takes_over(log: Log):
    with running(log) as first:
        wait_until(lambda: first.leads)
        with running(log) as second:
            log.admit(5)
            wait_until(lambda: log.count(log_entries) == 5)
            assert not second.leads
            with log.engine.begin() as connection:
                connection.execute(END_THE_LEADERS_CONNECTION)
            log.admit(5)
            wait_until(lambda: log.count(log_entries) == 10)
            wait_until(lambda: first.leads != second.leads)


def test_the_office_is_given_back_on_stop(log: Log):
    for _ in range(2):
        with running(log) as integrator:
            wait_until(lambda: integrator.leads)
        assert not integrator.leads
    with log.engine.begin() as connection:
        wait_until(lambda: connection.execute(OFFICES_HELD).scalar_one() == 0)


def test_a_database_that_is_behind_the_guard_stops_it_until_the_operator_helps(log: Log):
    log.sequencer.settle(log.grow(3))
    right = log.guard.shown
    assert right
    log.guard.adopt(TreeHead(9, bytes(32)))
    log.admit(1)
    with running(log) as integrator:
        wait_until(lambda: integrator.trouble is not None)
        assert integrator.trouble is not None
        assert integrator.trouble.code == "log_behind"
        assert log.count(log_entries) == 3
        log.guard.adopt(right)
        wait_until(lambda: log.count(log_entries) == 4)
        wait_until(lambda: integrator.trouble is None)


def test_it_outlives_a_restart_of_the_database(tmp_path: Path):
    with postgresql.running() as server:
        prepare(server.url())
        engine = open_database(server.url())
        log = Log(engine, tmp_path)
        with running(log) as integrator:
            log.admit(3)
            wait_until(lambda: log.count(log_entries) == 3)
            server.stop("immediate")
            wait_until(lambda: integrator.trouble is not None)
            assert not integrator.leads
            server.start()
            wait_until(lambda: integrator.leads)
            log.admit(3)
            wait_until(lambda: log.count(log_entries) == 6)
            assert integrator.trouble is None
        engine.dispose()

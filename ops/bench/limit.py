"""The limit beside which admission is measured: the same server and database doing the least honest thing.

It takes a POST, verifies one Ed25519 signature, commits one row durably and signs one receipt. It decides
nothing, checks no schema, writes no log and delivers to nobody. `grouped` lets one committer commit what
waits together, as the coordinator does, so that the comparison is with the faster of the two. Served by
`ops.bench.limit_server`.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from concurrent.futures import Future
from pathlib import Path

from flask import Flask, Response, request
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, func, select

from coordinator.database.engine import open_database, reading, writing
from schemas import instant, message, receipt
from schemas.keys import SigningKey, VerifyingKey

_METADATA = MetaData()
_ROWS = Table(
    "limit_rows",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)
_KEY = SigningKey.from_raw(bytes(range(32)))


def create_app(url: str, keys_file: Path, *, grouped: bool) -> Flask:
    """Make the app; `keys_file` lists the public keys that may sign, one in hexadecimal a line."""
    app = Flask(__name__)
    engine = open_database(url)
    raw_keys = [bytes.fromhex(line) for line in keys_file.read_text().split()]
    keys = {key.kid: key for key in map(VerifyingKey.from_raw, raw_keys)}
    store = _Grouped(engine).store if grouped else _Each(engine).store

    @app.post("/v1/messages")
    def take() -> Response:
        raw = request.get_data()
        message.verify(raw, lambda kid, _payload: keys[kid])
        store(raw)
        digest = hashlib.sha256(raw).digest()
        signed = receipt.issue(
            id="limit",
            sha256=digest,
            salt=os.urandom(receipt.SALT_BYTES),
            admitted_at=instant.now(),
            key=_KEY,
        )
        return Response(signed, 201, content_type="application/jose")

    @app.get("/readyz")
    def ready() -> Response:
        return Response("ready")

    return app


def make_table(url: str) -> None:
    """Make the one table."""
    engine = open_database(url)
    _METADATA.create_all(engine)
    engine.dispose()


def count_rows(url: str) -> int:
    """Count what was stored."""
    engine = open_database(url)
    try:
        with reading(engine) as connection:
            return int(connection.execute(select(func.count()).select_from(_ROWS)).scalar_one())
    finally:
        engine.dispose()


class _Each:
    """One transaction a message."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def store(self, raw: bytes) -> None:
        """Insert and commit."""
        with writing(self._engine) as connection:
            connection.execute(_ROWS.insert(), {"raw": raw})


class _Grouped:
    """One transaction for all messages that wait."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[bytes, Future[None]]] = queue.SimpleQueue()
        threading.Thread(target=self._commit, daemon=True).start()

    def store(self, raw: bytes) -> None:
        """Hand over and wait for the commit."""
        done: Future[None] = Future()
        self._waiting.put((raw, done))
        done.result()

    def _commit(self) -> None:
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            with writing(self._engine) as connection:
                connection.execute(_ROWS.insert(), [{"raw": raw} for raw, _ in group])
            for _, done in group:
                done.set_result(None)

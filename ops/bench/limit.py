"""The limit beside which admission is measured: the same server and database doing the least honest thing.

It takes a POST, verifies one Ed25519 signature, commits one row durably and signs one receipt. It decides
nothing, checks no schema, writes no log and delivers to nobody. `grouped` lets one committer commit what waits
together, as the coordinator does, so that the comparison is with the faster of the two.
Run by gunicorn as `ops.bench.limit:create_app("DATABASE_URL", grouped=True)`.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from concurrent.futures import Future

from flask import Flask, Response, request
from sqlalchemy import Column, Engine, Integer, LargeBinary, MetaData, Table, create_engine, event
from sqlalchemy.engine import Connection

from schemas import instant, message, receipt
from schemas.keys import SigningKey, VerifyingKey

_METADATA = MetaData()
_ROWS = Table("rows", _METADATA, Column("id", Integer, primary_key=True), Column("raw", LargeBinary, nullable=False))
_KEY = SigningKey.from_raw(bytes(range(32)))


def create_app(url: str, keys_file: str, *, grouped: bool) -> Flask:
    """Make the app; `keys_file` lists the public keys that may sign, one in hexadecimal a line."""
    app = Flask(__name__)
    engine = _engine(url)
    keys = {}
    with open(keys_file, encoding="ascii") as lines:  # noqa: PTH123 - a bench's own file
        for line in lines:
            key = VerifyingKey.from_raw(bytes.fromhex(line.strip()))
            keys[key.kid] = key
    store = _Grouped(engine).store if grouped else _Each(engine).store

    @app.post("/v1/messages")
    def take() -> Response:
        raw = request.get_data()
        message.verify(raw, lambda kid, _payload: keys[kid])
        store(raw)
        digest = hashlib.sha256(raw).digest()
        signed = receipt.issue(
            id="limit", sha256=digest, salt=os.urandom(receipt.SALT_BYTES), admitted_at=instant.now(), key=_KEY
        )
        return Response(signed, 201, content_type="application/jose")

    @app.get("/readyz")
    def ready() -> Response:
        return Response("ready")

    return app


def _engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=32, max_overflow=0)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def settings(connection: Connection, _record: object) -> None:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=20000", "busy_timeout=10000"):
                connection.execute(f"PRAGMA {pragma}")  # type: ignore[call-overload]  # the driver's own connection

    _METADATA.create_all(engine, checkfirst=True)
    return engine


class _Each:
    """One transaction a message."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def store(self, raw: bytes) -> None:
        """Insert and commit."""
        with self._engine.begin() as connection:
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
            with self._engine.begin() as connection:
                connection.execute(_ROWS.insert(), [{"raw": raw} for raw, _ in group])
            for _, done in group:
                done.set_result(None)

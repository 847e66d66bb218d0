"""Real server processes for a bench: the coordinator as in production, and the `limit` beside it.

Each has a temporary folder and a free port and is started by `python -m coordinator.serve` (or its like for
the limit). The counts per address are switched off, because one machine here speaks for a thousand.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import func, insert, select

from coordinator.commands.setup import found
from coordinator.config import Config, from_mapping
from coordinator.database.engine import open_database, reading, writing
from coordinator.database.tables import enrolment_codes, messages
from coordinator.register.codes import code_key
from ops.bench.world import Member
from schemas import instant
from schemas.keys import VerifyingKey
from schemas.messages.joining import new_code
from schemas.messages.member_v1 import code_proof
from schemas.seal import open_sealed
from schemas.wire import b64u

READY_S = 30
STOP_S = 15
_UNLIMITED = (
    "requests_per_member_per_minute",
    "requests_per_address_per_minute",
    "tokens_per_address_per_minute",
    "code_guesses_per_address_per_hour",
)


class NotReadyError(Exception):
    """A server did not start; the message holds the end of what it said."""


@dataclass(slots=True)
class Server:
    """One running server."""

    port: int
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self) -> float:
        """Wait until it answers ready; gives the seconds that this took."""
        began = time.monotonic()
        while time.monotonic() - began < READY_S and self.process.poll() is None:
            try:
                if requests.get(f"{self.url}/readyz", timeout=5).ok:
                    return time.monotonic() - began
            except requests.RequestException:
                pass
            time.sleep(0.02)
        said = (self.folder / "server.log").read_text(errors="replace")[-2000:]
        raise NotReadyError(f"The server did not become ready. It said:\n{said}")

    def stop(self) -> None:
        """Ask it to end, then insist."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(folder: Path, database_url: str, *, workers: int = 2) -> Config:
    """Write the settings of a coordinator into a folder, and give them."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    values = {
        "name": "Bench",
        "bind": f"127.0.0.1:{port}",
        "public_url": f"http://127.0.0.1:{port}",
        "origin": "bench.invalid/log",
        "database_url": database_url,
        "keys_dir": "keys",
    }
    lines = [f'{name} = "{value}"' for name, value in values.items()]
    lines += [f"workers = {workers}", "[rates]", *(f"{name} = 0" for name in _UNLIMITED)]
    (folder / "coordinator.toml").write_text("\n".join(lines) + "\n")
    rates = dict.fromkeys(_UNLIMITED, 0)
    return from_mapping({**values, "workers": workers, "rates": rates}, source="the bench", folder=folder)


@contextmanager
def serving(folder: Path, config: Config, module: str, *arguments: str) -> Iterator[Server]:
    """Run `python -m module SETTINGS ARGUMENTS…` until the block ends."""
    port = int(config.bind.rpartition(":")[2])
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder / "coordinator.toml"), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(port, process, folder)
    try:
        server.wait_ready()
        yield server
    finally:
        server.stop()


@contextmanager
def coordinator(folder: Path, database_url: str, *, workers: int = 2) -> Iterator[Place]:
    """Found a coordinator and serve it."""
    config = settings(folder, database_url, workers=workers)
    found(config)
    with serving(folder, config, "coordinator.serve") as server:
        yield Place(config, server)


@dataclass(frozen=True, slots=True)
class Place:
    """A coordinator that runs, and its settings."""

    config: Config
    server: Server

    def enrol(self, member: Member) -> None:
        """Let a member enrol, as its operator and the member's own would do it."""
        code = self.invite(member.id, member.kind)
        answer = requests.post(
            f"{self.server.url}/v1/members/challenge", json={"seal": member.sealing.public.jwk}, timeout=30
        )
        (sender,) = self.keys()
        keys = {member.sealing.kid: member.sealing}
        challenge = open_sealed(answer.json()["jwe"], keys=keys, sender_kid=sender)
        now = instant.now()
        body = {
            "member": {"id": member.id, "kind": member.kind, "name": member.id.title()},
            "keys": {
                "sign": member.signing.public.jwk,
                "seal": member.sealing.public.jwk,
                "valid_from": instant.format(now - timedelta(days=1)),
                "valid_until": instant.format(now + timedelta(days=365)),
            },
            "code_proof": code_proof(code, sign_kid=member.signing.kid, seal_kid=member.sealing.kid),
            "challenge": b64u(challenge),
        }
        raw = member.say("member.enrol/1", ["coordinator"], now, body=body)
        said = requests.post(
            f"{self.server.url}/v1/members",
            data=raw,
            headers={"Content-Type": "application/jose"},
            timeout=30,
        )
        said.raise_for_status()

    def send(self, raws: list[bytes]) -> None:
        """Have messages admitted in order; raise if one is not."""
        for start in range(0, len(raws), 64):
            batch = [raw.decode() for raw in raws[start : start + 64]]
            said = requests.post(f"{self.server.url}/v1/messages/batch", json={"messages": batch}, timeout=60)
            said.raise_for_status()
            problems = [each["problem"] for each in said.json()["results"] if "problem" in each]
            if problems:
                raise RuntimeError(f"A message of the preparation was refused: {problems[0]}")

    def admitted(self) -> int:
        """Count the messages in the database."""
        engine = open_database(self.config.database_url, pool_size=1)
        try:
            with reading(engine) as connection:
                return int(connection.execute(select(func.count()).select_from(messages)).scalar_one())
        finally:
            engine.dispose()

    def keys(self) -> dict[str, VerifyingKey]:
        """Give the coordinator's public keys by thumbprint."""
        said = requests.get(f"{self.server.url}/v1/keys", timeout=30).json()
        listed = [{name: key["jwk"][name] for name in ("kty", "crv", "x")} for key in said["coordinator"]]
        return {key.kid: key for key in map(VerifyingKey.from_jwk, listed)}

    def invite(self, member: str, kind: str) -> str:
        """Let a member in, as the operator's command does; gives the one-time code."""
        code = new_code()
        engine = open_database(self.config.database_url, pool_size=1)
        until = instant.to_ms(instant.now() + timedelta(days=1))
        row = {"key_hash": code_key(code), "member": member, "kind": kind, "expires_at": until}
        try:
            with writing(engine) as connection:
                connection.execute(insert(enrolment_codes), row)
        finally:
            engine.dispose()
        return code

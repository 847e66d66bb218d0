"""Starts and stops the processes of the story: each with its own folder, keys, database, port and log."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import requests

READY_SECONDS = 30
STOP_SECONDS = 10
ACCORD = (sys.executable, "-c", "from connectors.cli import main; main()")
"""The command `accord`, by the same Python that tells the story."""


class NotReady(Exception):
    """A process did not become ready; the message says where its log is."""


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def accord(*words: str, expect: int = 0) -> str:
    """Run one `accord` command to its end and give what it printed; raise with its error text."""
    done = subprocess.run([*ACCORD, *words], capture_output=True, text=True, check=False)
    if done.returncode != expect:
        raise RuntimeError(f"accord {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


@dataclass(slots=True)
class Running:
    """One process that was started."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    ready_url: str

    def wait_ready(self) -> float:
        """Wait until it answers ready; gives the seconds that it took."""
        started = time.monotonic()
        while time.monotonic() - started < READY_SECONDS:
            if self.process.poll() is not None:
                raise NotReady(
                    f"{self.name} ended with code {self.process.returncode}; its log is {self.log}"
                )
            try:
                if requests.get(self.ready_url, timeout=2).ok:
                    return time.monotonic() - started
            except requests.RequestException:
                pass
            time.sleep(0.05)
        raise NotReady(f"{self.name} was not ready after {READY_SECONDS} s; its log is {self.log}")


@dataclass(slots=True)
class Processes:
    """All processes of the story; stops them at the end, whatever happened."""

    running: list[Running] = field(default_factory=list)

    def start(self, name: str, words: list[str], *, log: Path, ready_url: str) -> Running:
        """Start `accord WORDS…` in a session of its own, its output in `log`."""
        return self.start_program(name, [*ACCORD, *words], log=log, ready_url=ready_url)

    def start_program(self, name: str, command: list[str], *, log: Path, ready_url: str) -> Running:
        """Start any program in the same way."""
        with log.open("ab") as out:
            process = subprocess.Popen(
                command,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        started = Running(name, process, log, ready_url)
        self.running.append(started)
        return started

    def stop(self) -> None:
        """Ask every process to end, then insist."""
        _end(self.running)
        self.running.clear()

    def stop_one(self, running: Running) -> None:
        """End one process."""
        _end([running])
        self.running.remove(running)


def _end(all_running: list[Running]) -> None:
    for running in all_running:
        if running.process.poll() is None:
            os.killpg(running.process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    for running in all_running:
        try:
            running.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()

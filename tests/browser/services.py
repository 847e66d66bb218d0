"""What browser tests stand on besides the portal: applications on ports of this machine, a provider."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import requests
import waitress

_READY_S: Final = 20
_STOP_S: Final = 0.2
_PROVIDER: Final = """
import os, sys, threading
from oidc_provider_mock.__main__ import run
# A test that is killed takes its provider along: nobody writes to its standard input then.
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
run()
"""


class Served:
    """A WSGI application on a port of this machine, answered by a thread."""

    def __init__(self, listening: socket.socket, application: Any, threads: int) -> None:
        """Start answering."""
        self._server = waitress.create_server(application, sockets=[listening], threads=threads)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer no more."""
        self._server.close()
        self._thread.join(_STOP_S)  # a browser's idle line may hold it; the thread dies with the process


def listening() -> socket.socket:
    """Take a free port."""
    taken = socket.socket()
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind(("127.0.0.1", 0))
    return taken


@dataclass
class Provider:
    """A real OpenID provider in a process of its own."""

    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, folder: Path) -> Provider:
        """Start it; `wait` for it before use."""
        taken = listening()
        port = taken.getsockname()[1]
        taken.close()
        command = [sys.executable, "-W", "ignore", "-c", _PROVIDER, "-p", str(port), "-n", "true"]
        with (folder / "provider.log").open("wb") as log:
            return cls(port, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log))

    @property
    def url(self) -> str:
        """The issuer."""
        return f"http://localhost:{self.port}"

    def wait(self) -> None:
        """Wait until it answers."""
        until = time.monotonic() + _READY_S
        while True:
            try:
                requests.get(f"{self.url}/.well-known/openid-configuration", timeout=1)
                return
            except requests.ConnectionError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def knows(self, subject: str, claims: Mapping[str, Any]) -> None:
        """Let it know somebody."""
        requests.put(f"{self.url}/users/{subject}", json=dict(claims), timeout=5).raise_for_status()

    def close(self) -> None:
        """End it."""
        with self.process:  # closes what it reads from
            self.process.terminate()
            self.process.wait(10)

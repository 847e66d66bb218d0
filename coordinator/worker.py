"""The gunicorn worker: cooperative, and quick to end its long polls when it is told to stop."""

from __future__ import annotations

import gc
import sys
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from coordinator import logging as our_logging

ENDING_S = 2
"""Seconds that a worker needs after its requests were answered: to notice, and to finish what it took in."""
HEAD_BYTES = 8 * 1024
"""The first piece of an answer is held back up to this size; a head is never larger."""
YOUNG_OBJECTS = 20_000
"""Objects made before the collector looks for circles: a message makes hundreds, and leaves none behind."""


class CooperativeWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """gevent's worker. Stopping first lets waiting mailboxes answer, then ends connections that idle."""

    def init_process(self) -> None:
        """Write our log lines from here on."""
        our_logging.configure(sys.stdout)
        # The master waits longer than the worker, or it would kill it in the middle of ending.
        self.cfg.set("graceful_timeout", max(1, self.cfg.graceful_timeout - ENDING_S))
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application; what is in memory by now stays and is left out when garbage is looked for.

        Looking through all of it held everybody up by 80 ms every few thousand messages.
        """
        super().load_wsgi()
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Answer one request, head and body in one piece."""
        together = Together(sock)
        try:
            super().handle_request(listener_name, req, together, addr)
        finally:
            together.flush()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Take SIGTERM: wake the long polls outside the signal handler, where locks may be taken."""
        gevent.spawn(self._stop)
        super().handle_exit(sig, frame)

    def _stop(self) -> None:
        if not hasattr(self, "wsgi"):
            return  # told to stop before the application was loaded: nobody waits
        from coordinator.http.edge import edge  # noqa: PLC0415 - not before gevent has patched

        edge(self.wsgi).coordinator.stop_waiting()


class Together:
    """A connection that holds the head of an answer back until its body comes: one call, one packet."""

    __slots__ = ("_held", "_sock")

    def __init__(self, sock: Any) -> None:
        """Take the connection."""
        self._sock = sock
        self._held = b""

    def sendall(self, data: bytes) -> None:
        """Send what comes second together with what came first."""
        if self._held or len(data) > HEAD_BYTES:
            data, self._held = self._held + data, b""
            self._sock.sendall(data)
        else:
            self._held = data

    def flush(self) -> None:
        """Send what nothing followed."""
        if self._held:
            held, self._held = self._held, b""
            self._sock.sendall(held)

    def __getattr__(self, name: str) -> Any:
        """Do everything else as the connection does it, after what is held."""
        self.flush()
        return getattr(self._sock, name)


class TemplateLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's lines without what they were filled with: it quotes addresses and header values."""

    def setup(self, cfg: Any) -> None:
        """Write errors in our form and no access lines (the application writes its own)."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(our_logging.TemplateFormatter())

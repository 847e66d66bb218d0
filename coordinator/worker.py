"""The gunicorn worker: cooperative, and quick to end its long polls when it is told to stop."""

from __future__ import annotations

import sys
from typing import Any

import gevent
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

from coordinator import logging as our_logging


class CooperativeWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """gevent's worker. Stopping first lets waiting mailboxes answer, then ends connections that idle."""

    def init_process(self) -> None:
        """Write our log lines from here on."""
        our_logging.configure(sys.stdout)
        super().init_process()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Take SIGTERM: wake the long polls outside the signal handler, where locks may be taken."""
        gevent.spawn(self._stop)
        super().handle_exit(sig, frame)

    def _stop(self) -> None:
        stop = getattr(self.wsgi, "stop_waiting", None)
        if stop:
            stop()


class TemplateLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's lines without what they were filled with: it quotes addresses and header values."""

    def setup(self, cfg: Any) -> None:
        """Write errors in our form and no access lines (the application writes its own)."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(our_logging.TemplateFormatter())

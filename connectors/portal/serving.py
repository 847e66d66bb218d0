"""Serves the portal's pages on their own address, and does what the clock asks while they are served.

By waitress, like the local API, with nothing more to install: one thread answers one request, so that
`[portal] threads` is how many are answered at once, open live updates among them. It speaks plain HTTP; TLS
is the business of the web server before it. More processes serve the same pages from the same database with
`accord portal serve`; only the one that runs the connector has the clock.
"""

from __future__ import annotations

import ctypes
import gc
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog
import waitress
from prometheus_client import CollectorRegistry

from connectors.exchange.backoff import delay
from connectors.exchange.connector import Connector
from connectors.pages.counting import count_pages
from connectors.portal import arriving, upkeep
from connectors.portal.app import create_portal
from connectors.portal.mail import send
from connectors.portal.opening import open_portal
from connectors.portal.settings import PortalSettings
from schemas.errors import Refusal

_LARGEST: Final = 27 * 1024 * 1024
"""Octets of a request: a form with a file of 25 MiB."""
_HEADERS: Final = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
_TURN_S: Final = 5.0
_STREAMS_END_S: Final = 1.5
"""A stream looks once a second whether it should end."""
_LOOK_S: Final = 0.05
_M_ARENA_MAX: Final = -8
"""mallopt(3)"""
_EACH_MINUTE: Final = timedelta(minutes=1)
_log = structlog.get_logger("accord.portal")


class Pages:
    """The pages of one portal, answered by threads of this process."""

    def __init__(
        self,
        connector: Connector,
        settings: PortalSettings,
        keys: Path,
        *,
        registry: CollectorRegistry,
        bind: str | None = None,
    ) -> None:
        """Open them, counted in `registry`; `bind` is another address than that of the settings."""
        _share_heaps()
        self.portal, secret = open_portal(connector, settings, keys)
        app = create_portal(self.portal, secret=secret)
        count_pages(app, registry)
        host, _colon, port = (bind or settings.bind).rpartition(":")
        proxied: dict[str, Any] = {}
        if settings.trusted_proxy is not None:
            proxied = {"trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": _HEADERS}
        self.server = waitress.create_server(
            app,
            host=host.strip("[]"),
            port=int(port),
            threads=settings.threads,
            max_request_body_size=_LARGEST,
            ident="accord",
            clear_untrusted_proxy_headers=True,
            **proxied,
        )

    def start(self) -> None:
        """Answer in a thread of its own.

        What is in memory by now stays as long as the process. It is left out when garbage is looked for,
        which would otherwise hold every second page of a long case up by a tenth of a second.
        """
        gc.collect()
        gc.freeze()
        threading.Thread(target=self.server.run, name="pages", daemon=True).start()

    def stop(self) -> None:
        """Answer no more; open live updates end first, so that their pages ask again elsewhere."""
        self.portal.places.close()
        ends_at = time.monotonic() + _STREAMS_END_S
        while self.portal.places.open_now and time.monotonic() < ends_at:
            time.sleep(_LOOK_S)
        self.server.close()


def _share_heaps() -> None:
    """Let all threads share two heaps, before there are threads (glibc's M_ARENA_MAX; elsewhere nothing).

    By default each has its own, and keeps there what the longest case once took: a quarter of all memory.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


@dataclass(slots=True)
class Clock:
    """The thread that does what is due: words that wait, e-mail, reminders, mandates that end.

    Trouble never ends it; it is written down without contents and tried again with growing pauses.
    """

    connector: Connector
    settings: PortalSettings
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _kept_at: datetime | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._forever, name="portal-clock", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> None:
        """Ask it to end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread is not None and self._thread.is_alive()

    def turn(self) -> None:
        """Do everything that is due now."""
        now = self.connector.clock()
        arriving.tell_first_words(self.connector, now)
        if self._kept_at is None or now - self._kept_at >= _EACH_MINUTE:
            upkeep.keep(self.connector, self.settings, now)
            self._kept_at = now
        send.send_due(self.connector, self.settings, now)

    def _forever(self) -> None:
        failures = 0
        while not self._stop.is_set():
            failures = self._try(self.turn, failures)
            self._stop.wait(_TURN_S if not failures else delay(failures).total_seconds())

    @staticmethod
    def _try(turn: Callable[[], None], failures: int) -> int:
        try:
            turn()
        except Refusal as refusal:
            _log.warning("portal_trouble", code=refusal.code, failures=failures + 1)
        except Exception as error:  # noqa: BLE001 - a thread that ends silently would be an outage
            _log.error("portal_failed", kind=type(error).__qualname__, failures=failures + 1)
        else:
            return 0
        return failures + 1

"""`accord connector run`: one process that sends, receives, keeps and answers the local API, and at a portal
shows the citizens' pages, until it is told to stop.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
import waitress
from prometheus_client import CollectorRegistry

from connectors.api.app import create_app
from connectors.api.authentication import ensure_token
from connectors.api.coordination import DOCUMENT_BODY_BYTES
from connectors.api.counting import registry_of
from connectors.commands.lasting import asked_to_stop, log_as_json
from connectors.commands.opening import opened
from connectors.config import Config
from connectors.evidence.log_source import HttpLog
from connectors.exchange.connector import Connector
from connectors.exchange.runner import Runner
from connectors.portal.settings import PortalSettings

if TYPE_CHECKING:
    from connectors.portal.serving import Clock, Pages

_log = structlog.get_logger("accord.connector")


class Service:
    """A connector with its threads and its local API."""

    def __init__(self, config: Config) -> None:
        """Open everything; nothing runs yet."""
        self.connector: Connector = opened(config)
        self.runner = Runner(self.connector)
        app = create_app(
            self.connector,
            token=ensure_token(config.api.token_file),
            log=HttpLog(config.coordinator.url),
            limits=config.limits,
            health=self._health,
        )
        self.server = waitress.create_server(
            app,
            host=config.api.host,
            port=config.api.port,
            threads=config.limits.api_threads,
            max_request_body_size=max(config.limits.api_body_bytes, DOCUMENT_BODY_BYTES),
            inbuf_overflow=DOCUMENT_BODY_BYTES,  # a citizen's file never spills into a temporary one
            ident="accord",
        )
        self._portal: tuple[Pages, Clock] | None = None
        if config.portal is not None:
            self._portal = _portal(self.connector, config.portal, config, registry_of(app))

    def start(self) -> None:
        """Start the threads, and answer the API in one of its own."""
        self.runner.start()
        threading.Thread(target=self.server.run, name="api", daemon=True).start()
        for each in self._portal or ():
            each.start()

    def stop(self) -> None:
        """End everything in reverse order; what waits is in the database and goes on at the next start."""
        for each in self._portal or ():
            each.stop()
        self.server.close()
        self.runner.stop()
        self.connector.close()

    def _health(self) -> Mapping[str, Any]:
        clock = self._portal is None or self._portal[1].alive
        return {"alive": self.runner.alive and clock}


def _portal(
    connector: Connector, settings: PortalSettings, config: Config, registry: CollectorRegistry
) -> tuple[Pages, Clock]:
    """Open the citizens' pages; an agency's connector does not even load them."""
    from connectors.portal.serving import Clock, Pages  # noqa: PLC0415 - see above

    return Pages(connector, settings, config.storage.keys, registry=registry), Clock(connector, settings)


def run_until_stopped(config: Config) -> None:
    """Run until SIGTERM or SIGINT."""
    log_as_json()
    service = Service(config)
    stop = asked_to_stop()
    service.start()
    _log.info("started", member=config.member.id, api=config.api.bind)
    stop.wait()
    _log.info("stopping", member=config.member.id)
    service.stop()

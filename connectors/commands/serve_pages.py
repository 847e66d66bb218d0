"""`accord portal serve`: the citizens' pages alone, in one more process beside `accord connector run`.

It loads nothing of the local API.
"""

from __future__ import annotations

import structlog
from prometheus_client import CollectorRegistry

from connectors.commands.lasting import asked_to_stop, log_as_json
from connectors.commands.opening import opened
from connectors.config import Config
from connectors.portal.settings import PortalSettings

_log = structlog.get_logger("accord.portal")


def serve_pages_until_stopped(
    config: Config, settings: PortalSettings, bind: str, metrics: tuple[str, int] | None = None
) -> None:
    """Show the citizens' pages alone, from the database of a connector that runs elsewhere, until SIGTERM.

    Nothing is sent or received here: what the pages write waits in the outbox for the process that runs.
    `metrics` is where the counters are told.
    """
    from connectors.pages.counting import publish  # noqa: PLC0415 - other commands of a portal do not need them
    from connectors.portal.serving import Pages  # noqa: PLC0415 - as above

    log_as_json()
    connector = opened(config)
    registry = CollectorRegistry()
    pages = Pages(connector, settings, config.storage.keys, registry=registry, bind=bind)
    stop = asked_to_stop()
    pages.start()
    if metrics is not None:
        publish(registry, *metrics)
    _log.info("serving", member=config.member.id, pages=bind)
    stop.wait()
    pages.stop()
    connector.close()

"""Counts and logs each request by its route: never the path itself, a body, or a name."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connectors.exchange.connector import Connector
from connectors.exchange.store import alarms, inbox, outbox, requests

_NAME = "accord.metrics"
_log = structlog.get_logger("accord.api")


class StoreNumbers(Collector):
    """How much waits in the connector, read when it is asked for."""

    def __init__(self, connector: Connector) -> None:
        """Take the connector whose store is counted."""
        self._connector = connector

    def collect(self) -> Iterable[Metric]:
        """Count messages by state, requests that wait for a person, and alarms."""
        with self._connector.database.reading() as connection:
            sent, received = outbox.counts(connection), inbox.counts(connection)
            waiting = len(requests.in_state(connection, "needs_a_person"))
            raised = len(alarms.open_alarms(connection))
        yield _by_state("accord_outbox_messages", "Messages of ours by state", sent)
        yield _by_state("accord_inbox_messages", "Messages received by state", received)
        yield GaugeMetricFamily("accord_requests_for_a_person", "Requests that a person decides", waiting)
        yield GaugeMetricFamily("accord_alarms_open", "Alarms that nobody has cleared", raised)


def _by_state(name: str, words: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=["state"])
    for state, count in sorted(counts.items()):
        family.add_metric([state], count)
    return family


def count_requests(app: Flask, connector: Connector) -> None:
    """Count and time every request of this application."""
    registry = CollectorRegistry()
    registry.register(StoreNumbers(connector))
    answered = Counter(
        "accord_api_requests",
        "Requests by route, method and status",
        ["route", "method", "status"],
        registry=registry,
    )
    took = Histogram("accord_api_seconds", "Time to answer, by route", ["route"], registry=registry)
    app.extensions[_NAME] = registry

    @app.before_request
    def started() -> None:
        g.started = time.perf_counter()
        g.code = None

    @app.after_request
    def counted(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "unknown"
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        answered.labels(route, request.method, response.status_code).inc()
        took.labels(route).observe(seconds)
        _log.info(
            "answered",
            route=route,
            method=request.method,
            status=response.status_code,
            code=g.get("code"),
            ms=round(seconds * 1000, 1),
        )
        return response


def registry_of(app: Flask) -> CollectorRegistry:
    """Give the counters of this application."""
    registry: CollectorRegistry = app.extensions[_NAME]
    return registry

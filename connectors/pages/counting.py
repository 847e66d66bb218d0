"""Counts and times each answer of the pages by its endpoint: never an address, an id or anybody's name."""

from __future__ import annotations

import time
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server

_UNKNOWN: Final = "unknown"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})


def count_pages(app: Flask, registry: CollectorRegistry) -> None:
    """Count every answer of this application; a stream counts when it begins."""
    answered = Counter(
        "accord_pages_answers",
        "Answers of the pages by endpoint, method and status",
        ["endpoint", "method", "status"],
        registry=registry,
    )
    took = Histogram("accord_pages_seconds", "Time to answer, by endpoint", ["endpoint"], registry=registry)

    @app.before_request
    def started() -> None:
        g.page_started = time.perf_counter()

    @app.after_request
    def counted(response: Response) -> Response:
        endpoint = request.endpoint or _UNKNOWN
        method = request.method if request.method in _METHODS else _UNKNOWN  # whoever asks may invent one
        answered.labels(endpoint, method, response.status_code).inc()
        if "page_started" in g:
            took.labels(endpoint).observe(time.perf_counter() - g.page_started)
        return response


def publish(registry: CollectorRegistry, host: str, port: int) -> None:
    """Answer with these counters (Prometheus) on an address of their own, until the process ends."""
    start_http_server(port, addr=host, registry=registry)

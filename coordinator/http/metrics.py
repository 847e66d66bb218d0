"""Counts for operators in Prometheus' form, over all worker processes; no label names a member or case.

`PROMETHEUS_MULTIPROC_DIR` must be set before this file is imported when several processes serve.
"""

from __future__ import annotations

import os
from functools import cache

from flask import Response, request
from flask_smorest import Blueprint
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from coordinator.http.describe import TEXT, describe
from coordinator.http.reading import no_query

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "accord_http_requests", "Requests answered.", ["route", "method", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "accord_http_request_seconds",
    "Time to answer, without long polls.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
    registry=REGISTRY,
)
MESSAGES = Counter(
    "accord_messages", "Messages admitted (code ok) or refused, by code.", ["code"], registry=REGISTRY
)
blueprint = Blueprint("metrics", __name__, description="Counts for operators.")


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request; a long poll's time is the client's wish, so it is not measured."""
    counter, timer = _counts(route, method, status)
    counter.inc()
    if route != "/v1/mailbox":
        timer.observe(seconds)


@cache
def _counts(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Look the two up once: routes, methods and statuses are few, whatever is asked for."""
    return REQUESTS.labels(route, method, str(status)), SECONDS.labels(route)


def exposition() -> bytes:
    """Give all counts, of all worker processes when there are several."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return generate_latest(together)


@blueprint.route("/metrics")
@describe("Count what happened", answers={200: ("Counts in Prometheus' text form.", {"text/plain": TEXT})})
def metrics() -> Response:
    """Give requests by route and status, messages by code, and the time that they took."""
    no_query(request)
    return Response(exposition(), content_type=CONTENT_TYPE_LATEST)

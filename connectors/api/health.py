"""Whether the process lives and works, and its counters; open to anyone who reaches the port, and about no
case.
"""

from __future__ import annotations

from flask import Response, current_app
from flask_smorest import Blueprint
from marshmallow import fields as ma
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from connectors.api.counting import registry_of
from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.exchange.store import inbox
from schemas.errors import Unavailable
from schemas.messages.fields import Strict

blueprint = Blueprint("health", __name__, description="Health, readiness and counters, without sign-in.")


class State(Strict):
    """How it is."""

    status = ma.String(required=True)


@blueprint.route("/healthz")
@described(Shape("Say that the process lives", State))
def healthz() -> dict[str, str]:
    """Answer as long as the process lives."""
    return {"status": "alive"}


@blueprint.route("/readyz")
@described(Shape("Say whether the connector works", State))
def readyz() -> dict[str, str]:
    """Answer `ready` when the database opens and all threads run."""
    with edge().connector.database.reading() as connection:
        inbox.position(connection)
    if not edge().health().get("alive", False):
        raise Unavailable("A thread of the connector has ended.", remedy="Start the connector again.")
    return {"status": "ready"}


@blueprint.route("/metrics")
@described(Shape("Read the counters (Prometheus)", None, file="text/plain"))
def metrics() -> Response:
    """Give counters: numbers of requests by route and answer, never anything from inside."""
    return Response(generate_latest(registry_of(current_app)), content_type=CONTENT_TYPE_LATEST)

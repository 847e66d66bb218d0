"""Puts the local API together: one table of blueprints, each with the authentication that it asks for.

Takes an open connector and its token, gives a Flask application; `serve` in `connectors.commands.run`
starts it in the connector's own process.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import Flask, request
from flask_smorest import Blueprint

from connectors.api import (
    access,
    agreements,
    cases,
    consents,
    coordination,
    evidence,
    health,
    invitations,
    offers,
    operation,
    previews,
    problems,
    records,
    requests,
    seat_keys,
    systems,
)
from connectors.api import openapi as description
from connectors.api.authentication import Authentication, Doorkeeper
from connectors.api.counting import count_requests
from connectors.api.describe import REPLIES
from connectors.api.edge import Edge, attach
from connectors.api.replies import Replies
from connectors.config import Limits
from connectors.evidence.log_source import LogSource
from connectors.exchange.connector import Connector

BLUEPRINTS: Final[tuple[tuple[Blueprint, Authentication], ...]] = (
    (health.blueprint, Authentication.NONE),
    (cases.blueprint, Authentication.TOKEN),
    (invitations.blueprint, Authentication.TOKEN),
    (seat_keys.blueprint, Authentication.TOKEN),
    (consents.blueprint, Authentication.TOKEN),
    (offers.blueprint, Authentication.TOKEN),
    (previews.blueprint, Authentication.TOKEN),
    (records.blueprint, Authentication.TOKEN),
    (coordination.blueprint, Authentication.TOKEN),
    (requests.blueprint, Authentication.TOKEN),
    (access.blueprint, Authentication.TOKEN),
    (agreements.blueprint, Authentication.TOKEN),
    (systems.blueprint, Authentication.TOKEN),
    (evidence.blueprint, Authentication.TOKEN),
    (operation.blueprint, Authentication.TOKEN),
)
OPEN: Final = frozenset({("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")})
"""The routes that ask for nothing; a test compares them with the application's own map."""
_SPEC: Final = "accord.openapi"


def create_app(
    connector: Connector,
    *,
    token: str,
    log: LogSource,
    limits: Limits | None = None,
    health: Callable[[], Mapping[str, Any]] | None = None,
) -> Flask:
    """Make the application of one connector; `health` says whether its threads run."""
    bounds = limits or Limits()
    app = Flask("connectors.api", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = bounds.api_body_bytes
    attach(app, Edge(connector, log, health or (lambda: {"alive": True})))
    app.extensions[REPLIES] = Replies(connector.database, secrets.token_hex(8))
    count_requests(app, connector)
    problems.register(app)
    _guard(app, Doorkeeper(token, bounds.wrong_tokens, bounds.lockout_s))
    app.extensions[_SPEC] = _register(app)
    return app


def _register(app: Flask) -> dict[str, Any]:
    """Register every blueprint and give the description of all of them."""
    api = description.describe_app(app)
    for blueprint, _ in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return description.document(api, routes(app))


def _guard(app: Flask, doorkeeper: Doorkeeper) -> None:
    """Ask for the token before anything else, also for addresses that do not exist."""
    asks = {blueprint.name: kind for blueprint, kind in BLUEPRINTS}

    @app.before_request
    def check_token() -> None:
        if asks.get(request.blueprint or "", Authentication.TOKEN) is Authentication.TOKEN:
            doorkeeper.check(request)


def routes(app: Flask) -> dict[tuple[str, str], Authentication]:
    """Give what each route asks for, by method and rule, as its blueprint was registered."""
    asks = {blueprint.name: kind for blueprint, kind in BLUEPRINTS}
    return {
        (method, rule.rule): asks[rule.endpoint.partition(".")[0]]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint.partition(".")[0] in asks
    }


def openapi_of(app: Flask) -> str:
    """Give the application's description as it is committed."""
    return description.written(app.extensions[_SPEC])


def specification() -> str:
    """Give the description without a connector: what `openapi.json` beside this file holds."""
    return description.written(_register(Flask("connectors.api", static_folder=None)))

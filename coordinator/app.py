"""Makes the coordinator's WSGI application: one table of routes × authentication, everything else refused.

Takes the settings, gives a Flask application with the coordinator behind it. Nothing is global: two
applications in one process have nothing in common but the metrics and the description of the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

from flask import Flask
from flask_smorest import Blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

from coordinator.config import Config
from coordinator.http import (
    agreements,
    attachments,
    cases,
    entry,
    health,
    keys,
    log,
    mailbox,
    members,
    messages,
    metrics,
    openapi,
    problems,
    token,
)
from coordinator.http.authentication import Authentication
from coordinator.http.edge import Edge, attach, edge
from coordinator.service import Coordinator
from schemas import instant

NONE, SIGNATURE = Authentication.NONE, Authentication.SIGNATURE
ASSERTION, TOKEN = Authentication.ASSERTION, Authentication.TOKEN

ROUTES: Mapping[tuple[str, str], Authentication] = {
    ("POST", "/v1/messages"): SIGNATURE,
    ("POST", "/v1/messages/batch"): SIGNATURE,
    ("POST", "/v1/members"): SIGNATURE,
    ("POST", "/v1/members/challenge"): NONE,
    ("GET", "/v1/members"): NONE,
    ("GET", "/v1/members/<member>"): NONE,
    ("POST", "/v1/token"): ASSERTION,
    ("GET", "/v1/mailbox"): TOKEN,
    ("POST", "/v1/mailbox/ack"): TOKEN,
    ("GET", "/v1/agreements"): NONE,
    ("GET", "/v1/agreements/<ref>"): NONE,
    ("GET", "/v1/cases/<case>"): TOKEN,
    ("GET", "/v1/cases/<case>/consents"): TOKEN,
    ("PUT", "/v1/attachments/<sha256>"): TOKEN,
    ("GET", "/v1/attachments/<sha256>"): TOKEN,
    ("GET", "/v1/log/checkpoint"): NONE,
    ("GET", "/v1/log/tile/<path:name>"): NONE,
    ("GET", "/v1/log/proof"): NONE,
    ("GET", "/v1/log/consistency"): NONE,
    ("GET", "/checkpoint"): NONE,
    ("GET", "/tile/<path:name>"): NONE,
    ("GET", "/v1/keys"): NONE,
    ("GET", "/v1/openapi.json"): NONE,
    ("GET", "/healthz"): NONE,
    ("GET", "/readyz"): NONE,
    ("GET", "/metrics"): NONE,
}
"""Every route and how its caller is known. A test compares it with the application's own map."""

BLUEPRINTS: tuple[tuple[Blueprint, Authentication], ...] = (
    (messages.blueprint, SIGNATURE),
    (members.enrolment, SIGNATURE),
    (members.challenge, NONE),
    (members.directory, NONE),
    (token.blueprint, ASSERTION),
    (mailbox.blueprint, TOKEN),
    (agreements.blueprint, NONE),
    (cases.blueprint, TOKEN),
    (attachments.blueprint, TOKEN),
    (log.blueprint, NONE),
    (keys.blueprint, NONE),
    (openapi.blueprint, NONE),
    (health.blueprint, NONE),
    (metrics.blueprint, NONE),
)


def create_app(config: Config, *, started: bool = False, now: Callable[[], datetime] = instant.now) -> Flask:
    """Make the application; with `started` the coordinator's own threads run (committer, integrator)."""
    app = Flask("coordinator", static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    app.url_map.redirect_defaults = False
    attach(app, Edge(config, Coordinator(config, now=now), now))
    problems.register(app)
    entry.register(app, {blueprint.name: kind for blueprint, kind in BLUEPRINTS})
    for blueprint, _kind in BLUEPRINTS:
        app.register_blueprint(blueprint)
    openapi.attach(app, described)
    token.attach(app)
    if config.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=0, x_host=0)
        app.wsgi_app = proxied  # type: ignore[method-assign]  # how Flask says to do it
    if started:
        edge(app).coordinator.start()
    return app


@cache
def described() -> str:
    """Write the description of all routes, once they are first asked for; no configuration changes it."""
    app = Flask("coordinator", static_folder=None)
    api = openapi.describe_app(app)
    for blueprint, _kind in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return openapi.written(openapi.document(api, ROUTES))

"""The table of routes × authentication is the application's own map, and no route is open by accident."""

from __future__ import annotations

import pytest
from flask import Blueprint, Flask

from coordinator.app import BLUEPRINTS, ROUTES
from coordinator.http.authentication import Authentication

OPEN = {
    "/v1/members/challenge",
    "/v1/members",
    "/v1/members/<member>",
    "/v1/agreements",
    "/v1/agreements/<ref>",
    "/v1/log/checkpoint",
    "/v1/log/tile/<path:name>",
    "/v1/log/proof",
    "/v1/log/consistency",
    "/checkpoint",
    "/tile/<path:name>",
    "/v1/keys",
    "/v1/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
}
"""What anyone may read. A new address here is a decision, so it is written down twice."""


def served(app: Flask) -> dict[tuple[str, str], str]:
    """Give (method, rule) → blueprint of every route that the application has."""
    return {
        (method, rule.rule): rule.endpoint.partition(".")[0]
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }


def test_the_table_names_every_route_and_no_other(app):
    assert set(served(app)) == set(ROUTES)


def test_every_route_has_the_authentication_of_its_blueprint(app):
    registered = {blueprint.name: kind for blueprint, kind in BLUEPRINTS}
    assert {route: registered[blueprint] for route, blueprint in served(app).items()} == dict(ROUTES)


def test_the_open_routes_are_the_ones_that_are_meant(app):
    assert {rule for (_, rule), kind in ROUTES.items() if kind is Authentication.NONE} == OPEN


def test_a_blueprint_without_an_authentication_is_not_answered(app):

    forgotten = Blueprint("forgotten", __name__)
    forgotten.add_url_rule("/forgotten", view_func=lambda: "secret")
    app._got_first_request = False
    app.register_blueprint(forgotten)
    said = app.test_client().get("/forgotten")
    assert said.status_code == 404
    assert "secret" not in said.text


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/v1/messages", "/v1/mailbox", "/healthz"])
def test_other_methods_are_refused_with_the_ones_that_are_allowed(app, method, path):
    said = app.test_client().open(path, method=method)
    assert said.status_code == 405
    assert said.headers["Allow"]
    assert said.content_type == "application/problem+json"


def test_every_answer_forbids_being_framed_sniffed_or_kept(app):
    said = app.test_client().get("/v1/keys")
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in said.headers["Content-Security-Policy"]
    assert said.headers["Cache-Control"] == "no-store"

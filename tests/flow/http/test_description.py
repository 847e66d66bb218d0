"""The OpenAPI description: complete, the committed copy is fresh, and the application keeps to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coordinator.app import ROUTES, create_app
from coordinator.commands.setup import found
from coordinator.http.authentication import Authentication
from coordinator.http.edge import edge
from coordinator.http.openapi import SECURITY, of
from tests.flow.http.kit import settings as made_settings

ROOT = Path(__file__).resolve().parents[3]
COMMITTED = ROOT / "schemas" / "published" / "openapi-coordinator.json"


@pytest.fixture
def spec(app: Flask) -> dict:
    return json.loads(of(app))


def operations(spec: dict) -> dict[tuple[str, str], dict]:
    return {
        (method.upper(), path): operation
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put"}
    }


def test_the_committed_description_is_fresh(app):
    assert COMMITTED.read_text("utf-8") == of(app), "run: accord coordinator openapi " + str(
        COMMITTED.relative_to(ROOT)
    )


def test_the_served_description_is_the_same(app):
    assert app.test_client().get("/v1/openapi.json").text == of(app)


def test_every_route_is_described_with_title_tag_answers_and_security(spec):
    assert spec["openapi"] == "3.1.0"
    found_operations = operations(spec)
    assert len(found_operations) == len(ROUTES)
    for route, operation in found_operations.items():
        assert operation["summary"], route
        assert operation["tags"], route
        assert "500" in operation["responses"], route
        assert "security" in operation, route


def test_the_security_of_each_operation_is_the_tables(spec):
    listed = sorted(json.dumps(operation["security"]) for operation in operations(spec).values())
    assert listed == sorted(json.dumps(SECURITY[kind]) for kind in ROUTES.values())
    assert sum(1 for kind in ROUTES.values() if kind is Authentication.TOKEN) == listed.count(
        '[{"dpop": []}]'
    )


def test_every_error_is_a_problem_document(spec):
    for route, operation in operations(spec).items():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (route, status)


# --- the application keeps to its description ---------------------------------------------------------


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory):
    config = made_settings(tmp_path_factory.mktemp("described"), rates={"tokens_per_address_per_minute": 0})
    found(config)
    app = create_app(config, started=True)
    yield schemathesis.openapi.from_wsgi("/v1/openapi.json", app)
    edge(app).coordinator.stop()


api = schemathesis.pytest.from_fixture("described")


@api.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_gets_a_server_error_or_an_undeclared_answer(case):
    case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )

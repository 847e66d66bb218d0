"""The OpenAPI description: complete, the committed copy is fresh, and the application keeps to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coordinator.app import ROUTES
from coordinator.http.authentication import Authentication
from coordinator.http.edge import edge
from coordinator.http.openapi import SECURITY, of, openapi_path
from tests.conftest import MakeDatabase
from tests.flow.http.kit import Clock, Party, application
from tests.prepared import coordinators_tables

ROOT = Path(__file__).resolve().parents[3]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
COMMITTED = ROOT / "schemas" / "published" / "openapi-coordinator.json"


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(of(app))
    return described


def operations(spec: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
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


@schemathesis.serializer("application/jose")
def send_text(_context: object, value: object) -> bytes:
    """A message is text; what was generated is sent as it is."""
    return str(value).encode("utf-8", "replace")


@dataclass(frozen=True)
class Described:
    """A running application, its description, and a member of it with a token."""

    schema: BaseSchema
    party: Party
    token: str


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory, make_database_for_module: MakeDatabase
) -> Iterator[Described]:
    off = {"tokens_per_address_per_minute": 0, "code_guesses_per_address_per_hour": 0}
    clock = Clock()
    url = make_database_for_module(prepared_by=coordinators_tables)
    folder = tmp_path_factory.mktemp("described")
    app = application(folder, url, clock, rates=off, limits={"long_poll_s": 0})
    party = Party("city-housing", app, clock).enrol()
    yield Described(schemathesis.openapi.from_wsgi("/v1/openapi.json", app), party, party.token())
    edge(app).coordinator.stop()


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("route", sorted(ROUTES), ids=" ".join)
def test_no_request_gets_a_server_error_or_an_undeclared_answer(described, route, mode):
    method, rule = route
    operation = described.schema[openapi_path(rule)][method]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        if ROUTES[route] is Authentication.TOKEN:
            case.headers.update(
                described.party.headers(method, unquote(case.formatted_path), described.token)
            )
        case.call_and_validate(checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # there is nothing that could be wrong with this request

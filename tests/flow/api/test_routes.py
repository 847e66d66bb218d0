"""Every route of the local API asks for what its blueprint says, and is described as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import connectors.api
from connectors.api import app as api
from connectors.api.authentication import Authentication
from tests.flow.api.kit import Caller

DESCRIPTION = Path(connectors.api.__file__).parent / "openapi.json"
PLACEHOLDER = "0190a0a0-0000-7000-8000-000000000000"


def filled(rule: str) -> str:
    """Put something into a rule's places."""
    parts = rule.replace(">", "<").split("<")
    return "".join(
        "1" if "int:" in part else PLACEHOLDER if place % 2 else part for place, part in enumerate(parts)
    )


def test_every_route_of_the_map_has_an_authentication(debt: Caller):
    table = api.routes(debt.app)
    mapped = {
        (method, rule.rule)
        for rule in debt.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert mapped == set(table)


def test_the_open_routes_are_exactly_those_that_are_named(debt: Caller):
    found = {route for route, kind in api.routes(debt.app).items() if kind is Authentication.NONE}
    assert found == api.OPEN


def test_without_a_token_every_other_route_is_closed(world: object, debt: Caller):
    debt.app.config["TESTING"] = False
    stranger = Caller(debt.app, token=None)
    for method, rule in api.routes(debt.app):
        if (method, rule) not in api.OPEN:
            status, code = stranger.refused(method, filled(rule))
            assert (status, code) in {(401, "wrong_token"), (429, "locked_out")}, (method, rule)


def test_the_committed_description_is_the_applications(debt: Caller):
    written = DESCRIPTION.read_text("utf-8")
    hint = "stale: accord connector openapi > connectors/api/openapi.json"
    assert api.openapi_of(debt.app) == written, hint
    assert api.specification() == written, hint


def test_no_route_takes_anything_but_ids_and_names_in_its_address(debt: Caller):
    taken = {
        part.rpartition(":")[2]
        for _, rule in api.routes(debt.app)
        for place, part in enumerate(rule.replace(">", "<").split("<"))
        if place % 2
    }
    ids = {"case", "consent", "question", "statement", "asked", "invitation", "emergency", "release"}
    assert taken == ids | {"offered", "message", "alarm", "index", "kid", "ref", "name"}


@pytest.mark.parametrize("name", ["debt", "portal"])
def test_every_answer_to_an_unknown_id_is_described(name: str, debt: Caller, portal: Caller):
    caller = {"debt": debt, "portal": portal}[name]
    described = json.loads(api.openapi_of(caller.app))["paths"]
    for method, rule in api.routes(caller.app):
        answer = caller.ask(method, filled(rule))
        path = re.sub(r"<(?:int:)?([a-z]+)>", r"{\1}", rule)
        responses = described[path][method.lower()]["responses"]
        assert str(answer.status_code) in responses, (method, rule, answer.text)
        if answer.data:
            assert answer.mimetype in responses[str(answer.status_code)]["content"], (method, rule)
        assert answer.status_code < 500, (method, rule)

"""Parameters that are unknown, given twice, of the wrong kind or out of range are refused."""

from __future__ import annotations

import pytest

from coordinator.app import ROUTES
from tests.flow.http.test_authorisation import PROTECTED, address

OPEN_GETS = sorted(
    rule
    for (method, rule), kind in ROUTES.items()
    if method == "GET" and kind.value == "none" and "<" not in rule
)


@pytest.mark.parametrize("path", OPEN_GETS)
def test_an_unknown_parameter_is_refused(app, path):
    said = app.test_client().get(path, query_string="surprise=1")
    assert said.status_code in {400, 422}
    assert "surprise" not in said.text


@pytest.mark.parametrize(
    "path", ["/v1/messages", "/v1/messages/batch", "/v1/members", "/v1/members/challenge"]
)
def test_a_post_takes_no_parameter(app, path):
    said = app.test_client().post(path + "?x=1", data=b"{}", content_type="application/json")
    assert (said.status_code, said.get_json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("route", PROTECTED, ids=str)
def test_a_signed_in_route_refuses_an_unknown_parameter(housing, route):
    path = address(route[1])
    said = housing.client.open(
        path + "?surprise=1", method=route[0], headers=housing.headers(route[0], path), json={"index": 0}
    )
    assert said.status_code in {400, 422}
    assert said.get_json()["code"] in {"malformed", "invalid"}


@pytest.mark.parametrize("query", ["index=0&index=0&size=1", "index=0&size=1&size=2"])
def test_a_parameter_that_is_given_twice_is_refused(app, query):
    said = app.test_client().get(f"/v1/log/proof?{query}")
    assert (said.status_code, said.get_json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "index=0",
        "index=-1&size=1",
        "index=1&size=1",
        "index=a&size=1",
        "index=0&size=99999999999999999999",
        "index=0.5&size=1",
        "index=%00&size=1",
        "index=" + "9" * 300 + "&size=1",
    ],
)
def test_a_proof_is_asked_for_with_two_numbers(app, query):
    said = app.test_client().get(f"/v1/log/proof?{query}")
    assert said.status_code in {400, 422}


@pytest.mark.parametrize(
    "query",
    ["after=-2", "wait=26", "wait=-1", "limit=0", "limit=201", "seen=-1", "after=x", "after=1&after=2"],
)
def test_a_mailbox_is_asked_within_its_bounds(housing, query):
    headers = housing.headers("GET", "/v1/mailbox")
    said = housing.client.get(f"/v1/mailbox?{query}", headers=headers)
    assert said.status_code in {400, 422}


@pytest.mark.parametrize(
    "body", [{}, {"index": "1"}, {"index": -2}, {"index": 0, "more": 1}, {"index": True}]
)
def test_an_acknowledgement_is_one_index(housing, body):
    said = housing.ask("POST", "/v1/mailbox/ack", json=body)
    assert said.status_code in {400, 422}

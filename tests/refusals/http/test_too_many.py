"""Tokens, codes and requests are counted; what is too often is told when to come back, in every process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from coordinator.app import create_app
from coordinator.http.edge import edge
from tests.flow.http.kit import Clock, Party, application

RATES = {
    "requests_per_member_per_minute": 5,
    "requests_per_address_per_minute": 60,
    "tokens_per_address_per_minute": 3,
    "code_guesses_per_address_per_hour": 3,
}


@pytest.fixture
def app(tmp_path: Path, coordinator_url: str, clock: Clock) -> Iterator[Flask]:
    app = application(tmp_path, coordinator_url, clock, rates=RATES)
    yield app
    edge(app).coordinator.stop()


def test_tokens_are_counted_by_address_and_given_again_later(housing, clock):
    said = [housing.ask_token().status_code for _ in range(4)]
    assert said == [200, 200, 200, 429]
    refused = housing.ask_token()
    assert refused.get_json()["code"] == "too_many"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    clock.move(seconds=60)
    assert housing.ask_token().status_code == 200


def test_failed_attempts_are_counted_like_others(housing):
    said = [housing.ask_token(assertion="a.b.c").status_code for _ in range(4)]
    assert said == [401, 401, 401, 429]


def test_another_process_counts_the_same(app, housing, clock):
    for _ in range(3):
        assert housing.ask_token().status_code == 200
    other = create_app(edge(app).config, started=True, now=clock)
    there = Party(housing.id, other, clock, sign=housing.sign, seal=housing.seal)
    assert there.ask_token().status_code == 429
    edge(other).coordinator.stop()


def test_another_address_is_counted_by_itself(housing):
    for _ in range(3):
        assert housing.ask_token().status_code == 200
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": housing.assertion(),
    }
    said = housing.client.post(
        "/v1/token",
        data=data,
        headers={"DPoP": housing.proof("POST", "/v1/token")},
        environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert said.status_code == 200


def test_guesses_at_enrolment_codes_are_counted(app, clock):
    stranger = Party("north-clinic", app, clock)
    right = stranger.invite()
    answers = []
    for _ in range(3):
        raw = stranger.enrolment("WRONG-WRONG-WRONG-WRONG")
        answers.append(stranger.client.post("/v1/members", data=raw, content_type="application/jose"))
    assert [said.get_json()["code"] for said in answers] == ["wrong_code"] * 3
    said = stranger.client.post(
        "/v1/members", data=stranger.enrolment(right), content_type="application/jose"
    )
    assert (said.status_code, said.get_json()["code"]) == (429, "too_many")
    clock.move(hours=1)
    fresh = Party("north-clinic", app, clock)
    said = fresh.client.post("/v1/members", data=fresh.enrolment(right), content_type="application/jose")
    assert said.status_code == 201


def test_a_members_requests_are_counted(housing):
    token = housing.token()
    said = [
        housing.client.get("/v1/mailbox", headers=housing.headers("GET", "/v1/mailbox", token)).status_code
        for _ in range(6)
    ]
    assert said == [200] * 5 + [429]


def test_an_addresss_requests_are_counted(app):
    client = app.test_client()
    said = [client.get("/healthz").status_code for _ in range(61)]
    assert said[0] == 200
    assert said[-1] == 429

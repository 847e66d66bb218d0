"""A DPoP proof is good once, at the token endpoint and everywhere else, in every process."""

from __future__ import annotations

from sqlalchemy import func, select

from coordinator.app import create_app
from coordinator.database.engine import reading
from coordinator.database.tables import dpop_seen
from coordinator.http.edge import edge


def test_a_proof_is_good_for_one_request(housing):
    headers = housing.headers("GET", "/v1/mailbox")
    first = housing.client.get("/v1/mailbox", headers=headers)
    second = housing.client.get("/v1/mailbox", headers=headers)
    assert (first.status_code, second.status_code) == (200, 401)
    assert second.get_json()["error"] == "replay"


def test_a_proof_is_good_for_one_token(housing):
    proof = housing.proof("POST", "/v1/token")
    assert housing.ask_token(proof=proof).status_code == 200
    assert housing.ask_token(proof=proof).status_code == 401


def test_another_process_remembers_the_proof_too(app, housing, clock):
    headers = housing.headers("GET", "/v1/mailbox")
    assert housing.client.get("/v1/mailbox", headers=headers).status_code == 200
    other = create_app(edge(app).config, started=True, now=clock)
    assert other.test_client().get("/v1/mailbox", headers=headers).status_code == 401
    edge(other).coordinator.stop()


def test_what_is_remembered_is_forgotten_when_it_is_too_old_to_be_used(app, housing, clock):

    for _ in range(5):
        assert housing.ask("GET", "/v1/mailbox").status_code == 200
    clock.move(hours=1)
    edge(app).coordinator.tick()
    assert housing.ask("GET", "/v1/mailbox").status_code == 200
    with reading(edge(app).coordinator.engine) as connection:
        left = connection.execute(select(func.count()).select_from(dpop_seen)).scalar_one()
    assert left <= 4


def test_two_members_may_choose_the_same_jti(app, housing, clinic):
    for party in (housing, clinic):
        token = party.token()
        headers = {
            "Authorization": f"DPoP {token}",
            "DPoP": party.proof("GET", "/v1/mailbox", token, jti="same-for-both-of-them"),
        }
        assert party.client.get("/v1/mailbox", headers=headers).status_code == 200

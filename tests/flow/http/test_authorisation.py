"""The authorisation matrix: every route that needs a token × every way of not having the right one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from coordinator.app import ROUTES
from coordinator.http.authentication import Authentication
from schemas import instant
from schemas.keys import SigningKey
from schemas.wire import b64u
from tests.flow.http.kit import Party, jwt

CASE = "018f0000-0000-7000-8000-000000000001"
SHA256 = "0" * 64
PLACES = {"<case>": CASE, "<sha256>": SHA256}
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/v1/mailbox/ack"): {"json": {"index": 0}},
    ("PUT", "/v1/attachments/<sha256>"): {"data": b"blob", "content_type": "application/octet-stream"},
}
PROTECTED = sorted(route for route, kind in ROUTES.items() if kind is Authentication.TOKEN)


def address(rule: str) -> str:
    for place, value in PLACES.items():
        rule = rule.replace(place, value)
    return rule


def send(party: Party, route: tuple[str, str], headers: dict[str, str]) -> TestResponse:
    return party.client.open(address(route[1]), method=route[0], headers=headers, **BODIES.get(route, {}))


def test_there_is_something_to_protect():
    assert len(PROTECTED) >= 6


# --- ways of not having the right to ask --------------------------------------------------------------

Attempt = Callable[[Party, Party, str, str], dict[str, str]]


def nothing(_party: Party, _other: Party, _method: str, _path: str) -> dict[str, str]:
    return {}


def bearer(party: Party, _other: Party, _method: str, _path: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {party.token()}"}


def bearer_with_proof(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    return {"Authorization": f"Bearer {token}", "DPoP": party.proof(method, path, token)}


def no_proof(party: Party, _other: Party, _method: str, _path: str) -> dict[str, str]:
    return {"Authorization": f"DPoP {party.token()}"}


def wrong_key(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    stranger = SigningKey.generate()
    return {"Authorization": f"DPoP {token}", "DPoP": party.proof(method, path, token, key=stranger)}


def another_members_proof(party: Party, other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    return {"Authorization": f"DPoP {token}", "DPoP": other.proof(method, path, token)}


def proof_for_another_method(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    return {
        "Authorization": f"DPoP {token}",
        "DPoP": party.proof("GET" if method != "GET" else "PUT", path, token),
    }


def proof_for_another_path(party: Party, _other: Party, method: str, _path: str) -> dict[str, str]:
    token = party.token()
    return {"Authorization": f"DPoP {token}", "DPoP": party.proof(method, "/v1/elsewhere", token)}


def proof_for_another_token(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    return {"Authorization": f"DPoP {party.token()}", "DPoP": party.proof(method, path, party.token())}


def proof_without_token(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    return {"Authorization": f"DPoP {party.token()}", "DPoP": party.proof(method, path)}


def old_proof(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    headers = party.headers(method, path)
    party.clock.move(seconds=62)
    return headers


def replayed_proof(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    headers = party.headers(method, path)
    party.client.open(path, method=method, headers=headers)
    return headers


def two_proofs(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    headers = party.headers(method, path)
    return {**headers, "DPoP": f"{headers['DPoP']},{headers['DPoP']}"}


def expired_token(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    party.clock.move(seconds=601)
    return party.headers(method, path, token)


def changed_token(party: Party, other: Party, method: str, path: str) -> dict[str, str]:
    header, claims, signature = party.token().split(".")
    theirs = claims.replace(claims[20:40], claims[21:41], 1)
    return party.headers(method, path, f"{header}.{theirs}.{signature}")


def own_token(party: Party, other: Party, method: str, path: str) -> dict[str, str]:
    """A token that the member signed for itself, naming the other."""
    now = int(party.clock().timestamp())
    issuer = "https://accord.example.org"
    claims = {
        "iss": issuer,
        "sub": other.id,
        "client_id": other.id,
        "aud": issuer,
        "iat": now,
        "exp": now + 600,
        "jti": secrets.token_urlsafe(16),
        "cnf": {"jkt": party.dpop.kid},
        "key": other.sign.kid,
    }
    token = jwt({"alg": "Ed25519", "typ": "at+jwt", "kid": party.sign.kid}, claims, party.sign)
    return party.headers(method, path, token)


def unsigned_token(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    _, claims, _ = party.token().split(".")
    header = b64u(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
    return party.headers(method, path, f"{header}.{claims}.")


def receipt_as_token(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    """Something else that the coordinator signed with the same key."""
    said = party.client.get("/v1/mailbox", headers=party.headers("GET", "/v1/mailbox"))
    return party.headers(method, path, said.get_json()["head"])


def token_of_an_ended_key(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    now = party.clock()
    fresh = SigningKey.generate()
    valid = {
        "valid_from": instant.format(now - timedelta(hours=1)),
        "valid_until": instant.format(now + timedelta(days=90)),
    }
    said = party.post(
        party.message(
            "member.keys/1",
            body={
                "add": [{"use": "sign", "jwk": fresh.public.jwk, **valid}],
                "end": [{"kid": party.sign.kid, "at": instant.format(now)}],
            },
        )
    )
    assert said.status_code == 201, said.text
    party.clock.move(seconds=1)
    return party.headers(method, path, token)


def token_of_a_member_that_left(party: Party, _other: Party, method: str, path: str) -> dict[str, str]:
    token = party.token()
    said = party.post(party.message("member.leave/1", body={}))
    assert said.status_code == 201, said.text
    return party.headers(method, path, token)


ATTEMPTS = [
    nothing,
    bearer,
    bearer_with_proof,
    no_proof,
    wrong_key,
    another_members_proof,
    proof_for_another_method,
    proof_for_another_path,
    proof_for_another_token,
    proof_without_token,
    old_proof,
    replayed_proof,
    two_proofs,
    expired_token,
    changed_token,
    own_token,
    unsigned_token,
    receipt_as_token,
    token_of_an_ended_key,
    token_of_a_member_that_left,
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.__name__)
def test_no_protected_route_answers_this(housing, clinic, attempt: Attempt):
    for route in PROTECTED:
        if attempt in {token_of_an_ended_key, token_of_a_member_that_left} and route is not PROTECTED[0]:
            continue
        said = send(housing, route, attempt(housing, clinic, route[0], address(route[1])))
        assert said.status_code == 401, f"{route}: {said.text}"
        assert said.get_json()["code"] == "not_signed_in"
        assert said.headers["WWW-Authenticate"].startswith("DPoP ")


@pytest.mark.parametrize("route", PROTECTED, ids=str)
def test_the_right_token_and_proof_are_let_in(housing, route):
    said = send(housing, route, housing.headers(route[0], address(route[1])))
    assert said.status_code != 401, said.text


@pytest.mark.parametrize("route", PROTECTED, ids=str)
def test_a_key_that_ended_closes_every_route_at_once(housing, route):
    headers = token_of_an_ended_key(housing, housing, route[0], address(route[1]))
    assert send(housing, route, headers).status_code == 401


@pytest.mark.parametrize("path", [f"/v1/cases/{CASE}", f"/v1/cases/{CASE}/consents"])
def test_a_case_without_a_seat_is_not_told_from_one_that_does_not_exist(housing, path):
    said = housing.ask("GET", path)
    assert (said.status_code, said.get_json()["code"]) == (404, "unknown_case")

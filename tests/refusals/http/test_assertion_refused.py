"""The token endpoint refuses every assertion that is not a fresh one of the member's own."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from schemas.keys import SigningKey
from schemas.wire import b64u
from tests.flow.http.kit import ASSERTION


def refused(said, error: str | None = None):
    assert said.status_code == 401, said.text
    assert said.get_json()["code"] == "not_signed_in"
    assert said.content_type == "application/problem+json"
    assert "access_token" not in said.text
    if error:
        assert said.get_json()["error"] == error


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://evil.example/token"},
        {"aud": None},
        {"exp": None},
        {"jti": None},
        {"iss": None},
        {"sub": None},
        {"sub": 17},
        {"sub": "nobody-here"},
        {"iss": "north-clinic"},
        {"sub": "north-clinic"},
        {"jti": ""},
        {"jti": 17},
        {"exp": "soon"},
        {"exp": 1},
        {"nbf": 99999999999},
    ],
    ids=str,
)
def test_a_claim_that_is_missing_or_wrong_is_refused(housing, clinic, claims):
    refused(housing.ask_token(assertion=housing.assertion(**claims)), "invalid_client")


def test_an_assertion_that_has_expired_is_refused(housing, clock):
    assertion = housing.assertion()
    clock.move(seconds=125)
    refused(housing.ask_token(assertion=assertion), "invalid_client")


def test_an_assertion_that_lives_too_long_is_refused(housing, clock):
    refused(
        housing.ask_token(assertion=housing.assertion(exp=int(clock().timestamp()) + 3600)), "invalid_client"
    )


def test_an_assertion_is_good_once(housing):
    assertion = housing.assertion()
    assert housing.ask_token(assertion=assertion).status_code == 200
    refused(housing.ask_token(assertion=assertion))


def test_an_assertion_with_a_strangers_key_is_refused(housing):
    stranger = SigningKey.generate()
    refused(housing.ask_token(assertion=housing.assertion(key=stranger)), "invalid_client")
    refused(
        housing.ask_token(assertion=housing.assertion(key=stranger, head={"kid": housing.sign.kid})),
        "invalid_client",
    )


def test_an_assertion_with_another_members_key_is_refused(housing, clinic):
    refused(housing.ask_token(assertion=housing.assertion(key=clinic.sign)), "invalid_client")


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "EdDSA"},
        {"typ": "at+jwt"},
        {"typ": "accord+jws"},
        {"crit": []},
        {"jku": "https://evil.example/keys"},
        {"kid": None},
        {"kid": "' OR 1=1 --"},
    ],
    ids=str,
)
def test_a_header_that_is_not_the_one_is_refused(housing, head):
    refused(housing.ask_token(assertion=housing.assertion(head=head)), "invalid_client")


def test_a_header_with_a_key_inside_is_refused(housing):
    key = SigningKey.generate()
    refused(
        housing.ask_token(assertion=housing.assertion(key=key, head={"jwk": key.public.jwk})),
        "invalid_client",
    )


def test_an_hmac_under_the_public_key_is_refused(housing):

    header = b64u(json.dumps({"alg": "HS256", "typ": "JWT", "kid": housing.sign.kid}).encode())
    _, claims, _ = housing.assertion().split(".")
    tag = hmac.digest(housing.sign.public.raw, f"{header}.{claims}".encode(), hashlib.sha256)
    refused(housing.ask_token(assertion=f"{header}.{claims}.{b64u(tag)}"), "invalid_client")


@pytest.mark.parametrize("assertion", ["a", "a.b", "a.b.c", "....", "é.é.é", "x" * 5000, "e30.e30.AA"])
def test_what_is_no_jwt_is_refused(housing, assertion):
    refused(housing.ask_token(assertion=assertion))


def test_duplicate_claims_are_refused(housing):
    header, _, _ = housing.assertion().split(".")
    twice = b64u(b'{"sub":"city-housing","sub":"north-clinic"}')
    text = f"{header}.{twice}"
    refused(housing.ask_token(assertion=f"{text}.{b64u(housing.sign.sign(text.encode()))}"))


def test_a_message_or_a_token_is_no_assertion(housing):
    refused(housing.ask_token(assertion=housing.message("member.leave/1", body={}).decode()))
    refused(housing.ask_token(assertion=housing.token()))


def test_a_form_that_names_another_client_is_refused(housing, clinic):
    refused(housing.ask_token(client_id=clinic.id), "invalid_client")


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password"},
        {"grant_type": "authorization_code"},
        {"grant_type": ""},
        {"client_assertion_type": "other"},
        {"client_secret": "x"},
        {"scope": "all"},
        {"username": "x"},
    ],
    ids=str,
)
def test_another_grant_or_an_unknown_field_is_refused(housing, form):
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": housing.assertion(),
        **form,
    }
    said = housing.client.post("/v1/token", data=data, headers={"DPoP": housing.proof("POST", "/v1/token")})
    assert (said.status_code, said.get_json()["code"]) == (422, "invalid")


def test_a_field_that_is_given_twice_is_refused(housing):
    body = (
        f"grant_type=client_credentials&grant_type=client_credentials&client_assertion={housing.assertion()}"
    )
    said = housing.client.post(
        "/v1/token",
        data=body,
        content_type="application/x-www-form-urlencoded",
        headers={"DPoP": housing.proof("POST", "/v1/token")},
    )
    assert (said.status_code, said.get_json()["code"]) == (400, "malformed")


def test_without_a_proof_there_is_no_token(housing):
    data = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": housing.assertion(),
    }
    refused(housing.client.post("/v1/token", data=data), "invalid_dpop_proof")


def test_a_proof_bound_to_a_token_is_no_proof_for_asking_one(housing):
    refused(housing.ask_token(proof=housing.proof("POST", "/v1/token", "some-token")), "invalid_dpop_proof")

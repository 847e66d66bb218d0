"""J8: a token of one kind handed in where another is taken, all signed with the same key: only its own
place takes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from schemas import head, instant, log, message, receipt, seal, statement
from schemas.errors import Refusal
from schemas.keys import SealingKey, SigningKey, VerifyingKey
from tests.flow.http.kit import Party

KEY = SigningKey.from_raw(bytes(range(32)))
READER = SealingKey.from_raw(bytes(range(32)))
NOW = instant.parse("2026-11-23T04:30:35.123Z")
DIGEST, ROOT = b"d" * 32, b"r" * 32
ORIGIN = "accord.example/log"


def key_for(_kid: str, _payload: Mapping[str, Any]) -> VerifyingKey:
    return KEY.public


def _statement() -> bytes:
    return statement.attest(
        {"tenure": "social"}, id="s-1", iss="housing", case="c-1", schema="x/1", at=NOW, key=KEY
    ).encode()


TOKENS: Mapping[str, bytes] = {
    "message": message.sign({"id": "m-1"}, KEY),
    "statement": _statement(),
    "receipt": receipt.issue(id="m-1", sha256=DIGEST, salt=bytes(16), admitted_at=NOW, key=KEY),
    "head": head.issue(head.Head("housing", NOW, 1, ROOT, 0, -1), KEY),
    "checkpoint": log.sign_checkpoint(ORIGIN, 1, ROOT, KEY).encode(),
    "seal": seal.seal(b"x", to=READER.public, sender_kid=KEY.kid).encode(),
}

PLACES: Mapping[str, Callable[[bytes], object]] = {
    "message": lambda raw: message.verify(raw, key_for),
    "statement": lambda raw: statement.check(raw, key_for),
    "receipt": lambda raw: receipt.check(raw, key_for, id="m-1", sha256=DIGEST),
    "head": lambda raw: head.check(raw, key_for, member="housing"),
    "checkpoint": lambda raw: log.verify_checkpoint(raw.decode(), ORIGIN, KEY.public),
    "seal": lambda raw: seal.open_sealed(raw.decode(), keys={READER.kid: READER}, sender_kid=KEY.kid),
}


@pytest.mark.parametrize(("token", "place"), list(itertools.product(TOKENS, PLACES)))
def test_only_its_own_place_takes_a_token(token: str, place: str):
    if token == place:
        PLACES[place](TOKENS[token])
        return
    with pytest.raises(Refusal):
        PLACES[place](TOKENS[token])


# --- at the edge: one member, one key for everything -------------------------------------------------


def _tokens(party: Party) -> dict[str, str]:
    """Everything that the member may sign, and what the coordinator gave it, under the same two keys."""
    token = party.token()
    path = "/v1/mailbox"
    page = party.client.get(path, headers=party.headers("GET", path)).get_json()
    fresh = {
        "use": "sign",
        "jwk": SigningKey.generate().public.jwk,
        "valid_from": instant.format(party.clock()),
        "valid_until": instant.format(party.clock() + timedelta(days=30)),
    }
    said = party.post(party.message("member.keys/1", body={"add": [fresh], "end": []}))
    assert said.status_code == 201, said.text
    return {
        "message": party.message("member.leave/1", body={}).decode(),
        "assertion": party.assertion(),
        "proof": party.proof("POST", "/v1/token"),
        "bound proof": party.proof("GET", path, token),
        "access token": token,
        "head": page["head"],
        "receipt": said.get_json()["receipt"],
    }


@pytest.fixture
def one_key(housing: Party) -> Party:
    """A member that signs its DPoP proofs with the same key: nothing but the type tells tokens apart."""
    housing.dpop = housing.sign
    return housing


def test_no_other_token_is_a_client_assertion(one_key: Party):
    for name, token in _tokens(one_key).items():
        status = one_key.ask_token(assertion=token).status_code
        assert status == (200 if name == "assertion" else 401), name


def test_no_other_token_is_a_proof_for_the_token_endpoint(one_key: Party):
    for name, token in _tokens(one_key).items():
        status = one_key.ask_token(proof=token).status_code
        assert status == (200 if name == "proof" else 401), name


def test_no_other_token_is_an_access_token(one_key: Party):
    for name, token in _tokens(one_key).items():
        status = one_key.client.get(
            "/v1/mailbox", headers=one_key.headers("GET", "/v1/mailbox", token)
        ).status_code
        assert status == (200 if name == "access token" else 401), name


def test_no_other_token_is_a_message(one_key: Party):
    tokens = _tokens(one_key)
    good = tokens.pop("message")
    for name, token in tokens.items():
        answer = one_key.post(token.encode())
        assert answer.status_code in {400, 403, 422}, name
        answer = one_key.client.post("/v1/members", data=token.encode(), content_type="application/jose")
        assert answer.status_code in {400, 403, 422}, name
    assert one_key.post(good.encode()).status_code == 201

"""Small parts: waits, claims of unverified bytes, sign-in, who is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from connectors.exchange.access import Token, assertion, proof
from connectors.exchange.backoff import delay
from connectors.exchange.incoming.judge import RULES
from connectors.exchange.incoming.rejecting import Claimed, read_claims
from schemas.keys import SigningKey
from schemas.messages.table import TYPES
from schemas.wire import b64u, unb64u
from tests.flow.exchange.world import START


def test_waits_grow_to_five_minutes_and_stay_there():
    assert delay(0) == timedelta(0)
    assert timedelta(seconds=0.5) <= delay(1) <= timedelta(seconds=1)
    for failures in (10, 100, 10**6):
        assert timedelta(seconds=150) <= delay(failures) <= timedelta(seconds=300)


def test_two_connectors_do_not_come_back_in_the_same_instant():
    assert len({delay(8) for _ in range(50)}) > 40


@pytest.mark.parametrize("raw", [b"", b"..", b"a.b.c", b"\xff", b"a." + b64u(b"[1]").encode() + b".c"])
def test_bytes_that_say_nothing_claim_nothing(raw: bytes):
    assert read_claims(raw) == Claimed(None, None, "unreadable", None)


def test_claims_are_taken_only_in_their_exact_spelling():
    payload = {"id": "X" * 36, "from": "../etc", "type": "a" * 65, "case": "1; DROP TABLE inbox"}
    raw = b"a." + b64u(json.dumps(payload).encode()).encode() + b".c"
    assert read_claims(raw) == Claimed(None, None, "unreadable", None)


def test_every_type_that_can_be_received_has_a_rule():
    for_the_coordinator = {"member.enrol/1", "member.keys/1", "member.leave/1"}
    assert set(TYPES) - set(RULES) == for_the_coordinator


def test_an_assertion_names_the_member_the_audience_and_a_short_end():
    key = SigningKey.generate()
    claims = json.loads(unb64u(assertion("debt-advice", "https://x/v1/token", key, START).split(".")[1]))
    assert (claims["iss"], claims["sub"], claims["aud"]) == (
        "debt-advice",
        "debt-advice",
        "https://x/v1/token",
    )
    assert claims["exp"] - START.timestamp() == 60


def test_no_two_proofs_are_alike_and_a_proof_is_bound_to_its_token():
    key = SigningKey.generate()
    one, other = (proof("GET", "https://x/v1/mailbox", key, START, "t") for _ in range(2))
    assert one != other
    assert "ath" in json.loads(unb64u(one.split(".")[1]))
    assert "ath" not in json.loads(unb64u(proof("GET", "https://x", key, START).split(".")[1]))


def test_a_token_is_renewed_before_it_ends():
    assert Token.granted("t", 600, START).renew_at == START + timedelta(seconds=540)
    assert Token.granted("t", 30, START).renew_at == START + timedelta(seconds=15)

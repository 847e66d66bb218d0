"""DPoP proofs: each claim and each header member is checked, and every other spelling is refused."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coordinator.http import proof
from schemas.errors import NotSignedIn
from schemas.keys import SigningKey
from schemas.wire import b64u

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ADDRESS = "https://accord.example.org/v1/mailbox"
KEY = SigningKey.from_raw(bytes(range(32)))
TOKEN = "the.access.token"


def header(**changed: Any) -> dict[str, Any]:
    return {"typ": "dpop+jwt", "alg": "Ed25519", "jwk": KEY.public.jwk, **changed}


def claims(**changed: Any) -> dict[str, Any]:
    return {
        "jti": "0123456789abcdef",
        "htm": "GET",
        "htu": ADDRESS,
        "iat": int(NOW.timestamp()),
        "ath": b64u(hashlib.sha256(TOKEN.encode()).digest()),
        **changed,
    }


def signed(head: object, body: object, key: SigningKey = KEY) -> str:
    texts = [part if isinstance(part, str) else json.dumps(part) for part in (head, body)]
    text = ".".join(b64u(part.encode()) for part in texts)
    return f"{text}.{b64u(key.sign(text.encode()))}"


def check(compact: str, *, now: datetime = NOW, token: str | None = TOKEN) -> proof.Proof:
    return proof.check(compact, method="GET", address=ADDRESS, now=now, access_token=token)


def test_a_proof_for_this_request_gives_its_key_and_what_to_remember():
    shown = check(signed(header(), claims()))
    assert shown.jkt == KEY.kid
    assert shown.until_ms > NOW.timestamp() * 1000 + 60_000


def test_the_same_jti_of_two_keys_is_remembered_apart():
    other = SigningKey.generate()
    one, two = check(signed(header(), claims())), check(signed(header(jwk=other.public.jwk), claims(), other))
    assert one.once != two.once


@pytest.mark.parametrize("seconds", [-60, 0, 60])
def test_a_clock_within_a_minute_is_accepted(seconds):
    check(signed(header(), claims(iat=int(NOW.timestamp()) + seconds)))


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_clock_beyond_a_minute_is_refused_and_told_how_far(seconds):
    with pytest.raises(NotSignedIn) as refused:
        check(signed(header(), claims(iat=int(NOW.timestamp()) + seconds)))
    assert refused.value.facts["ahead_s"] == seconds
    assert refused.value.facts["clock"] == "yours"


@pytest.mark.parametrize(
    "changed",
    [
        {"htm": "POST"},
        {"htm": None},
        {"htu": "https://evil.example/v1/mailbox"},
        {"htu": ADDRESS + "?after=1"},
        {"htu": ADDRESS + "/"},
        {"ath": b64u(hashlib.sha256(b"other").digest())},
        {"ath": None},
        {"iat": "1"},
        {"iat": True},
        {"jti": "short"},
        {"jti": "x" * 129},
        {"jti": 17},
        {"jti": "with a space in it"},
    ],
    ids=str,
)
def test_a_claim_that_is_not_this_requests_is_refused(changed):
    with pytest.raises(NotSignedIn):
        check(signed(header(), claims(**changed)))


@pytest.mark.parametrize("name", ["jti", "htm", "htu", "iat", "ath"])
def test_a_claim_that_is_missing_is_refused(name):
    body = claims()
    del body[name]
    with pytest.raises(NotSignedIn):
        check(signed(header(), body))


WEAK = {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes([1]) + bytes(31))}


@pytest.mark.parametrize(
    "changed",
    [
        {"typ": "JWT"},
        {"typ": "dpop+JWT"},
        {"alg": "none"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"kid": KEY.kid},
        {"crit": ["b64"]},
        {"jwk": None},
        {"jwk": {**KEY.public.jwk, "d": "AAAA"}},
        {"jwk": {**KEY.public.jwk, "crv": "X25519"}},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"jwk": WEAK},
    ],
    ids=str,
)
def test_a_header_that_is_not_exactly_the_one_is_refused(changed):
    with pytest.raises(NotSignedIn):
        check(signed(header(**changed), claims()))


@pytest.mark.parametrize(
    "compact",
    [
        "",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "é.b.c",
        "x" * 5000,
        signed(header(), claims()) + "=",
        signed(header(), claims())[:-2] + "AA",
        signed('{"typ":"dpop+jwt","alg":"none","alg":"Ed25519","jwk":{}}', claims()),
        signed(header(), '{"htm":"GET","htm":"GET"}'),
        signed(header(), "[]"),
        signed(header(), claims(), SigningKey.generate()),
    ],
    ids=range(12),
)
def test_what_is_not_a_strict_proof_is_refused(compact):
    with pytest.raises(NotSignedIn):
        check(compact)


def test_a_proof_made_for_a_token_is_refused_where_there_is_none():
    with pytest.raises(NotSignedIn):
        check(signed(header(), claims()), token=None)


def test_an_old_proof_is_refused_later():
    compact = signed(header(), claims())
    with pytest.raises(NotSignedIn):
        check(compact, now=NOW + timedelta(seconds=61))

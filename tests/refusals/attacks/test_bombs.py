"""J14, W11: small bodies that would grow when they are unpacked or parsed: refused, and memory stays flat."""

from __future__ import annotations

import gzip
import resource
import sys
import zlib

import pytest
from flask import Flask

from schemas.wire import MESSAGE_LIMIT

POSTS = ["/v1/messages", "/v1/messages/batch", "/v1/members", "/v1/members/challenge", "/v1/token"]
KINDS = {
    "/v1/messages": "application/jose",
    "/v1/members": "application/jose",
    "/v1/token": "application/x-www-form-urlencoded",
}
MOST_GROWTH = 50 * 1024 * 1024
UNPACKED = 200 * 1024 * 1024


def _peak() -> int:
    """Give the most memory that this process ever had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _compressed(coding: str) -> bytes:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
    block = bytes(1024 * 1024)
    return b"".join(pack.compress(block) for _ in range(UNPACKED // len(block))) + pack.flush()


BOMBS = {coding: _compressed(coding) for coding in ("gzip", "deflate")}


@pytest.mark.parametrize("coding", BOMBS)
@pytest.mark.parametrize("path", POSTS)
def test_a_compressed_body_is_not_unpacked(app: Flask, path: str, coding: str):
    kind = KINDS.get(path, "application/json")
    before = _peak()
    said = app.test_client().post(
        path, data=BOMBS[coding], content_type=kind, headers={"Content-Encoding": coding}
    )
    assert said.status_code in {413, 415}
    assert _peak() - before < MOST_GROWTH


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"a":[', b"[[[[{"])
@pytest.mark.parametrize("path", ["/v1/messages/batch", "/v1/members/challenge"])
def test_deep_json_is_refused_without_recursion(app: Flask, path: str, opening: bytes):
    body = opening * (MESSAGE_LIMIT // len(opening) - 1)
    said = app.test_client().post(path, data=body, content_type="application/json")
    assert said.status_code in {400, 413, 422}
    assert said.content_type == "application/problem+json"


def test_many_names_with_the_same_hash_are_not_even_built(app: Flask):
    """More names than any message has are counted before they are put into a dictionary."""
    body = b"{" + b",".join(b'"%d":0' % number for number in range(20_000)) + b"}"
    said = app.test_client().post("/v1/members/challenge", data=body, content_type="application/json")
    assert said.status_code in {400, 413, 422}


def test_a_long_row_of_digits_is_not_computed(app: Flask):
    """Reading 250,000 digits as a number takes the square of their count."""
    body = b'{"seal":' + b"9" * 250_000 + b"}"
    said = app.test_client().post("/v1/members/challenge", data=body, content_type="application/json")
    assert said.status_code in {400, 413, 422}


def test_a_packed_message_is_no_message(app: Flask):
    said = app.test_client().post(
        "/v1/messages", data=gzip.compress(b"a.b.c"), content_type="application/jose"
    )
    assert (said.status_code, said.get_json()["code"]) == (400, "malformed")

"""JSON bodies are strict: no duplicate names, no unknown names, no floats, no depth, no other type."""

from __future__ import annotations

import json

import pytest

PATHS = ["/v1/members/challenge", "/v1/messages/batch"]
BODIES = [
    b"",
    b"{",
    b"[]",
    b'"text"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"seal":{},"seal":{}}',
    b'{"messages":[],"messages":[]}',
    b'{"a":' * 40 + b"1" + b"}" * 40,
    b'{"a":1.5}',
    b'{"a":NaN}',
    b'{"a":"\\ud800"}',
    json.dumps({str(number): 1 for number in range(1001)}).encode(),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_a_body_that_is_not_strict_json_is_refused(app, path, body):
    said = app.test_client().post(path, data=body, content_type="application/json")
    assert said.status_code in {400, 422}
    assert said.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "body", [{"seal": {}, "more": 1}, {"seal": "x"}, {"seal": {"kty": "OKP"}}, {"seal": None}]
)
def test_a_challenge_is_asked_for_one_sealing_key(app, body):
    said = app.test_client().post("/v1/members/challenge", json=body)
    assert said.status_code in {400, 403, 422}


@pytest.mark.parametrize("messages", [[], ["a"] * 129, [1], [None], "a", [["a"]]])
def test_a_batch_is_a_list_of_1_to_128_messages(app, messages):
    said = app.test_client().post("/v1/messages/batch", json={"messages": messages})
    assert (said.status_code, said.get_json()["code"]) == (422, "invalid")


def test_what_was_sent_is_not_repeated_in_the_answer(app):
    said = app.test_client().post("/v1/members/challenge", json={"c4nary-name": "c4nary-value"})
    assert said.status_code == 422
    assert "c4nary" not in said.text

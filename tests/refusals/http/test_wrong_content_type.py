"""A body of another kind, with parameters, or compressed is refused."""

from __future__ import annotations

import gzip

import pytest

TAKES = [
    ("/v1/messages", "application/jose"),
    ("/v1/members", "application/jose"),
    ("/v1/messages/batch", "application/json"),
    ("/v1/members/challenge", "application/json"),
    ("/v1/token", "application/x-www-form-urlencoded"),
]
OTHERS = [
    "",
    "text/plain",
    "application/json; charset=utf-8",
    "multipart/form-data; boundary=x",
    "APPLICATION/JOSE2",
]


@pytest.mark.parametrize(("path", "kind"), TAKES)
@pytest.mark.parametrize("other", OTHERS)
def test_another_content_type_is_refused(app, path, kind, other):
    said = app.test_client().post(path, data=b"{}", content_type=other)
    assert (said.status_code, said.get_json()["code"]) == (415, "wrong_content_type")
    assert kind in said.get_json()["detail"]


@pytest.mark.parametrize(("path", "kind"), TAKES)
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity"])
def test_a_body_with_a_content_coding_is_refused_and_not_unpacked(app, path, kind, coding):
    bomb = gzip.compress(b"0" * 1_000_000)
    said = app.test_client().post(path, data=bomb, content_type=kind, headers={"Content-Encoding": coding})
    assert (said.status_code, said.get_json()["code"]) == (415, "wrong_content_type")


def test_an_attachment_of_another_kind_is_refused(housing):
    said = housing.ask("PUT", "/v1/attachments/" + "0" * 64, data=b"a", content_type="text/plain")
    assert (said.status_code, said.get_json()["code"]) == (415, "wrong_content_type")

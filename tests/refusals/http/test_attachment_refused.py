"""A blob is taken only under its own hash, and given only to those whom a message names."""

from __future__ import annotations

import hashlib

import pytest

BLOB = b"sealed bytes"
SHA256 = hashlib.sha256(BLOB).hexdigest()
KIND = "application/octet-stream"


def test_a_blob_under_another_hash_is_refused(housing):
    said = housing.ask("PUT", "/v1/attachments/" + "0" * 64, data=BLOB, content_type=KIND)
    assert (said.status_code, said.get_json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("name", ["x", SHA256.upper(), SHA256[:-1], SHA256 + "0", "..%2f..%2fetc", "%00"])
def test_a_name_that_is_no_hash_is_refused(housing, name):
    for method in ("PUT", "GET"):
        said = housing.client.open(
            f"/v1/attachments/{name}",
            method=method,
            headers=housing.headers(method, f"/v1/attachments/{name}"),
            data=BLOB if method == "PUT" else None,
            content_type=KIND if method == "PUT" else None,
        )
        assert said.status_code in {401, 404}


def test_a_blob_that_no_message_names_is_given_only_to_who_uploaded_it(housing, clinic):
    path = f"/v1/attachments/{SHA256}"
    assert housing.ask("PUT", path, data=BLOB, content_type=KIND).status_code == 201
    assert housing.ask("GET", path).data == BLOB
    said = clinic.ask("GET", path)
    assert (said.status_code, said.get_json()["code"]) == (404, "attachment_missing")


def test_a_blob_that_is_there_and_one_that_is_not_look_the_same(housing, clinic):
    assert housing.ask("PUT", f"/v1/attachments/{SHA256}", data=BLOB, content_type=KIND).status_code == 201
    there = clinic.ask("GET", f"/v1/attachments/{SHA256}")
    missing = clinic.ask("GET", "/v1/attachments/" + "1" * 64)
    assert there.status_code == missing.status_code
    assert {**there.json, "sha256": ""} == {**missing.json, "sha256": ""}

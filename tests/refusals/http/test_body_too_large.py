"""A body above its limit is refused before it is parsed, announced or not."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest

from coordinator.http.reading import BATCH_LIMIT, JSON_LIMIT, TOKEN_LIMIT

LIMITS = [
    ("/v1/messages", "application/jose", TOKEN_LIMIT),
    ("/v1/members", "application/jose", TOKEN_LIMIT),
    ("/v1/messages/batch", "application/json", BATCH_LIMIT),
    ("/v1/members/challenge", "application/json", JSON_LIMIT),
    ("/v1/token", "application/x-www-form-urlencoded", 8 * 1024),
]


@pytest.mark.parametrize(("path", "kind", "limit"), LIMITS)
def test_a_body_that_is_announced_too_large_is_refused(app, path, kind, limit):
    said = app.test_client().post(path, data=b"a" * (limit + 1), content_type=kind)
    assert (said.status_code, said.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("path", "kind", "limit"), LIMITS)
def test_a_body_that_is_sent_in_pieces_is_refused_too(app, path, kind, limit):
    said = app.test_client().post(
        path,
        input_stream=io.BytesIO(b"a" * (limit + 1)),
        content_type=kind,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert (said.status_code, said.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("announced", [True, False])
def test_an_attachment_above_the_limit_is_refused(app, housing, announced):
    limit = 25 * 1024 * 1024
    blob = b"a" * (limit + 1)
    path = f"/v1/attachments/{hashlib.sha256(blob).hexdigest()}"
    options: dict[str, Any] = {"data": blob}
    if not announced:
        options = {"input_stream": io.BytesIO(blob), "environ_overrides": {"wsgi.input_terminated": True}}
    said = housing.ask("PUT", path, content_type="application/octet-stream", **options)
    assert (said.status_code, said.get_json()["code"]) == (413, "too_large")

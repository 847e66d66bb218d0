"""The coordinator's own log lines: a fixed set of names, and no canary of what went through it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from coordinator import logging as our_logging
from coordinator.logging import ALLOWED

CANARY = "c4nary"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    before = structlog.get_config()
    handlers, level = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()
    our_logging.configure(stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def read(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_leaves_one_line_with_number_route_status_code_and_time(lines, app):
    said = app.test_client().get("/v1/members/nobody")
    (line,) = [line for line in read(lines) if line["event"] == "request"]
    assert line["route"] == "/v1/members/<member>"
    assert line["status"] == 404
    assert line["code"] == "unknown_member"
    assert line["method"] == "GET"
    assert line["request"] == said.headers["X-Request-Id"]
    assert isinstance(line["ms"], float)


def test_no_line_has_a_name_that_is_not_on_the_list(lines, app, housing):
    housing.ask("GET", "/v1/mailbox")
    housing.post(b"rubbish")
    for line in read(lines):
        assert set(line) <= ALLOWED


def test_no_canary_of_a_request_is_in_a_line(lines, app, housing, capfd):
    client = app.test_client()
    name = f"{CANARY}-name"
    client.post("/v1/messages", data=f"{CANARY}.{CANARY}.{CANARY}", content_type="application/jose")
    client.post("/v1/messages/batch", json={"messages": [CANARY], CANARY: CANARY})
    client.post("/v1/members/challenge", json={"seal": {CANARY: CANARY}})
    client.post(
        "/v1/token", data={CANARY: CANARY}, headers={"DPoP": CANARY, "Authorization": f"DPoP {CANARY}"}
    )
    client.get(f"/v1/members/{CANARY}?{CANARY}={CANARY}")
    client.get(f"/v1/cases/{CANARY}", headers={"Authorization": f"DPoP {CANARY}", "X-Request-Id": CANARY})
    client.get(f"/{CANARY}/{CANARY}", headers={"User-Agent": CANARY, "Cookie": CANARY, "Referer": CANARY})
    client.open("/v1/messages", method=CANARY.upper())
    client.put(f"/v1/attachments/{CANARY}", data=CANARY)
    housing.ask("GET", "/v1/mailbox")
    client.post(
        "/v1/messages",
        data=housing.message("member.leave/1", body={"reason": f"{CANARY} reason"}),
        content_type="application/jose",
    )
    out, err = capfd.readouterr()
    written = lines.getvalue() + out + err
    assert written
    assert CANARY not in written.lower()
    assert name not in written
    assert housing.id not in written
    assert "127.0.0.1" not in written


def test_a_line_break_cannot_forge_a_line(lines):
    structlog.get_logger("x").info("request", route='/a\n{"event":"forged"}')
    assert len(lines.getvalue().splitlines()) == 1


def test_of_a_librarys_line_only_the_template_is_kept(lines):
    logging.getLogger("library").warning("could not handle %s", CANARY)
    logging.getLogger("library").warning(f"could not handle {CANARY}")  # noqa: G004 - what a library may do
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("library").exception("failed with %s", CANARY)
    assert CANARY not in lines.getvalue()
    assert read(lines)[0]["event"] == "could not handle %s"
    assert read(lines)[2]["kind"] == "ValueError"


def test_metrics_name_no_member_and_no_address(app, housing):
    housing.ask("GET", "/v1/mailbox")
    housing.post(b"rubbish")
    app.test_client().open(f"/{CANARY}", method=CANARY.upper())
    text = app.test_client().get("/metrics").text
    assert 'accord_http_requests_total{method="GET",route="/v1/mailbox",status="200"}' in text
    assert 'method="other"' in text
    assert housing.id not in text
    assert CANARY not in text.lower()

"""The front door and the application behind it say the same to the same message: word for word.

A message that comes in pieces, of unannounced length, is not plain: it is answered by the application.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from coordinator.http import front_door, metrics, witness
from coordinator.http.edge import edge
from coordinator.http.problems import TABLE
from coordinator.http.reading import TOKEN_LIMIT
from schemas import message
from schemas.errors import NotSignedIn, Refusal, TooMany
from schemas.messages.envelope import compose
from tests.flow.http.kit import Clock, Party, application

PATH, JOSE = "/v1/messages", "application/jose"


def by_the_front(app: Flask, raw: bytes, **options: Any) -> TestResponse:
    return app.test_client().post(PATH, data=raw, content_type=JOSE, **options)


def from_behind(app: Flask, raw: bytes, **options: Any) -> TestResponse:
    return app.test_client().post(
        PATH,
        input_stream=io.BytesIO(raw),
        content_type=JOSE,
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        **options,
    )


def heard(said: TestResponse) -> tuple[str, bytes, dict[str, str]]:
    headers = dict(said.headers)
    assert len(headers.pop("X-Request-Id")) == 16
    return said.status, said.data, headers


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is written down, without the number and the time that differ from request to request."""
    kept: list[dict[str, Any]] = []

    class Keeping:
        def info(self, event: str, **said: Any) -> None:
            said.pop("request")
            said.pop("ms")
            kept.append({"event": event, **said})

    monkeypatch.setattr(witness, "_log", Keeping())
    return kept


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that the front door answered."""
    kept: list[str] = []
    answer = front_door._answer

    def counting(environ: Any, *more: Any) -> Any:
        kept.append(environ["PATH_INFO"])
        return answer(environ, *more)

    monkeypatch.setattr(front_door, "_answer", counting)
    return kept


EVERY_REFUSAL = sorted(TABLE, key=lambda kind: kind.code)


@pytest.mark.parametrize("kind", EVERY_REFUSAL, ids=lambda kind: kind.code)
def test_every_refusal_is_told_alike_by_both(app, monkeypatch, lines, taken, kind: type[Refusal]):
    def refuse(_raw: bytes, **_: Any) -> Refusal:
        return kind("As it happens.", remedy="None.", about=7)

    monkeypatch.setattr(edge(app).coordinator, "admit", refuse)
    front, behind = heard(by_the_front(app, b"a")), heard(from_behind(app, b"a"))
    assert front == behind
    assert front[0].startswith(str(TABLE[kind]))
    assert json.loads(front[1])["code"] == kind.code
    assert lines[0] == lines[1]
    assert lines[0]["code"] == kind.code
    assert taken == [PATH]


@pytest.mark.parametrize("refusal", [TooMany("Slowly.", retry_after_s=17), NotSignedIn(error="replay")])
def test_the_headers_beside_a_refusal_are_the_same(app, monkeypatch, refusal):
    monkeypatch.setattr(edge(app).coordinator, "admit", lambda _raw, **_: refusal)
    front = heard(by_the_front(app, b"a"))
    assert front == heard(from_behind(app, b"a"))
    assert {"Retry-After", "WWW-Authenticate"} & set(front[2])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OperationalError("SELECT secret", {}, Exception("secret")), "unavailable"),
        (InterfaceError("SELECT secret", {}, Exception("secret")), "unavailable"),
        (PoolTimeout("secret"), "unavailable"),
        (RuntimeError("secret"), "internal"),
        (OSError("secret"), "internal"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_a_fault_is_told_alike_by_both_and_not_in_its_own_words(app, monkeypatch, lines, error, code):
    def fail(_raw: bytes, **_: Any) -> None:
        raise error

    monkeypatch.setattr(edge(app).coordinator, "admit", fail)
    front = heard(by_the_front(app, b"a"))
    assert front == heard(from_behind(app, b"a"))
    assert json.loads(front[1])["code"] == code
    assert b"secret" not in front[1]
    assert lines[0] == lines[1]


def resigned(who: Party) -> bytes:
    return who.message("member.leave/1", body={})[:-8] + b"AAAAAAAA"


def changed(who: Party, **members: Any) -> bytes:
    payload = compose(type="member.leave/1", sender=who.id, to=["coordinator"], at=who.clock(), body={})
    return message.sign({**payload, **members}, who.sign)


MESSAGES: dict[str, Callable[[Party], bytes]] = {
    "rubbish": lambda _: b"rubbish",
    "not ASCII": lambda _: "é.é.é".encode(),
    "the largest": lambda _: b"a" * TOKEN_LIMIT,
    "an unknown key": lambda who: Party("nobody", who.app, who.clock).message("member.leave/1", body={}),
    "another's signature": resigned,
    "an unknown type": lambda who: changed(who, type="member.dance/1"),
    "an enrolment": lambda who: Party("another", who.app, who.clock).enrolment("CODE-CODE", b"0" * 32),
    "too old": lambda who: changed(who, at="2020-01-01T00:00:00.000Z", until="2020-01-02T00:00:00.000Z"),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_the_intake_refuses_is_refused_alike_by_both(app, housing, lines, taken, name):
    raw = MESSAGES[name](housing)
    front, behind = heard(by_the_front(app, raw)), heard(from_behind(app, raw))
    assert front == behind
    assert front[0][0] == "4"
    assert lines[0] == lines[1]
    assert taken == [PATH]


def test_what_is_admitted_gets_the_same_receipt_from_both_and_leaves_no_line(app, housing, lines, taken):
    raw = housing.message("member.leave/1", body={})
    first, again = by_the_front(app, raw), from_behind(app, raw)
    once_more = by_the_front(app, raw)
    # The place in the log may come between two answers.
    assert first.get_json()["receipt"] == again.get_json()["receipt"] == once_more.get_json()["receipt"]
    assert (first.status, again.status, once_more.status) == ("201 CREATED", "200 OK", "200 OK")
    assert set(first.headers.keys()) == set(again.headers.keys()) == set(once_more.headers.keys())
    assert lines == []
    assert taken == [PATH, PATH]  # not the one that came in pieces


def test_both_are_counted(app, housing):
    def count() -> str:
        lines = metrics.exposition().decode().splitlines()
        name = 'accord_http_requests_total{method="POST",route="/v1/messages",status="400"}'
        return next((line.rpartition(" ")[2] for line in lines if line.startswith(name)), "0.0")

    before = float(count())
    by_the_front(app, b"rubbish")
    from_behind(app, b"rubbish")
    assert float(count()) == before + 2


ODD: dict[str, dict[str, Any]] = {
    "a parameter": {"query_string": "x=1"},
    "a parameter of the type": {"content_type": "application/jose; charset=utf-8"},
    "a coding": {"headers": {"Content-Encoding": "identity"}},
    "too much": {"data": b"a" * (TOKEN_LIMIT + 1)},
    "another method": {"method": "PUT"},
    "another path": {"path": "/v1/messages/"},
    "an endless length": {"environ_overrides": {"CONTENT_LENGTH": "9" * 5000}},
    "a negative length": {"environ_overrides": {"CONTENT_LENGTH": "-1"}},
    "a length that is no number": {"environ_overrides": {"CONTENT_LENGTH": "²"}},
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_is_left_to_the_application(app, taken, odd):
    asked: dict[str, Any] = {"method": "POST", "data": b"a", "content_type": JOSE, "path": PATH, **ODD[odd]}
    said = app.test_client().open(asked.pop("path"), **asked)
    assert taken == []
    assert 400 <= said.status_code < 500


def test_a_body_that_ends_early_is_refused_alike_by_both(app, lines):
    def cut(**more: Any) -> TestResponse:
        client: FlaskClient = app.test_client()
        return client.post(
            PATH,
            input_stream=io.BytesIO(b"a.b.c"),
            content_type=JOSE,
            environ_overrides={"CONTENT_LENGTH": "9", **more},
        )

    # An empty coding is still one, so that the second is not plain.
    front, behind = heard(cut()), heard(cut(SCRIPT_NAME="", HTTP_TRANSFER_ENCODING=""))
    assert front == behind
    assert front[0].startswith("400")
    assert lines[0] == lines[1]


@pytest.fixture
def slow(tmp_path: Path, coordinator_url: str, clock: Clock) -> Iterator[Flask]:
    app = application(tmp_path, coordinator_url, clock, rates={"requests_per_address_per_minute": 3})
    yield app
    edge(app).coordinator.stop()


def test_both_count_an_address_together(slow):
    said = [by_the_front(slow, b"a"), from_behind(slow, b"a"), by_the_front(slow, b"a")]
    assert [each.status_code for each in said] == [400, 400, 400]
    front, behind = by_the_front(slow, b"a"), from_behind(slow, b"a")
    assert (front.status_code, front.get_json()["code"]) == (429, "too_many")
    assert (behind.status_code, behind.get_json()["code"]) == (429, "too_many")
    assert 1 <= int(front.headers["Retry-After"]) <= 60
    other = by_the_front(slow, b"a", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert other.status_code == 400

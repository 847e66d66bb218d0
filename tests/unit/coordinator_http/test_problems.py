"""The table from refusal to status: complete, and silent about what it does not know."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from coordinator.http import problems
from schemas import errors
from schemas.errors import Refusal

CANARY = "c4nary-of-a-record"


def tree(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    yield kind
    for below in kind.__subclasses__():
        yield from tree(below)


def shared() -> list[type[Refusal]]:
    return [kind for kind in tree() if kind.__module__.startswith(f"{errors.__name__}.")]


@pytest.mark.parametrize("kind", shared(), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_row_of_its_own(kind):
    assert kind in problems.TABLE
    assert 400 <= problems.TABLE[kind] < 600


def test_no_two_refusals_share_a_code():
    codes = [kind.code for kind in shared()]
    assert len(codes) == len(set(codes))


def test_a_refusal_without_a_row_has_the_status_of_its_parent():
    class Narrower(errors.NotSignedIn):
        """Something more exact."""

        code = "narrower"

    assert problems.status_of(Narrower) == 401


@pytest.fixture
def app() -> Flask:
    app = Flask("test")
    problems.register(app)
    return app


def answer(app: Flask, error: Exception):
    def view() -> str:
        raise error

    app.add_url_rule("/it", view_func=view)
    return app.test_client().get("/it")


def test_a_refusal_becomes_a_problem_document_with_code_status_and_remedy(app):
    said = answer(app, errors.ConsentNotInForce("Ended.", remedy="Ask again.", consent="c"))
    assert said.status_code == 403
    assert said.content_type == "application/problem+json"
    assert said.json == {
        "type": "urn:accord:problem:consent_not_in_force",
        "title": "The consent does not permit anything now.",
        "detail": "Ended.",
        "code": "consent_not_in_force",
        "remedy": "Ask again.",
        "status": 403,
        "consent": "c",
    }


def test_an_unknown_exception_says_nothing_to_the_outside(app, capsys):
    said = answer(app, ValueError(CANARY))
    assert said.status_code == 500
    assert said.get_json()["code"] == "internal"
    assert CANARY not in said.text
    out, err = capsys.readouterr()
    assert CANARY not in out + err


def test_a_database_that_cannot_be_reached_is_unavailable_and_says_nothing_else(app):
    said = answer(app, OperationalError("SELECT secret", {"p": CANARY}, Exception(CANARY)))
    assert said.status_code == 503
    assert said.headers["Retry-After"] == "2"
    assert CANARY not in said.text
    assert "SELECT" not in said.text


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [(errors.TooMany(), "60"), (errors.TooMany(retry_after_s=7), "7"), (errors.Unavailable(), "2")],
)
def test_what_passes_by_itself_says_when_to_come_back(app, refusal, seconds):
    assert answer(app, refusal).headers["Retry-After"] == seconds


def test_a_missing_sign_in_names_the_scheme(app):
    assert (
        answer(app, errors.NotSignedIn()).headers["WWW-Authenticate"]
        == 'DPoP error="invalid_token", algs="Ed25519"'
    )


def test_an_address_without_a_route_and_a_wrong_method_are_problems_too(app):
    answer(app, errors.Refusal())
    missing = app.test_client().get("/nothing-here")
    wrong = app.test_client().delete("/it")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.get_json()["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    assert json.loads(wrong.data)["status"] == 405

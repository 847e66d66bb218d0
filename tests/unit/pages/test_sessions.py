"""Sessions on the server: what the browser holds is a name, and it changes when somebody signs in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask, session

from connectors.pages.sessions import ServerSide, Session
from schemas import instant

LIFE = timedelta(hours=1)


class Kept(dict[Any, Any]):
    """A store in memory, as SessionStore asks for."""

    written = 0

    def load(self, name, now):
        found = self.get(name)
        return found if found is not None and found.expires_at > now else None

    def save(self, name, kept, now):
        self[name] = kept

    def extend(self, name, expires_at, now):
        self[name] = replace(self[name], expires_at=expires_at)
        self.written += 1

    def delete(self, name):
        self.pop(name, None)


def ours() -> Session:
    """Give the session itself, behind Flask's stand-in for it."""
    return cast("Session", cast("Any", session)._get_current_object())


@pytest.fixture
def store():
    return Kept()


@pytest.fixture
def app(store):
    made = Flask(__name__)
    made.session_interface = ServerSide(store, lambda: made.config["NOW"], life=LIFE, secure=False)
    made.config["NOW"] = instant.now()

    @made.get("/put/<value>")
    def put(value):
        session["value"] = value
        return "ok"

    @made.get("/get")
    def get():
        return session.get("value", "nothing")

    @made.get("/news")
    def news():
        return {"latest": 1}

    @made.get("/renew")
    def renew():
        ours().renew()
        return "ok"

    @made.get("/end")
    def end():
        ours().end()
        return "ok"

    return made


def held(client):
    cookie = client.get_cookie("session")
    return None if cookie is None else cookie.value


def test_a_visit_that_keeps_nothing_sets_no_cookie(app, store):
    client = app.test_client()
    client.get("/get")
    assert (held(client), store) == (None, {})


def test_the_browser_holds_a_name_and_the_store_its_digest(app, store):
    client = app.test_client()
    client.get("/put/secret")
    assert client.get("/get").text == "secret"
    assert held(client) not in store
    assert "secret" not in held(client)


def test_a_name_that_was_planted_is_worth_nothing(app, store):
    client = app.test_client()
    client.set_cookie("session", "planted")
    client.get("/put/mine")
    assert held(client) != "planted"
    other = app.test_client()
    other.set_cookie("session", "planted")
    assert other.get("/get").text == "nothing"


def test_a_renewed_session_has_another_name_and_the_old_one_is_gone(app, store):
    client = app.test_client()
    client.get("/put/mine")
    before = held(client)
    client.get("/renew")
    assert held(client) != before
    assert client.get("/get").text == "mine"
    client.set_cookie("session", before)
    assert client.get("/get").text == "nothing"
    assert len(store) == 1


def test_an_ended_session_is_forgotten_on_both_sides(app, store):
    client = app.test_client()
    client.get("/put/mine")
    client.get("/end")
    assert (held(client), store) == (None, {})


def test_an_expired_session_is_not_taken_up(app):
    client = app.test_client()
    client.get("/put/mine")
    app.config["NOW"] += LIFE + timedelta(seconds=1)
    assert client.get("/get").text == "nothing"


def test_a_session_that_is_used_lives_on_and_not_every_visit_writes(app, store):
    client = app.test_client()
    client.get("/put/mine")
    for _ in range(20):
        app.config["NOW"] += LIFE / 20
        assert client.get("/get").text == "mine"
    assert 1 <= store.written <= 10


def test_however_it_is_used_a_session_ends_some_time_after_its_beginning(app):
    client = app.test_client()
    client.get("/put/mine")
    for _ in range(14):
        app.config["NOW"] += LIFE / 10
        assert client.get("/get").text == "mine"
        client.get("/renew")
    app.config["NOW"] += LIFE / 10
    assert client.get("/get").text == "nothing"


def test_a_page_that_asks_by_itself_whether_there_is_news_keeps_no_session_alive(app):
    client = app.test_client()
    client.get("/put/mine")
    for _ in range(11):
        app.config["NOW"] += LIFE / 10
        client.get("/news")
    assert client.get("/get").text == "nothing"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app):
    answer = app.test_client().get("/put/x").headers["Set-Cookie"]
    assert "HttpOnly" in answer
    assert "SameSite=Lax" in answer


def test_behind_https_no_other_site_of_the_domain_can_set_it(store):
    made = ServerSide(store, instant.now, life=LIFE, secure=True)
    assert made.cookie == "__Host-session"


def test_only_sessions_opened_here_are_saved_here(app, store):
    with app.test_request_context("/"), pytest.raises(TypeError):
        app.session_interface.save_session(app, {}, app.response_class())
    assert isinstance(Session({}, None), dict)

"""Signing in again, and being away for a while: nothing typed is lost; one comes back to the right page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import session
from werkzeug.test import TestResponse

from connectors.pages.sessions import Session
from connectors.pages.sign_in import SignedIn
from connectors.portal import visiting
from connectors.portal.store import accounts
from tests.flow.exchange.world import DEBT, there
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

WORDS = "The rent is too high."
WHILE = "It is a while since you signed in. Please sign in again, then go on."


def sign_in(life: Life, visit: Visit, account: str, email: str | None = None) -> Visit:
    """Let the identity provider confirm, now, that this browser is this person's."""
    with life.portal.database.reading() as connection:
        row = accounts.find(connection, account)
    assert row is not None
    cookie = visit.client.get_cookie("session")
    headers = {} if cookie is None else {"Cookie": f"session={cookie.value}"}
    app = life.pages.app
    with app.test_request_context("/sign-in/done", headers=headers):
        visiting.enter(SignedIn(row.issuer, row.subject, row.name, email, "substantial", life.now()))
        answer = app.response_class()
        ours = cast("Session", cast("Any", session)._get_current_object())
        app.session_interface.save_session(app, ours, answer)
    visit.client.set_cookie("session", answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2])
    return Visit(visit.client)


def goes_on_to(answer: TestResponse) -> str:
    """Give where somebody comes back to after they were asked to sign in again."""
    parts = urlsplit(answer.location)
    assert (answer.status_code, parts.path) == (302, "/sign-in")
    (page,) = parse_qs(parts.query)["next"]
    return page


# --- what was typed ---------------------------------------------------------------------------------


def test_somebodys_own_words_survive_signing_in_again(life):
    citizen = life.person()
    visit = life.visit(citizen)
    life.world.clock.move(minutes=61)
    visit.post("/begin/", words=WORDS, themes=["logement-hebergement"])
    assert goes_on_to(visit.get("/begin/whom")) == "/begin/whom"
    visit = sign_in(life, visit, citizen)
    page = visit.get("/begin/whom")
    assert (page.status_code, WORDS in page.text) == (200, True)
    assert visit.post("/begin/whom", asked=[DEBT]).status_code == 303


def test_the_words_survive_when_it_became_too_long_ago_while_choosing_whom_to_ask(life):
    citizen = life.person()
    visit = life.visit(citizen)
    visit.post("/begin/", words=WORDS)
    assert visit.get("/begin/whom").status_code == 200
    life.world.clock.move(minutes=61)
    assert goes_on_to(visit.post("/begin/whom", asked=[DEBT])) == "/begin/whom"
    page = sign_in(life, visit, citizen).get("/begin/whom").text
    assert WORDS in page
    (form,) = [each for each in seen(page).forms if "asked" in each.fields]
    assert form.fields["asked"].chosen, "whom they had ticked is ticked"


def test_the_page_about_a_form_that_is_too_old_has_the_menu(life):
    citizen = life.person()
    visit = life.visit(citizen)
    answer = visit.client.post("/begin/", data={"words": WORDS, "csrf_token": "old"})
    assert answer.status_code == 400
    assert '"/permissions/"' in answer.text
    assert "My account" in answer.text
    assert '"/permissions/"' not in life.pages.visit().client.post("/begin/", data={}).text


def test_a_form_that_is_too_old_hides_no_mandate_that_has_ended(life):
    principal = life.person()
    helper, mandate, _ = life.given(principal)
    visit = life.visit(helper, mandate)
    assert visit.get("/home").status_code == 200
    life.visit(principal).post(f"/acting/{mandate}/end")
    answer = visit.client.post("/begin/", data={"words": WORDS, "csrf_token": "old"})
    assert "You do not act for this person any more" in answer.text


def test_nobody_else_who_signs_in_there_finds_the_words(life):
    visit = life.visit(life.person())
    visit.post("/begin/", words=WORDS)
    visit = sign_in(life, visit, life.person("Other Citizen"))
    assert WORDS not in visit.get("/begin/").text
    assert visit.get("/begin/whom").location == "/begin/"


def test_a_request_that_was_shown_before_can_be_allowed_after_signing_in_again(life):
    citizen = life.person()
    request = life.asked(life.case_of(citizen))
    visit = life.visit(citizen)
    assert visit.get(f"/requests/{request}").status_code == 200
    life.world.clock.move(minutes=61)
    assert goes_on_to(visit.post(f"/requests/{request}", decision="allow")) == f"/requests/{request}"
    visit = sign_in(life, visit, citizen)
    answer = visit.post(f"/requests/{request}", decision="allow")
    assert (answer.status_code, answer.location[:10]) == (303, "/receipts/")


def test_an_address_that_nobody_gave_to_us_is_not_kept(life):
    """The sign-in page says what is taken from the provider: a name, and how surely they were recognised."""
    citizen = life.person()
    sign_in(life, life.pages.visit(), citizen, "sample@example.org")
    app = life.pages.app
    with app.test_request_context("/sign-in/done"):
        visiting.enter(SignedIn("http://localhost:9400", "new", "New", "new@example.org", "1", life.now()))
        new = session["account"]
    with life.portal.database.reading() as connection:
        assert [there(accounts.find(connection, each)).email for each in (citizen, new)] == [None, None]


# --- where one comes back to ------------------------------------------------------------------------


def test_a_form_that_was_sent_comes_back_to_its_own_page(life):
    citizen = life.person()
    case = life.case_of(citizen)
    _helper, mandate, _code = life.given(citizen)
    visit = life.visit(citizen)
    visit.token()
    life.world.clock.move(minutes=61)
    assert goes_on_to(visit.post("/acting/give/helper", scope="all")) == "/acting/give/helper"
    assert goes_on_to(visit.post(f"/acting/{mandate}/renew", until="30")) == f"/acting/{mandate}/renew"
    assert goes_on_to(visit.post(f"/take-with-me/{case}")) == "/take-with-me/"
    assert goes_on_to(visit.post("/account/passkeys/new?x=1")) == "/account/passkeys/new?x=1"


@pytest.mark.parametrize("page", ["/acting/give/trusted", "/acting/{mandate}/renew", "/begin/whom"])
def test_a_page_whose_form_needs_it_asks_before_anything_is_typed(life, page):
    citizen = life.person()
    _helper, mandate, _code = life.given(citizen)
    visit = life.visit(citizen)
    visit.post("/begin/", words=WORDS)
    page = page.format(mandate=mandate)
    assert visit.get(page).status_code == 200
    life.world.clock.move(minutes=61)
    assert goes_on_to(visit.get(page)) == page


def test_an_address_without_a_page_leads_to_the_page_above_it(life):
    with life.pages.app.test_request_context("/permissions/no-id/resume", method="POST"):
        assert visiting.page_here() == "/permissions/"
    with life.pages.app.test_request_context("/nothing/at/all", method="POST"):
        assert visiting.page_here() == "/"


def test_the_sign_in_page_says_why_one_signs_in_again_and_only_then(life):
    visit = life.visit(life.person())
    assert WHILE not in life.pages.visit().get("/sign-in").text
    assert WHILE not in visit.get("/sign-in").text
    life.world.clock.move(minutes=61)
    assert WHILE in visit.get("/sign-in?next=/begin/whom").text


# --- how long a session lasts -----------------------------------------------------------------------


def test_a_session_that_is_used_does_not_end_eight_hours_after_signing_in(life):
    citizen = life.person()
    visit = sign_in(life, life.pages.visit(), citizen)
    case = life.case_of(citizen)
    visit.token()  # from here on nothing in the session changes
    for _ in range(3):
        life.world.clock.move(hours=3, minutes=40)
        assert visit.get(f"/cases/{case}/messages/new").status_code == 200
    answer = visit.post(f"/cases/{case}/messages/new", text="A long message.", kind="message", to=[DEBT])
    assert answer.status_code == 303


def test_a_session_ends_twelve_hours_after_signing_in_however_it_is_used(life):
    visit = sign_in(life, life.pages.visit(), life.person())
    begun = life.now()
    while life.now() - begun < timedelta(hours=11, minutes=40):
        assert visit.get("/home").status_code == 200
        visit.post("/begin/", words=WORDS)  # what changes a session keeps it no longer than what only reads
        life.world.clock.move(minutes=50)
    life.world.clock.move(minutes=30)
    assert visit.get("/home").status_code == 302


def test_acting_for_somebody_makes_no_session_longer(life):
    principal = life.person()
    delegate, mandate, _code = life.given(principal)
    visit = sign_in(life, life.pages.visit(), delegate)
    life.world.clock.move(hours=7)
    assert visit.post(f"/acting/{mandate}/begin").status_code == 303
    life.world.clock.move(hours=4, minutes=50)
    assert visit.get("/home").status_code == 200
    life.world.clock.move(minutes=20)
    assert visit.get("/home").status_code == 302


def test_signing_in_again_begins_the_time_anew(life):
    citizen = life.person()
    visit = sign_in(life, life.pages.visit(), citizen)
    life.world.clock.move(hours=7)
    visit = sign_in(life, visit, citizen)
    life.world.clock.move(hours=7)
    assert visit.get("/home").status_code == 200

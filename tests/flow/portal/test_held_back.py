"""Who acted is held back from the person until a date, everywhere; what became of things stays theirs."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest

from connectors.portal.acting import mandates
from connectors.portal.store import accounts, mails, receipts
from connectors.portal.store import mandates as stored
from connectors.portal.upkeep import keep
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import there

NAMED = (CANARY, "omebody who acts for you", "omeone who acts for you", "person who acts for you")


@pytest.fixture
def acted(life):
    """A citizen whose delegate, of whom they are not told for 30 days, gave and paused a permission."""
    citizen = life.person()
    case = life.case_of(citizen)
    request = life.asked(case)
    delegate, mandate, _ = life.given(citizen, powers=["view", "refuse", "withdraw", "grant", "contribute"])
    with life.portal.database.writing() as connection:
        accounts.change(connection, delegate, name=CANARY)
        accounts.change(connection, citizen, email="sample@example.org", email_wanted=True)
        mandates.hold_back(
            connection,
            mandate,
            ground="care",
            review_at=life.now() + timedelta(days=30),
            by_role="lead",
            now=life.now(),
        )
    visit = life.visit(delegate, mandate)
    visit.get(f"/requests/{request}")
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="allow").location
    life.world.settle()
    with life.portal.database.reading() as connection:
        (granted,) = receipts.of_account(connection, citizen)
    consent = str(granted.consent)
    assert "/receipts/" in visit.post(f"/permissions/{consent}/suspend").location
    visit.post(f"/cases/{case}/note", text="Sample words.")
    life.world.settle()
    return citizen, mandate, case, consent


def pages(life, citizen, case, consent):
    with life.portal.database.reading() as connection:
        numbers = [row.id for row in receipts.of_account(connection, citizen)]
    return [
        "/home",
        "/cases/",
        *(f"/cases/{case}{tab}" for tab in ("", "/timeline", "/team", "/messages")),
        "/permissions/",
        f"/permissions/{consent}",
        "/receipts/",
        *(f"/receipts/{number}{end}" for number in numbers for end in ("", ".txt")),
        "/who-looked/",
    ]


def waiting_mails(life):
    with life.portal.database.reading() as connection:
        return [row.kind for row in mails.due(connection, life.now(), 50)]


def test_no_page_says_who_did_it_and_each_says_what_became_of_it(life, acted):
    citizen, mandate, case, consent = acted
    own = life.visit(citizen)
    for path in pages(life, citizen, case, consent):
        answer = own.get(path)
        assert answer.status_code == 200, path
        assert not [word for word in (*NAMED, mandate) if word in answer.text], path
        assert "accord-count" not in answer.text, path
    shown = own.get(f"/permissions/{consent}").text
    assert "in your name. It would end on" in shown
    assert "It was paused in your name" in shown
    assert "It was allowed in your name" in shown
    assert "by you" not in shown
    assert "This was allowed in your name." in own.get("/receipts/").text
    assert "who it was is held back for now" in own.get(f"/cases/{case}/timeline").text


def test_the_lists_of_what_was_done_say_nothing_that_is_not_true(life, acted):
    citizen, mandate, _case, _consent = acted
    own = life.visit(citizen)
    for path in ("/acting/", f"/acting/{mandate}"):
        page = own.get(path).text
        assert "Nothing is listed here." in page
        assert "a permission for you" not in page
        for untrue in ("Nobody has done anything for you", "They have done nothing", "Everything that"):
            assert untrue not in page


def test_no_e_mail_tells_of_it_until_its_date_and_then_one_does(life, acted):
    citizen, mandate, _case, consent = acted
    assert waiting_mails(life) == []
    settings = life.pages.settings
    keep(life.portal, settings, life.now())
    assert waiting_mails(life) == []
    life.world.clock.move(days=31)
    keep(life.portal, settings, life.now())
    assert waiting_mails(life).count("delegate_acted") == 1
    with life.portal.database.writing() as connection:
        mails.forget(connection, life.now() + timedelta(days=1))
    keep(life.portal, settings, life.now())
    assert "delegate_acted" not in waiting_mails(life)
    own = life.visit(citizen)
    assert "accord-count" in own.get("/cases/").text
    assert f"{CANARY} paused a permission for you" in own.get("/acting/").text
    assert "Somebody who acts for you paused it" in own.get(f"/permissions/{consent}").text
    assert mandate in own.get("/acting/").text


def test_the_copy_to_take_along_says_no_more_than_the_pages(life, acted):
    citizen, mandate, case, _consent = acted
    own = life.visit(citizen)
    with ZipFile(io.BytesIO(own.post(f"/take-with-me/{case}").data)) as copy:
        for name in copy.namelist():
            text = copy.read(name).decode()
            assert not [word for word in (*NAMED, mandate) if word in text], name
        (missing,) = [copy.read(name).decode() for name in copy.namelist() if name.endswith("missing.txt")]
        assert "evidence.jsonl (held_back)" in missing
        (data,) = [json.loads(copy.read(n)) for n in copy.namelist() if n.endswith("case-1/data.json")]
    assert {each["decided_by"]["kind"] for each in data["receipts"]} == {"held_back"}
    life.world.clock.move(days=31)
    with ZipFile(io.BytesIO(life.visit(citizen).post(f"/take-with-me/{case}").data)) as copy:
        (data,) = [json.loads(copy.read(n)) for n in copy.namelist() if n.endswith("case-1/data.json")]
        assert not [name for name in copy.namelist() if name.endswith("missing.txt")]
    assert {each["decided_by"]["kind"] for each in data["receipts"]} == {"mandate"}


def test_who_acts_is_told_that_it_is_held_back_and_what_is_not(life, acted):
    _citizen, mandate, _case, _consent = acted
    with life.portal.database.reading() as connection:
        row = there(stored.find(connection, mandate))
    visit = life.visit(row.delegate, mandate)
    assert "They are not told for now what you do here." in visit.get("/home").text
    assert "is shown to them all the same, without your name." in visit.get("/acting/").text
    assert "They see everything" not in visit.get("/acting/").text
    assert "they are not told until" in life.visit(row.delegate).get("/acting/").text

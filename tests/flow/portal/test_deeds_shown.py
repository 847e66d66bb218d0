"""What somebody does for another is shown to them: who it was, what, and that it is new."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.pages.paging import PAGE
from connectors.portal.acting import mandates
from connectors.portal.store import mandates as stored
from tests.flow.exchange.world import DEBT
from tests.flow.portal.forms_on_pages import seen


@dataclass(frozen=True, slots=True)
class Helping:
    """Whoever acts by a mandate, as the rules see them."""

    account: str
    mandate: Any

    @property
    def principal(self) -> str:
        return str(self.mandate.principal)


def seen_words(html: str) -> str:
    """Give what a page says, in small letters."""
    return " ".join(re.sub(r"<[^>]+>", "", html.partition("<main")[2]).lower().split())


def test_another_name_of_a_case_is_shown_with_who_gave_it(life):
    citizen = life.person()
    case = life.case_of(citizen)
    helper, mandate, _ = life.given(citizen, powers=["view", "contribute"])
    assert life.visit(helper, mandate).post(f"/cases/{case}/name", name="Sample name").status_code == 303
    assert "Sample Helper gave one of your cases another name" in life.visit(citizen).get("/acting/").text
    life.visit(citizen).post(f"/cases/{case}/name", name="Mine")
    assert life.visit(citizen).get("/acting/").text.count("another name") == 1


def test_what_somebody_else_said_is_not_shown_as_the_readers_own_words(life):
    citizen = life.person()
    case = life.case_of(citizen)
    consent = life.world.grant(life.asked(case))
    helper, mandate, _ = life.given(citizen, powers=["view", "withdraw", "contribute"])
    other, by_other, _ = life.given(citizen, powers=["view"])
    visit = life.visit(helper, mandate)
    visit.post(f"/cases/{case}/note", text="Sample words.")
    visit.post(f"/cases/{case}/messages/new", text="Sample.", kind="message", to=[DEBT])
    visit.post(f"/cases/{case}/outcome", text="Sample.", outcome="got_help")
    visit.post(f"/permissions/{consent}/suspend")
    life.world.settle()
    for who, by, said in (
        (citizen, None, "someone who acts for you"),
        (helper, mandate, "you"),
        (other, by_other, "somebody else who acts for this person"),
    ):
        visit = life.visit(who, by)
        text = seen_words(visit.get(f"/cases/{case}/timeline").text)
        for what in ("note left by", "message written by", "permission paused by", "help arrived, said by"):
            assert f"{what} {said}" in text, (what, said)
        assert f"{said}, " in seen_words(visit.get(f"/cases/{case}/messages").text)
        assert f"{said}:" in seen_words(visit.get(f"/cases/{case}").text)


def test_new_deeds_are_counted_in_the_menu_until_they_were_seen(life):
    citizen = life.person()
    life.given(citizen)
    own = life.visit(citizen)
    assert 'class="accord-count">1<' in own.get("/cases/").text
    own.get("/acting/")
    assert "accord-count" not in own.get("/cases/").text


def test_what_a_page_does_not_show_stays_new(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    with life.portal.database.writing() as connection:
        visit = Helping(delegate, stored.find(connection, mandate))
        for _ in range(PAGE + 5):
            life.world.clock.move(seconds=1)
            mandates.did(connection, visit, "note.add", life.now())
    own = life.visit(citizen)
    assert own.get("/acting/").text.count(">New<") == PAGE
    assert 'class="accord-count">6<' in own.get("/cases/").text
    older = next(each for each in seen(own.get("/acting/").text).links if "done_from" in each)
    assert own.get(older).text.count(">New<") == 6
    assert "accord-count" not in own.get("/cases/").text


def test_what_is_held_back_for_safety_is_neither_shown_nor_counted(life):
    citizen = life.person()
    _, mandate, _ = life.given(citizen)
    with life.portal.database.writing() as connection:
        review = life.now() + timedelta(days=30)
        mandates.hold_back(
            connection, mandate, ground="care", review_at=review, by_role="lead", now=life.now()
        )
    own = life.visit(citizen)
    assert "accord-count" not in own.get("/cases/").text
    assert "now acts for you" not in own.get("/acting/").text
    life.world.clock.move(days=31)
    assert "now acts for you" in life.visit(citizen).get("/acting/").text


def test_a_helper_takes_back_and_the_person_is_shown_who_did(life):
    citizen = life.person()
    case = life.case_of(citizen)
    consent = life.world.grant(life.asked(case))
    delegate, mandate, _ = life.given(citizen, kind="informal_helper")
    visit = life.visit(delegate, mandate)
    assert visit.post(f"/permissions/{consent}/withdraw").status_code == 303
    own = life.visit(citizen)
    assert "Sample Helper took back a permission for you" in own.get("/home").text
    shown = own.get("/acting/").text
    assert "Sample Helper took back a permission for you" in shown
    assert shown.count(">New<") == 2, "the taking up and the taking back"
    assert ">New<" not in own.get("/acting/").text

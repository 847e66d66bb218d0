"""On the pages: the citizen says how they may safely be reached, and it stands above each part of a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest

from connectors.cases.gather import read_case
from connectors.exchange.acts import cases, coordination
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import Terms
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT
from tests.flow.portal.story import Me, Story

LETTER = "Only by letter to my sister; never call in the evening."
TABS = ("", "/timeline", "/records", "/team", "/documents", "/messages", "/note", "/messages/new")


@pytest.fixture
def story(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path, make_database)
    yield made
    made.close()


def read_at_debt(story: Story, case: str) -> str | None:
    story.world.settle()
    debt = story.world.members[DEBT]
    with debt.database.reading() as connection:
        found = read_case(connection, debt, case, story.world.clock()).safe_contact
    return None if found is None else found.text


def test_what_the_citizen_says_reaches_the_agency_and_stands_on_every_tab(story: Story):
    visit, case = story.visit(story.citizen), story.hidden
    at = f"/cases/{case}/safe-contact"
    assert at in visit.get(f"/cases/{case}").text
    answer = visit.post(at, text=LETTER)
    assert (answer.status_code, answer.location) == (303, f"/cases/{case}")
    for tab in TABS:
        page = visit.get(f"/cases/{case}{tab}").text
        assert LETTER in page, tab
        assert at in page, tab
    assert read_at_debt(story, case) == LETTER
    assert LETTER in visit.get(at).text
    visit.post(at, text="You can reach me in any way now.")
    assert LETTER not in visit.get(f"/cases/{case}").text
    assert read_at_debt(story, case) == "You can reach me in any way now."


def test_nothing_and_too_much_are_refused_with_what_was_typed(story: Story):
    visit, at = story.visit(story.citizen), f"/cases/{story.hidden}/safe-contact"
    for text in (" \n", "x" * 1001):
        answer = visit.post(at, text=text)
        assert answer.status_code == 422
        assert "govuk-error-summary" in answer.text
    assert "x" * 1001 in answer.text
    assert read_at_debt(story, story.hidden) is None


def test_it_is_of_one_case_and_of_nobody_elses(story: Story):
    at = f"/cases/{story.hidden}/safe-contact"
    for other in (story.visit(story.stranger), story.helping()):
        assert other.get(at).status_code in {403, 404}
        assert other.post(at, text="Call at any time.").status_code in {403, 404}
    story.visit(story.citizen).post(at, text=LETTER)
    other_case = story.case_of(story.citizen)
    assert LETTER not in story.visit(story.citizen).get(f"/cases/{other_case}").text
    assert read_at_debt(story, story.hidden) == LETTER


def test_who_may_only_see_reads_it_and_does_not_change_it(story: Story):
    case = story.ids["case_id"]
    story.visit(story.citizen).post(f"/cases/{case}/safe-contact", text=LETTER)
    page = story.helping().get(f"/cases/{case}").text
    assert LETTER in page
    assert "safe-contact" not in page
    assert story.helping().post(f"/cases/{case}/safe-contact", text="Call.").status_code == 403


@pytest.mark.parametrize("power", ["contribute", "reach"])
def test_who_may_write_for_somebody_does_not_say_how_they_are_safely_reached(story: Story, power: str):
    case = story.hidden
    story.visit(story.citizen).post(f"/cases/{case}/safe-contact", text=LETTER)
    now = story.world.clock()
    trusted = Terms(kind="nominee", valid_until=now + timedelta(days=30), powers=["view", power])
    with story.portal.database.writing() as connection:
        made = mandates.give(connection, Me(story.citizen), trusted, now)
        mandates.accept(connection, Me(story.stranger), made.code, now)
    visit = story.visit(story.stranger, acting_for=made.id)
    answer = visit.post(f"/cases/{case}/safe-contact", text="Call at any time.")
    assert answer.status_code == (303 if power == "reach" else 403)
    assert read_at_debt(story, case) == ("Call at any time." if power == "reach" else LETTER)


def test_in_a_case_without_an_organisation_there_is_nobody_to_tell(story: Story):
    case = story.hidden
    cases.leave(story.world.members[DEBT], case)
    story.world.settle()
    visit = story.visit(story.citizen)
    assert "/safe-contact" not in visit.get(f"/cases/{case}").text
    answer = visit.post(f"/cases/{case}/safe-contact", text=LETTER)
    assert answer.status_code == 422
    assert LETTER in answer.text
    assert "nobody would read what you write" in answer.text


def test_in_a_closed_case_what_was_typed_is_not_lost(story: Story):
    visit, case = story.visit(story.citizen), story.hidden
    visit.post(f"/cases/{case}/safe-contact", text=LETTER)
    visit.post(f"/cases/{case}/close")
    story.world.settle()
    page = visit.get(f"/cases/{case}").text
    assert LETTER in page
    assert "/safe-contact" not in page
    answer = visit.post(f"/cases/{case}/safe-contact", text="Not by letter any more.")
    assert (answer.status_code, "Not by letter any more." in answer.text) == (409, True)


def test_who_has_not_got_it_yet_is_named_and_gets_it_by_sending_it_again(story: Story):
    case = story.ids["case_id"]
    coordination.add_note(story.portal, case, LETTER, kind="safe_contact", to=[DEBT])
    story.world.settle()
    visit, at = story.visit(story.citizen), f"/cases/{case}/safe-contact"
    assert "Not sent yet to:" in visit.get(f"/cases/{case}").text
    visit.post(at, text=LETTER)
    assert "Not sent yet to:" not in visit.get(f"/cases/{case}").text


def test_a_copy_has_it(story: Story):
    story.visit(story.citizen).post(f"/cases/{story.hidden}/safe-contact", text=LETTER)
    answer = story.visit(story.citizen).post("/take-with-me/")
    with ZipFile(BytesIO(answer.data)) as file:
        data = [json.loads(file.read(name)) for name in file.namelist() if name.endswith("/data.json")]
        pages = [file.read(name).decode() for name in file.namelist() if name.endswith("case.html")]
    (found,) = [each["case"] for each in data if each["case"]["id"] == story.hidden]
    assert found["safe_contact"]["text"] == LETTER
    assert sum(LETTER in page for page in pages) == 1


def test_french_pages_say_it_in_french(story: Story):
    visit, case = story.visit(story.citizen), story.hidden
    visit.post(f"/cases/{case}/safe-contact", text=LETTER)
    visit.client.set_cookie("language", "fr")
    assert "Comment vous joindre sans risque" in visit.get(f"/cases/{case}").text

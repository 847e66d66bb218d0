"""What stands on the pages of a case is said whole, in the order in which people need it, with a way on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.cases.gather import read_case
from connectors.pages.case import words
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.story import Story
from tests.flow.portal.visits import Visit


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("story"), make_database_for_module)
    yield made
    made.close()


@pytest.fixture
def visit(story: Story) -> Visit:
    return story.visit(story.citizen)


def test_what_the_citizen_alone_was_shown_is_said_to_have_gone_to_them(story: Story, visit: Visit):
    page = visit.get(f"/cases/{story.ids['case_id']}/timeline").text
    assert "Data given by City-Housing to you: housing" in page
    assert "Data given by City-Housing to Debt-Advice: housing" in page
    assert " to : " not in page


def test_where_it_is_not_known_any_more_to_whom_the_sentence_does_without(story: Story):
    debt = story.world.members[DEBT]
    case = story.ids["case_id"]
    with story.pages.app.test_request_context(), debt.database.reading() as connection:
        found = read_case(connection, debt, case, story.world.clock())
        line = next(each for each in found.timeline if each.words == "record.request")
        gone = replace(line, facts={})
        assert words.sentence(gone, lambda member: member) == f"Data asked for by {DEBT}: "


def test_a_line_leads_to_the_permission_or_the_data_that_it_is_about(story: Story, visit: Visit):
    case, consent, record = (story.ids[name] for name in ("case_id", "consent_id", "statement"))
    decided = visit.get(f"/cases/{case}/timeline?kind=permission").text
    assert f"/permissions/{consent}" in seen(decided).links
    looked = visit.get(f"/cases/{case}/timeline?kind=access").text
    assert f"/cases/{case}/records/{record}" in seen(looked).links


def test_what_people_come_for_stands_before_what_has_happened(story: Story, visit: Visit):
    page = visit.get(f"/cases/{story.ids['case_id']}").text
    waits, do, arrived, latest = (
        page.index(f">{each}</h2>") for each in ("What waits", "Do something", "Did help arrive?", "Latest")
    )
    assert waits < do < arrived < latest


def test_who_may_only_look_is_not_promised_that_they_can_do_something(story: Story):
    page = story.helping().get(f"/cases/{story.ids['case_id']}").text
    for verb in ("note", "messages/new", "documents/new", "invite"):
        assert f"/cases/{story.ids['case_id']}/{verb}" not in seen(page).links
    offered = f"/cases/{story.ids['case_id']}/close" in seen(page).links
    assert (">Do something</h2>" in page) is offered


def test_whoever_says_what_is_wrong_sees_what_is_said_now(story: Story, visit: Visit):
    case, record = story.ids["case_id"], story.ids["statement"]
    page = visit.get(f"/cases/{case}/records/{record}/contest").text
    assert "It says: €612.00" in page


def test_data_that_was_given_again_since_leads_to_the_newest(story: Story, visit: Visit):
    case, record = story.ids["case_id"], story.ids["statement"]
    said = "City-Housing has given newer data of this kind since."
    page = visit.get(f"/cases/{case}/records/{record}").text
    assert said in page
    (newest,) = [link for link in seen(page).links if "/records/" in link and record not in link]
    assert said not in visit.get(newest).text


def test_what_is_to_be_seen_first_waits_on_the_case_page_until_it_is_decided(story: Story, visit: Visit):
    case, release = story.ids["case_id"], story.ids["release"]
    page = seen(visit.get(f"/cases/{case}").text)
    assert f"/previews/{release}" in page.links
    data = visit.get(f"/cases/{case}/records").text
    assert data.count("Not passed on yet") == 1
    pages = [visit.get(link).text for link in seen(data).links if "/records/" in link]
    (waiting,) = [each for each in pages if "Not passed on yet" in each]
    assert f"/previews/{release}" in seen(waiting).links
    assert visit.post(f"/previews/{release}", decision="stop").status_code == 303
    story.world.settle()
    assert f"/previews/{release}" not in seen(visit.get(f"/cases/{case}").text).links
    assert "Not passed on yet" not in visit.get(f"/cases/{case}/records").text


def test_that_a_permission_ends_is_said_once_and_leads_to_it(life, citizen: str, case: str):
    consent = life.world.consent(case)
    page = life.visit(citizen).get(f"/cases/{case}").text
    assert "A permission ends soon" not in page
    life.world.clock.move(days=80)
    life.world.settle()
    page = life.visit(citizen).get(f"/cases/{case}").text
    assert page.count("A permission ends soon") == 1
    assert f"/permissions/{consent}" in seen(page).links

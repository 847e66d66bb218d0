"""Who looked, in a real browser: every basis, what is held back, who does not report, empty lists."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from connectors.exchange.acts import access, cases
from connectors.exchange.acts.access import Emergency
from schemas import instant
from schemas.messages.envelope import Authority
from tests.browser.conftest import LOOKS
from tests.browser.world import AGREEMENT, DEBT, HOUSING


@pytest.fixture
def citizen(world, page, sign_in, look):
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    sign_in(page, person)
    return case


def released(world, case):
    """Let debt advice receive the tenancy; gives its statement there."""
    return world.release(case, world.grant(world.ask_consent(case)))


def open_emergency(world, case, **notice):
    emergency = Emergency(
        case=case,
        agreement=AGREEMENT,
        reason="danger-to-life",
        categories=["housing"],
        until=instant.now() + timedelta(hours=2),
        second_person="worker-9",
        notice=notice or None,
    )
    found = access.open_emergency(world.members[DEBT], emergency)
    world.settle()
    return found


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_an_empty_list_says_why_it_is_empty(world, page, audit, citizen):
    page.goto(world.at("/who-looked/"))
    audit(page)
    page.goto(world.at("/who-looked/by-law"))
    audit(page)


def test_nothing_shared_is_another_reason_than_nobody_looked(world, page, citizen):
    page.goto(world.at("/who-looked/"))
    expect(page.get_by_text("Nothing about you has been shared yet.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_release_a_look_and_an_emergency_stand_in_one_list(world, page, audit, citizen):
    world.look(released(world, citizen))
    open_emergency(world, citizen)
    page.goto(world.at("/who-looked/"))
    audit(page)
    expect(page.locator(".accord-timeline > li")).to_have_count(3)
    expect(page.locator(".accord-timeline .govuk-tag--red")).to_have_count(1)
    expect(page.locator(".accord-timeline > li").nth(1)).to_contain_text("adviser")
    expect(page.get_by_text("danger-to-life")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_list_is_narrowed_to_days_as_they_are_typed(world, page, audit, citizen):
    released(world, citizen)
    page.goto(world.at("/who-looked/"))
    expect(page.locator("#until"), "what narrows the list takes no room before it").to_be_hidden()
    page.locator("details:has(#until) summary").click()
    page.locator("#until").fill("31.12.2020")
    page.locator(".accord-filter button").click()
    audit(page)
    expect(page.locator(".accord-timeline > li")).to_have_count(0)
    page.locator("#until").fill("yesterday")
    page.locator(".accord-filter button").click()
    audit(page)
    expect(page.locator(".accord-timeline > li")).to_have_count(1)
    page.locator(".govuk-error-summary a").click()
    expect(page.locator("#until")).to_be_focused()
    expect(page.locator("#until")).to_have_value("yesterday")
    page.locator("#until").fill("31 dec 2099")
    page.locator(".accord-filter button").click()
    audit(page)
    expect(page.locator(".accord-timeline > li")).to_have_count(1)


def test_an_organisation_that_never_reports_is_named(world, page, citizen):
    released(world, citizen)
    page.goto(world.at("/who-looked/"))
    card = page.locator(".accord-card", has_text="Debt Advice")
    expect(card.get_by_text("Has never reported a look")).to_be_visible()


def test_the_list_can_be_filtered_and_says_so_when_nothing_fits(world, page, citizen):
    released(world, citizen)
    page.goto(world.at("/who-looked/?kind=emergency"))
    expect(page.get_by_text("Nothing here fits what you chose.")).to_be_visible()


def test_an_emergency_whose_notice_is_delayed_is_not_shown_before_its_date(world, page, citizen):
    on = instant.format(instant.now() + timedelta(days=2))
    open_emergency(world, citizen, kind="delayed", on=on, officer="officer-1", ground="housing-act-7")
    page.goto(world.at("/who-looked/"))
    expect(page.locator(".accord-timeline > li")).to_have_count(0)
    expect(page.get_by_text("Sometimes the law lets something be held back until a date.")).to_be_visible()


def test_a_reviewed_emergency_says_what_came_of_it(world, page, citizen):
    emergency = open_emergency(world, citizen)
    page.goto(world.at("/who-looked/"))
    expect(page.get_by_text("It is checked by")).to_be_visible()
    access.review_emergency(world.members[DEBT], emergency, "unjustified", "officer-1")
    world.settle()
    page.reload()
    expect(page.get_by_text("Checked afterwards: it was not justified")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_the_law_decides_has_a_law_and_no_switch(world, page, audit, citizen, look):
    consent = world.grant(world.ask_consent(citizen))
    cases.invite_agency(world.members[DEBT], citizen, HOUSING, Authority("consent", consent))
    world.settle()
    page.goto(world.at("/who-looked/by-law"))
    audit(page)
    expect(page.get_by_role("link", name="Sample Housing Act, section 7")).to_be_visible()
    no_switch = {"en": "You cannot switch this off here", "fr": "Vous ne pouvez pas l’arrêter ici"}
    expect(page.locator("main")).to_contain_text(no_switch[look.language])
    expect(page.locator("main button, main input")).to_have_count(0)
    page.locator(".accord-card a[href*=complaint]").click()
    expect(page.locator("input[value=complaint]")).to_be_checked()

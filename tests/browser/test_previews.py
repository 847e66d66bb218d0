"""Seeing data first, in a real browser: nothing goes on before the citizen says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.exchange.store import statements
from tests.browser.conftest import LOOKS
from tests.browser.world import DEBT


@pytest.fixture
def shown(world, page, sign_in, look):
    """A record that waits for the citizen's word; gives case and request."""
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    consent = world.grant(world.ask_consent(case, preview=True))
    request = world.request_records(case, consent)
    sign_in(page, person)
    page.goto(world.at("/home"))
    page.locator("#waiting a").first.click()
    return case, request


def given(world, request):
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        return [each for each in statements.answers_to(connection, request) if not each.mine]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_citizen_is_the_first_to_see_it(world, page, audit, shown):
    audit(page)
    expect(page.get_by_text("Sample Homes")).to_be_visible()
    assert given(world, shown[1]) == []


def test_it_goes_on_when_the_citizen_passes_it_on(world, page, shown):
    page.get_by_role("button", name="Pass it on", exact=True).click()
    page.wait_for_url("**/home")
    assert len(given(world, shown[1])) == 1


def test_it_does_not_go_on_when_the_citizen_stops_it(world, page, shown):
    page.get_by_role("button", name="Don’t pass it on").click()
    page.wait_for_url("**/home")
    assert given(world, shown[1]) == []


def test_a_second_answer_is_refused_in_plain_words(world, page, audit, shown):
    where = page.url
    page.get_by_role("button", name="Don’t pass it on").click()
    page.wait_for_url("**/home")
    page.goto(where)
    audit(page)
    expect(page.get_by_text("This was not passed on.")).to_be_visible()

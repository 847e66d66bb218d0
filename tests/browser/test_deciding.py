"""Deciding in a real browser: one request, one decision, nothing chosen before; and changing one's mind."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LOOKS


@pytest.fixture
def asked(world, page, sign_in, look):
    """A citizen who has signed in and whom an agency has asked; gives person, case and request."""
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    request = world.ask_consent(case)
    sign_in(page, person)
    return person, case, request


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_of_a_request_works_for_everybody(world, page, audit, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    audit(page)


def test_a_citizen_allows_pauses_and_takes_back(world, page, audit, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/receipts/**")
    audit(page)
    world.settle()
    page.get_by_role("link", name="Pause it or take it back").click()
    audit(page)
    page.get_by_role("button", name="Pause it").click()
    page.wait_for_url("**/receipts/**")
    world.settle()
    page.get_by_role("link", name="My permissions").first.click()
    audit(page)

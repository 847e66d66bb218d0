"""How the citizen may safely be reached, in a real browser: said in a form, and above all parts of a case."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.cases.gather import read_case
from schemas import instant
from tests.browser.conftest import LOOKS
from tests.browser.world import DEBT

LETTER = "Only by letter to my sister. Never call in the evening."
WORDS = {
    "en": ("Say how you may safely be reached", "Save and send"),
    "fr": ("Dire comment vous joindre sans risque", "Enregistrer et envoyer"),
}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_what_the_citizen_says_stands_above_every_tab_and_reaches_the_agency(
    world, page, sign_in, audit, look
):
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    sign_in(page, person)
    page.goto(world.at(f"/cases/{case}"))
    link, button = WORDS[look.language]
    audit(page)
    page.get_by_role("link", name=link).click()
    audit(page)
    page.get_by_role("button", name=button).click()
    page.locator(".govuk-error-summary").wait_for()
    audit(page)
    page.locator("textarea#text").fill(LETTER)
    page.get_by_role("button", name=button).click()
    page.get_by_text(LETTER).wait_for()
    for tab in ("", "/timeline", "/records", "/team", "/documents", "/messages"):
        page.goto(world.at(f"/cases/{case}{tab}"))
        expect(page.get_by_text(LETTER)).to_be_visible()
        audit(page)
    world.settle()
    debt = world.members[DEBT]
    with debt.database.reading() as connection:
        found = read_case(connection, debt, case, instant.now()).safe_contact
    assert found is not None
    assert found.text == LETTER

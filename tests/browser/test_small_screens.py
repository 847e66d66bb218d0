"""On a small telephone: what is typed is seen whole, filters stay in the page, the button is within reach."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Look
from tests.browser.test_account import make_passkey

SMALL = Look("fr", 320)
_OUTSIDE = """form => [...form.elements]
  .filter(each => each.getBoundingClientRect().right > form.getBoundingClientRect().right)
  .map(each => each.name || each.textContent)"""


@pytest.fixture
def look():
    return SMALL


def test_a_code_that_is_typed_is_seen_whole(world, page, sign_in):
    sign_in(page, world.person(language="fr"), at="/home")
    page.goto(world.at("/join/"))
    page.locator("#code").fill("M2WD-4WDP-WNJX-STJV-5LMW")
    assert page.locator("#code").evaluate("each => each.scrollWidth <= each.clientWidth")


@pytest.mark.parametrize("at", ["/permissions/?until=hier", "/who-looked/?until=hier"])
def test_what_narrows_a_list_stays_inside_the_page(world, page, sign_in, at):
    citizen = world.person(language="fr")
    case = world.case_with_citizen(citizen)
    world.release(case, world.grant(world.ask_consent(case)))
    sign_in(page, citizen, at="/home")
    page.goto(world.at(at))
    expect(page.locator("#until")).to_be_visible()
    assert page.locator(".accord-filter").evaluate(_OUTSIDE) == []


def test_what_a_passkey_signs_is_in_view_and_the_button_right_below(world, page, sign_in, authenticator):
    citizen = world.person(language="fr")
    authenticator(page)
    sign_in(page, citizen, at="/home")
    make_passkey(world, page, "Sample phone")
    case = world.case_with_citizen(citizen, passkeys=world.passkeys_of(citizen))
    page.goto(world.at(f"/requests/{world.ask_consent(case)}"))
    page.locator("#passkey").check()
    page.locator("button[value=allow]").click()
    exact = page.locator("#document")
    expect(exact).to_be_visible()
    assert exact.evaluate(
        "each => each.clientHeight < innerHeight / 3 && each.scrollHeight > each.clientHeight"
    )
    exact.focus()
    expect(exact).to_be_focused()


def test_a_message_that_something_is_done_leaves_room_to_the_quick_exit(world, page, sign_in):
    citizen = world.person(language="fr")
    case = world.case_with_citizen(citizen)
    sign_in(page, citizen, at="/home")
    page.goto(world.at(f"/cases/{case}/note"))
    page.locator("#text").fill("Bonjour")
    page.locator("main form button").click()
    message = page.locator(".govuk-notification-banner")
    expect(message).to_be_visible()
    left = page.locator(".govuk-exit-this-page__button").bounding_box()
    told = message.bounding_box()
    assert left is not None
    assert told is not None
    assert told["y"] >= left["y"] + left["height"] + 8

"""With the keyboard alone: controls are reached, seen while they have the focus, used."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from connectors.exchange.store import consents
from connectors.portal.store import sessions
from schemas import instant
from tests.browser.conftest import LOOKS, page_faults
from tests.flow.exchange.world import there

_FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const label = one.labels?.[0], shown = label && box.width < 2 ? label.getBoundingClientRect() : box;
  const x = Math.min(Math.max(shown.left + shown.width / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(shown.top + Math.min(shown.height / 2, 10), 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const before = getComputedStyle(label || one, "::before");
  return {
    name: (one.innerText || one.value || one.name || one.id || one.tagName).trim().slice(0, 60),
    tag: one.tagName, body: one === document.body,
    inside: shown.bottom > 0 && shown.top < innerHeight && shown.right > 0 && shown.left < innerWidth,
    onTop: !top || one.contains(top) || top.contains(one) || !!(label && label.contains(top)),
    marked: style.outlineStyle !== "none" || style.boxShadow !== "none" || before.boxShadow !== "none"
      || before.outlineStyle !== "none",
  };
}"""
_MOST = 80


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus; every stop on the way has to be seen."""
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(_FOCUSED)
        if not here["body"]:
            assert here["inside"], f"out of sight: {here}"
            assert here["onTop"], f"hidden behind something: {here}"
            assert here["marked"], f"no mark of the focus: {here}"
        if page.evaluate("each => document.activeElement.matches(each)", selector):
            return
    pytest.fail(f"{selector} is not reached with the Tab key")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_saying_yes_and_taking_it_back(world, page, sign_in, look):
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    request = world.ask_consent(case)
    sign_in(page, person, at=f"/requests/{request}")
    tab_to(page, "main summary")
    page.keyboard.press("Enter")
    tab_to(page, "input[name=shorter]")
    page.keyboard.press("Space")
    tab_to(page, "button[value=allow]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/**")
    world.settle()
    tab_to(page, "main a[href*='/permissions/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/permissions/**")
    tab_to(page, "form[action$='/withdraw'] button")
    page.keyboard.press("Space")
    page.wait_for_url("**/receipts/**")
    with world.portal.database.reading() as connection:
        (consent,) = consents.of_case(connection, case)
    assert consent.status == "withdrawn"


def test_saying_no(world, page, sign_in):
    person = world.person()
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    tab_to(page, "button[value=refuse]")
    page.keyboard.press("Space")
    page.wait_for_url("**/receipts/**")
    with world.portal.database.reading() as connection:
        assert there(consents.request(connection, request)).state == "refused"


def test_the_first_stop_skips_to_the_content(world, page, sign_in):
    person = world.person()
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("govuk-skip-link")
    expect(page.locator(".govuk-skip-link")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_an_error_is_reached_at_once_and_leads_to_its_field(world, page, sign_in):
    sign_in(page, world.person(), at="/home")
    page.goto(world.at("/join/"))
    tab_to(page, "main form button")
    page.keyboard.press("Enter")
    page.locator(".govuk-error-summary").wait_for()
    assert page.evaluate("document.activeElement.classList.contains('govuk-error-summary')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "code"


@pytest.mark.parametrize("path", ["/", "/home"])
def test_three_times_shift_leaves_quickly(world, page, sign_in, path):
    person = world.person()
    world.case_with_citizen(person)
    sign_in(page, person, at="/home")
    page.goto(world.at(path))
    left: list[str] = []

    def elsewhere(route: Route) -> None:
        left.append(route.request.url)
        route.fulfill(body="x")

    page.route(
        world.made.brand.exit_url + "**",
        elsewhere,
    )
    page.wait_for_function(
        "document.querySelector('.govuk-exit-this-page-overlay, .govuk-exit-this-page') !== null"
    )
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(world.made.brand.exit_url + "**")
    assert left != []
    page_faults(page).clear()  # that another origin was asked is the aim


def signed_in(world, person) -> bool:
    with world.portal.database.reading() as connection:
        return bool(sessions.of_account(connection, person.account, instant.now()))


@pytest.mark.parametrize("by", ["button", "keyboard"])
def test_who_left_quickly_is_not_found_by_the_way_back(world, page, sign_in, by):
    person = world.person()
    case = world.case_with_citizen(person)
    sign_in(page, person, at="/home")
    page.goto(world.at(f"/cases/{case}"))
    page.goto(world.at("/who-looked/"))
    page.route(world.made.brand.exit_url + "**", lambda route: route.fulfill(body="elsewhere"))
    with page.expect_request("**/sign-out"):
        if by == "button":
            page.locator(".govuk-exit-this-page__button").click()
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
    page.wait_for_url(world.made.brand.exit_url + "**")
    until = time.monotonic() + 10
    while signed_in(world, person) and time.monotonic() < until:
        time.sleep(0.05)
    assert not signed_in(world, person)
    page.go_back()
    expect(page).not_to_have_url(re.compile("who-looked"))
    expect(page.locator("h1")).to_have_text("Sign in")
    expect(page.locator("body")).not_to_contain_text("Sample Citizen")
    page_faults(page).clear()  # that another origin was asked is the aim


def test_nothing_holds_the_focus(world, page, sign_in):
    """Tab goes through the whole page and out of it again, forwards and backwards (WCAG 2.1.2)."""
    person = world.person()
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    for key in ("Tab", "Shift+Tab"):
        seen = set()
        for _ in range(_MOST):
            page.keyboard.press(key)
            here = page.evaluate(_FOCUSED)
            seen.add(here["name"])
            if here["body"] and len(seen) > 5:
                break
        assert {"Allow", "Don’t allow", "Suggest something else"} <= seen, key


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_going_elsewhere_by_the_menu_which_a_small_screen_folds(world, page, sign_in, look):
    sign_in(page, world.person(language=look.language), at="/home")
    menu = page.locator("nav summary")
    if look.width < 640:
        expect(page.locator(".accord-nav__list")).to_be_hidden()
        tab_to(page, "nav summary")
        page.keyboard.press("Enter")
    else:
        expect(menu).to_be_hidden()
    tab_to(page, "nav a[href='/permissions/']")
    page.keyboard.press("Enter")
    page.wait_for_url("**/permissions/")
    current = page.locator(".accord-nav__list a[aria-current=page]")
    expect(current).to_have_attribute("href", "/permissions/")

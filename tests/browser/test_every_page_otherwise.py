"""Every page there is once more: with the keyboard alone, in forced colours, very large, and without scripts.

The pages are those of the application's own map, as in `test_every_page`, and the states of forms that were
sent with nothing in them; a new page is among them by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import LOOKS, Look, page_faults
from tests.browser.test_every_page import addresses, filled
from tests.browser.test_forced_colours import _CUT, _LOST
from tests.browser.test_keyboard import _FOCUSED

__all__ = ["filled"]
_TIMEOUT_MS = 15_000
_MOST_STOPS = 120
_STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter(each => each.checkVisibility() && !each.disabled && each.type !== "hidden" && each.tabIndex >= 0
    && each.type !== "radio").length"""
_SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*{line-height:1.5!important;letter-spacing:.12em!important;"
    + "word-spacing:.16em!important} p{margin-bottom:2em!important}");
  document.adoptedStyleSheets.push(sheet);
}"""
FORMS = (
    *("/join/", "/begin/", "/acting/code", "/acting/give/helper", "/account/passkeys/{credential}"),
    *("/cases/{case_id}/note", "/cases/{case_id}/messages/new", "/cases/{case_id}/documents/new"),
    *("/cases/{case_id}/outcome", "/cases/{case_id}/invite", "/cases/{case_id}/safe-contact"),
    *(
        "/cases/{case_id}/records/{statement}/contest",
        "/requests/{request_id}",
        "/requests/{request_id}/suggest",
    ),
    "/acting/{mandate_id}/renew",
)
"""Where one can press a button with nothing filled in, and nothing is done."""


@pytest.fixture
def everywhere(world, page: Page, filled) -> list[str]:
    """Give the address of every page, with a receipt to look at too."""
    page.locator("form[action$=suspend] button").click()
    page.wait_for_url("**/receipts/**")
    world.settle()
    found = list(addresses(world, {**filled, "receipt_id": page.url.rpartition("/")[2]}))
    assert len(found) > 35
    return found


def go_through(page: Page, where: str) -> None:
    """Press Tab through the whole page: each stop is in sight, marked and in front, and none is left out."""
    stops = page.evaluate(_STOPS)
    reached = 0
    while not page.evaluate("document.activeElement === document.body"):  # to the end, to begin at the top
        page.keyboard.press("Tab")
    for _ in range(_MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(_FOCUSED)
        if here["body"]:
            break
        reached += 1
        assert here["inside"], f"{where}: out of sight: {here}"
        assert here["onTop"], f"{where}: hidden behind something: {here}"
        assert here["marked"], f"{where}: no mark of the focus: {here}"
    assert reached >= stops, f"{where}: {stops} things can be used, {reached} are reached"


def look_otherwise(page: Page, where: str, width: int) -> None:
    """Look at a page in forced colours, and 400 % large with wide spacing (WCAG 1.4.10, 1.4.12)."""
    page.emulate_media(forced_colors="active")
    assert page.evaluate(_LOST) == [], f"{where} in forced colours"
    page.emulate_media(forced_colors="none")
    page.set_viewport_size({"width": 320, "height": 256})
    page.evaluate(_SPACED)
    assert page.evaluate(_CUT) == [], f"{where} with wide spacing"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where} is too wide"
    assert page.evaluate(_LOST) == [], f"{where} very large"
    page.set_viewport_size({"width": width, "height": 900})


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_works_with_the_keyboard_alone_in_forced_colours_and_very_large(
    world, page, everywhere, look
):
    for address in everywhere:
        page.goto(world.at(address))
        go_through(page, address)
        look_otherwise(page, address, look.width)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_form_sent_empty_says_so_for_everybody(world, page, audit, filled, look):
    refused = 0
    for form in FORMS:
        address = form.format(**filled)
        page.goto(world.at(address))
        page.evaluate("document.querySelectorAll('main input[type=text]').forEach(each => each.value = '')")
        page.locator("main form[method=post]:not(.accord-inline)").last.evaluate("each => each.submit()")
        page.locator(".govuk-error-summary").wait_for()
        expect(page).to_have_title(re.compile("^(Error:|Erreur)"))
        audit(page)
        for link in page.locator(".govuk-error-summary a").all():
            leads_to = link.get_attribute("href") or "none"
            expect(page.locator(leads_to), f"{address}: {leads_to}").to_have_count(1)
        go_through(page, address)
        look_otherwise(page, address, look.width)
        page_faults(page).clear()
        refused += 1
    assert refused == len(FORMS)


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Callable[[Page, Look], Page]]:
    """Give a window that runs no scripts, beside one that does and is signed in."""
    opened: list[BrowserContext] = []

    def beside(page: Page, look: Look) -> Page:
        context = browser.new_context(
            java_script_enabled=False,
            storage_state=page.context.storage_state(),
            viewport={"width": look.width, "height": 900},
        )
        context.set_default_timeout(_TIMEOUT_MS)
        opened.append(context)
        return context.new_page()

    yield beside
    for context in opened:
        context.close()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_is_whole_without_scripts(world, page, everywhere, look, without_scripts):
    """What can be done is the same; a form that needs a script for a passkey says so."""
    plain = without_scripts(page, look)
    for address in everywhere:
        page.goto(world.at(address))
        answer = plain.goto(world.at(address))
        assert answer is not None
        assert answer.status == 200, address
        expect(plain.locator("h1")).to_have_count(1)
        expect(plain.locator(".govuk-exit-this-page__button")).to_be_visible()
        expect(
            plain.locator(f".accord-header__tools a[hreflang={'fr' if look.language == 'en' else 'en'}]")
        ).to_be_visible()
        for what in ("main a:visible", "main form", "main button:visible", "main summary"):
            fewer = plain.locator(what).count() < page.locator(what).count()
            says_so = plain.locator("noscript").count() or "JavaScript" in plain.locator("main").inner_text()
            assert not fewer or says_so, f"{address}: {what}"
        assert plain.evaluate("document.documentElement.scrollWidth <= innerWidth"), address

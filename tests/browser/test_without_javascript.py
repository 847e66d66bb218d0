"""Everything but passkeys works without JavaScript: joining, deciding, taking back, writing, files."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors.exchange.store import consents

_TIMEOUT_MS = 15_000


@pytest.fixture
def page(browser: Browser, world) -> Iterator[Page]:
    """A window that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(_TIMEOUT_MS)
    context.add_cookies([{"name": "language", "value": "en", "url": world.made.origin}])
    yield context.new_page()
    context.close()


def press(page: Page, name: str) -> None:
    """Press a button in the middle of the page."""
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def is_headed(page: Page, words: str) -> None:
    """Wait for the page with this heading."""
    expect(page.locator("h1")).to_have_text(words)


def test_joining_with_a_code(world, page, sign_in):
    _case, code = world.invitation()
    sign_in(page, world.person(), at="/home")
    page.goto(world.at("/join/"))
    expect(page.locator("main")).to_contain_text("at the end of its address", use_inner_text=True)
    page.get_by_label("Your code").fill("wrong")
    press(page, "Join")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.get_by_label("Your code")).to_have_value("wrong")
    page.get_by_label("Your code").fill(code)
    press(page, "Join")
    is_headed(page, "Almost there")
    world.settle()
    press(page, "Look again")
    is_headed(page, "Summary")


def test_asking_for_help_alone(world, page, sign_in):
    sign_in(page, world.person(), at="/begin/")
    page.goto(world.at("/begin/"))
    page.get_by_label("In your own words").fill("Sample words")
    press(page, "Continue")
    page.locator("main input[type=checkbox]").first.check()
    press(page, "Ask them")
    expect(page.get_by_text("Your case is open.")).to_be_visible()


def test_deciding_and_taking_back(world, page, sign_in):
    person = world.person()
    case = world.case_with_citizen(person)
    first, second = world.ask_consent(case), world.ask_consent(case)
    sign_in(page, person, at=f"/requests/{first}")
    page.get_by_text("Allow it for a shorter time").click()
    page.locator("input[name=shorter][value='30']").check()
    page.get_by_text("More about this request").click()
    expect(page.get_by_text("Where to complain")).to_be_visible()
    press(page, "Allow")
    is_headed(page, "You allowed a part of this.")
    press(page, "Next request")
    expect(page).to_have_url(re.compile(f"{second}$"))
    press(page, "Don’t allow")
    is_headed(page, "You did not allow this.")
    world.settle()
    page.get_by_role("link", name="My permissions").first.click()
    page.get_by_role("button", name="Take it back").click()
    is_headed(page, "You took this permission back.")
    with world.portal.database.reading() as connection:
        (consent,) = consents.of_case(connection, case)
    assert consent.status == "withdrawn"


def test_writing_a_message_a_note_and_adding_a_document(world, page, sign_in):
    person = world.person()
    case = world.case_with_citizen(person)
    sign_in(page, person, at=f"/cases/{case}/messages/new")
    page.locator("input[name=to]").first.check()
    page.locator("input[name=kind][value=question]").check()
    page.get_by_label("Your message").fill("Sample question")
    press(page, "Send")
    expect(page.get_by_text("Your message is sent.")).to_be_visible()
    page.goto(world.at(f"/cases/{case}/note"))
    page.get_by_label("In your own words").fill("Sample note")
    press(page, "Add the note")
    expect(page.get_by_text("Sample note")).to_be_visible()
    page.goto(world.at(f"/cases/{case}/documents/new"))
    press(page, "Add the document")
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.get_by_label("What is it?").fill("Sample letter")
    page.locator("input[type=file]").set_input_files(
        {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Sample"}
    )
    press(page, "Add the document")
    with page.expect_download() as download:
        page.get_by_role("link", name="Sample letter").click()
    assert download.value.suggested_filename == "letter.txt"


def test_saying_that_a_record_is_wrong(world, page, sign_in):
    person = world.person()
    case = world.case_with_citizen(person)
    world.release(case, world.grant(world.ask_consent(case)))
    sign_in(page, person, at=f"/cases/{case}/records")
    page.locator("main .accord-card a").first.click()
    press(page, "Something is wrong here")
    page.locator("input[name=wrong]").first.check()
    page.get_by_label("What is right?").fill("Sample words")
    press(page, "Send")
    expect(page.get_by_text("Said to be wrong")).to_be_visible()


def test_changing_the_language_on_any_page(world, page, sign_in):
    person = world.person()
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    page.get_by_role("link", name="Français").click()
    expect(page).to_have_url(re.compile(f"{request}$"))
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_text("Pour faire un plan pour vos dettes.")).to_be_visible()


def test_leaving_quickly_is_a_link(world, page):
    page.goto(world.at("/"))
    exit_link = page.get_by_role("button", name="Leave this page quickly")
    expect(exit_link).to_have_attribute("href", world.made.brand.exit_url)
    expect(exit_link).to_have_attribute("rel", re.compile("noreferrer"))


def test_what_needs_a_script_says_so(world, page, sign_in):
    sign_in(page, world.person(), at="/account/passkeys/new")
    page.goto(world.at("/account/passkeys/new"))
    expect(page.locator("noscript").first).to_be_attached()
    expect(page.locator("main")).to_contain_text("JavaScript", use_inner_text=True)

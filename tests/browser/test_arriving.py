"""Arriving: with a code in a link or typed by hand, or alone with a wish; and the start page afterwards."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.cases.gather import read_case
from connectors.exchange.acts.coordination import Words, send_message
from connectors.exchange.store import cases as case_store
from connectors.portal.arriving import tell_first_words
from connectors.portal.store import accounts
from schemas import instant
from tests.browser.conftest import LOOKS
from tests.browser.world import BENEFITS, DEBT


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_link_with_a_code_leads_into_the_case_and_no_server_hears_the_code(world, page, audit, look):
    citizen = world.person()
    case, code = world.invitation()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(world.at(f"/join/#{code}"))
    expect(page, "the code does not stay in the address").to_have_url(world.at("/join/"))
    audit(page)
    page.locator("#main-content .govuk-button").click()
    page.locator("form[action$='/sign-in'] button").click()
    page.locator("input[name=sub]").fill(citizen.subject)
    page.get_by_role("button", name="Authorize").click()
    expect(page.locator("#code")).to_have_value(code)
    audit(page)
    page.locator("form[action$='/join/'] button").click()
    page.wait_for_url(world.at(f"/join/{case}"))
    audit(page)
    world.settle()
    page.reload()
    expect(page, "the organisation has confirmed").not_to_have_url(world.at(f"/join/{case}"))
    with world.portal.database.reading() as connection:
        assert accounts.owner_of(connection, case) == citizen.account
    assert not [url for url in asked if code.replace("-", "")[:5] in url]


def test_a_code_from_a_link_survives_another_language_and_is_forgotten_when_used(world, page, sign_in):
    case, code = world.invitation()
    sign_in(page, world.person(), at="/home")
    page.goto(world.at(f"/join/#{code}"))
    expect(page.locator("#code")).to_have_value(code)
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#code")).to_have_value(code)
    page.locator("form[action$='/join/'] button").click()
    page.wait_for_url(world.at(f"/join/{case}"))
    page.goto(world.at("/join/"))
    expect(page.locator("#code")).to_have_value("")


def test_a_code_from_a_link_is_forgotten_when_signing_out(world, page, sign_in):
    """It opens a case, once: whoever comes next to the same window does not find it."""
    _case, code = world.invitation()
    sign_in(page, world.person(), at="/home")
    page.goto(world.at(f"/join/#{code}"))
    expect(page.locator("#code")).to_have_value(code)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(world.at("/signed-out"))
    page.wait_for_function("() => sessionStorage.getItem('code') === null")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_wrong_code_is_said_in_words_and_stays_in_the_field(world, page, sign_in, audit):
    sign_in(page, world.person(), at="/home")
    page.goto(world.at("/join/"))
    page.locator("#code").fill("2222 3333 4444 5555 6666")
    page.locator("form[action$='/join/'] button").click()
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    expect(page.locator("#code")).to_have_value("2222 3333 4444 5555 6666")
    audit(page)


def test_a_waiting_page_says_by_itself_that_the_organisation_has_confirmed(world, page, sign_in):
    sign_in(page, world.person(), at="/home")
    _case, code = world.invitation()
    page.goto(world.at("/join/"))
    page.locator("#code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_text("It is confirmed.")).to_be_hidden()
    world.settle()
    expect(page.get_by_text("It is confirmed.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_somebody_comes_alone_and_the_organisation_reads_their_words(world, page, sign_in, audit):
    citizen = world.person()
    sign_in(page, citizen, at="/home")
    audit(page)
    page.goto(world.at("/begin/"))
    audit(page)
    page.locator("#words").fill("The rent is too high.\nI do not know whom to ask.")
    page.locator("input[value=logement-hebergement]").check()
    page.locator("form[action$='/begin/'] button").click()
    page.wait_for_url(world.at("/begin/whom"))
    audit(page)
    page.get_by_label("Debt Advice Centre").check()
    page.locator("form[action$='/begin/whom'] button").click()
    page.wait_for_function("() => !location.pathname.startsWith('/begin')")
    audit(page)
    world.settle()
    assert tell_first_words(world.portal, instant.now()) == 1
    assert tell_first_words(world.portal, instant.now()) == 0, "nobody is told twice"
    world.settle()
    with world.portal.database.reading() as connection:
        (row,) = accounts.cases_of(connection, citizen.account)
    asked, other = world.members[DEBT], world.members[BENEFITS]
    with asked.database.reading() as connection:
        (note,) = read_case(connection, asked, row.case, instant.now()).notes
    assert note.text is not None
    assert "The rent is too high." in note.text
    with other.database.reading() as connection:
        assert case_store.find(connection, row.case) is None, "who was not asked learns nothing"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_start_page_shows_what_waits_the_cases_and_who_looked(world, page, sign_in, audit):
    citizen = world.person()
    case = world.case_with_citizen(citizen)
    consent = world.grant(world.ask_consent(case))
    world.look(world.release(case, consent))
    request = world.ask_consent(case)
    sign_in(page, citizen, at="/home")
    expect(page.locator(f"#waiting a[href$='/requests/{request}']")).to_be_visible()
    expect(page.locator("#main-content")).to_contain_text("Debt Advice Centre")
    expect(page.locator(".accord-card")).to_have_count(1)
    audit(page)
    page.goto(world.at("/cases/"))
    audit(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_empty_pages_say_why_they_are_empty_and_what_to_do(world, page, sign_in, audit):
    sign_in(page, world.person(), at="/home")
    expect(page.locator(".accord-empty")).to_have_count(1)
    expect(page.locator("#main-content a[href$='/join/']")).to_be_visible()
    expect(page.locator("#main-content a[href$='/begin/']")).to_be_visible()
    page.goto(world.at("/cases/"))
    expect(page.locator(".accord-empty")).to_have_count(1)
    audit(page)


def test_a_new_message_is_named_on_the_start_page_until_it_was_seen(world, page, sign_in):
    citizen = world.person()
    case = world.case_with_citizen(citizen)
    send_message(world.members[DEBT], case, Words(text="We are open again on Monday.", subject="Hours"))
    world.settle()
    sign_in(page, citizen, at="/home")
    page.get_by_role("link", name="New message from Debt Advice Centre").click()
    expect(page.get_by_text("We are open again on Monday.")).to_be_visible()
    page.goto(world.at("/home"))
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()

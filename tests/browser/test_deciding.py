"""Deciding in a real browser: one request, one decision, nothing chosen before; and changing one's mind."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.exchange.store import consents, offers
from connectors.portal.store import notices
from tests.browser.conftest import LOOKS
from tests.browser.test_account import make_passkey
from tests.browser.world import DEBT

WITH_OPTIONAL = [
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": ["landlord"],
        "necessity": "needed",
        "special": False,
    },
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": ["rent"],
        "necessity": "optional",
        "special": False,
    },
]


@pytest.fixture
def asked(world, page, sign_in, look):
    """A citizen who has signed in and whom an agency has asked; gives person, case and request."""
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    request = world.ask_consent(case)
    sign_in(page, person)
    return person, case, request


def state_of(connection, request):
    return request_of(connection, request).state


def request_of(connection, request):
    row = consents.request(connection, request)
    assert row is not None
    return row


def consents_of(world, case):
    with world.portal.database.reading() as connection:
        return consents.of_case(connection, case)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_on_the_way_to_yes_and_back_works_for_everybody(world, page, audit, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    audit(page)
    page.locator("main details summary").first.click()
    audit(page)
    page.locator("button[value=allow]").click()
    page.wait_for_url("**/receipts/**")
    audit(page)
    world.settle()
    page.goto(world.at("/permissions/"))
    audit(page)
    page.locator(".accord-card h3 a").first.click()
    audit(page)
    page.locator("form[action$=suspend] button").click()
    page.wait_for_url("**/receipts/**")
    audit(page)


def test_a_no_is_one_click_and_shares_nothing(world, page, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.get_by_role("button", name="Don’t allow").click()
    page.get_by_role("heading", name="You did not allow this.").wait_for()
    world.settle()
    assert consents_of(world, asked[1]) == []
    page.goto(world.at(f"/requests/{asked[2]}"))
    expect(page.get_by_text("The answer to this was no.")).to_be_visible()
    expect(page.locator("button[value=allow]")).to_have_count(0)


def test_an_optional_field_that_is_not_ticked_is_left_out(world, page, sign_in):
    person = world.person()
    case = world.case_with_citizen(person)
    request = world.ask_consent(case, data=WITH_OPTIONAL)
    sign_in(page, person)
    page.goto(world.at(f"/requests/{request}"))
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/receipts/**")
    (consent,) = consents_of(world, case)
    assert [each["necessity"] for each in consent.document["data"]] == ["needed"]
    expect(page.get_by_role("heading", name="You allowed a part of this.")).to_be_visible()


def test_an_optional_field_that_is_ticked_is_in(world, page, sign_in):
    person = world.person()
    case = world.case_with_citizen(person)
    request = world.ask_consent(case, data=WITH_OPTIONAL)
    sign_in(page, person)
    page.goto(world.at(f"/requests/{request}"))
    page.get_by_label("Rent per month").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/receipts/**")
    (consent,) = consents_of(world, case)
    assert [field for each in consent.document["data"] for field in each["fields"]] == ["landlord", "rent"]


def test_a_shorter_time_ends_sooner(world, page, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.get_by_text("Allow it for a shorter time").click()
    page.locator("input[name=shorter][value='30']").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/receipts/**")
    (consent,) = consents_of(world, asked[1])
    with world.portal.database.reading() as connection:
        terms = request_of(connection, asked[2]).terms
    assert consent.document["valid_until"] < terms["valid_until"]


def test_the_words_that_were_shown_are_kept_by_their_digest(world, page, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.get_by_role("button", name="Allow", exact=True).click()
    page.wait_for_url("**/receipts/**")
    (consent,) = consents_of(world, asked[1])
    with world.portal.database.reading() as connection:
        kept = notices.find(connection, consent.document["notice"]["sha256"])
    assert kept is not None
    assert "Debt Advice" in kept.text.decode()
    assert "Allow" in kept.text.decode()


def test_leaving_the_page_decides_nothing(world, page, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.goto(world.at("/home"))
    with world.portal.database.reading() as connection:
        assert state_of(connection, asked[2]) == "open"


def test_a_suggestion_reaches_the_asker_and_decides_nothing(world, page, audit, asked):
    page.goto(world.at(f"/requests/{asked[2]}"))
    page.get_by_role("link", name="Suggest something else").click()
    audit(page)
    page.get_by_role("button", name="Send my suggestion").click()
    audit(page)
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Landlord").check()
    page.get_by_label("Only once").check()
    page.get_by_role("button", name="Send my suggestion").click()
    page.wait_for_url("**/home")
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (offer,) = offers.of_case(connection, asked[1])
    assert offer.terms["fetch"] == "once"
    assert offer.terms["data"][0]["fields"] == ["landlord"]
    with world.portal.database.reading() as connection:
        assert state_of(connection, asked[2]) == "open"


def test_a_passkey_confirms_the_very_text_that_is_shown(world, page, sign_in, authenticator, audit):
    person = world.person()
    authenticator(page)
    sign_in(page, person)
    make_passkey(world, page, "Sample phone")
    case = world.case_with_citizen(person, passkeys=world.passkeys_of(person))
    request = world.ask_consent(case)
    page.goto(world.at(f"/requests/{request}"))
    page.get_by_label("Also confirm with my passkey").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    audit(page)
    page.get_by_role("button", name="Confirm with my passkey").click()
    page.wait_for_url("**/receipts/**")
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (there,) = consents.of_case(connection, case)
    assert there.proven
    assert {each["kind"] for each in there.document["proof"]} == {"portal", "passkey"}


def test_going_back_after_a_confirmation_that_failed_asks_the_device_anew(
    world, page, sign_in, authenticator
):
    """A browser that goes back may fill in what the device had said before; that is not sent again."""
    person = world.person()
    authenticator(page)
    sign_in(page, person)
    make_passkey(world, page, "Sample phone")
    request = world.ask_consent(world.case_with_citizen(person, passkeys=world.passkeys_of(person)))
    page.goto(world.at(f"/requests/{request}"))
    page.get_by_label("Also confirm with my passkey").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    page.locator("input[name=signature]").evaluate("field => { field.value = 'c3RhbGU'; }")
    page.get_by_role("button", name="Confirm with my passkey").click()
    page.wait_for_url("**/receipts/**")


def test_withdrawing_shows_who_has_deleted(world, page, asked, audit):
    consent = world.grant(asked[2])
    world.release(asked[1], consent)
    page.goto(world.at(f"/permissions/{consent}"))
    page.get_by_role("button", name="Take it back").click()
    page.wait_for_url("**/receipts/**")
    page.get_by_role("link", name="See which organisations have deleted their copies").click()
    audit(page)
    expect(page.get_by_text("Not confirmed yet")).to_have_count(2)  # the record, and the request for it
    world.settle()
    page.reload()
    expect(page.locator(".accord-board .govuk-tag--green")).to_have_count(2)
    expect(page.locator(".accord-board .govuk-tag--red")).to_have_count(0)

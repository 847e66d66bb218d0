"""The account in a real browser: language, sessions; passkeys made, brought into cases, removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from connectors.exchange.acts import seat_keys
from connectors.portal.store import accounts, passkeys
from tests.browser.conftest import LOOKS
from tests.browser.world import DEBT
from tests.flow.exchange.world import there


def make_passkey(world, page: Page, name: str) -> None:
    """Make a passkey as a person does; their device knows them."""
    page.goto(world.at("/account/passkeys/new"))
    page.locator("#name").fill(name)
    page.locator("#new button").click()
    page.wait_for_function("() => !location.pathname.endsWith('/new')")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_account_page_works_for_everybody(world, page, sign_in, audit):
    sign_in(page, world.person(), at="/account/")
    audit(page)
    page.goto(world.at("/account/passkeys/"))
    audit(page)
    page.goto(world.at("/account/passkeys/new"))
    audit(page)


def test_the_language_is_kept_with_the_account_for_other_devices(world, page, sign_in):
    citizen = world.person()
    sign_in(page, citizen, at="/account/")
    page.get_by_label("Français").check()
    page.get_by_role("button", name="Keep this language").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    with world.portal.database.reading() as connection:
        assert there(accounts.find(connection, citizen.account)).language == "fr"


def test_signing_out_everywhere_else_ends_the_other_device_and_not_this_one(world, page, new_page, sign_in):
    citizen, other = world.person(), new_page(LOOKS[0])
    sign_in(other, citizen, at="/home")
    sign_in(page, citizen, at="/account/")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_text("You are signed out on 1 other device.")).to_be_visible()
    other.goto(world.at("/home"))
    assert "/sign-in" in other.url
    page.goto(world.at("/home"))
    expect(page).to_have_url(world.at("/home"))


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_passkey_is_made_named_and_removed(world, page, sign_in, authenticator, audit):
    citizen = world.person()
    sign_in(page, citizen, at="/home")
    device = authenticator(page)
    make_passkey(world, page, "Sample phone")
    audit(page)
    expect(page.locator("h1")).to_contain_text("Sample phone")
    assert len(device.credentials()) == 1
    with world.portal.database.reading() as connection:
        (kept,) = passkeys.in_use(connection, citizen.account)
    assert (kept.jwk["kty"], kept.rp_id, kept.origins) == ("EC", "localhost", [world.made.origin])
    page.locator("form[action$='/remove'] button").click()
    page.wait_for_url(world.at("/account/passkeys/"))
    audit(page)
    with world.portal.database.reading() as connection:
        assert passkeys.in_use(connection, citizen.account) == []


def test_a_device_that_does_not_recognise_its_owner_makes_no_passkey(world, page, sign_in, authenticator):
    citizen = world.person()
    sign_in(page, citizen, at="/home")
    authenticator(page).user_verified(False)
    page.goto(world.at("/account/passkeys/new"))
    page.locator("#new button").click()
    expect(page.locator("#new [role=alert]")).to_contain_text("No passkey was made", timeout=20_000)
    with world.portal.database.reading() as connection:
        assert passkeys.in_use(connection, citizen.account) == []


def test_a_first_passkey_waits_in_a_case_until_the_organisation_has_compared_its_number(
    world, page, sign_in, authenticator, audit
):
    citizen = world.person()
    case = world.case_with_citizen(citizen)
    sign_in(page, citizen, at="/home")
    authenticator(page)
    make_passkey(world, page, "Sample phone")
    world.settle()
    (waiting,) = seat_keys.waiting_keys(world.members[DEBT], case)
    (shown,) = waiting.passkeys
    expect(page.get_by_text(shown.number)).to_be_visible()
    audit(page)
    page.goto(world.at("/home"))
    expect(page.locator("#waiting")).to_contain_text("A new passkey waits")
    seat_keys.attest_keys(world.members[DEBT], case, waiting.message)
    world.settle()
    page.goto(world.at("/home"))
    expect(page.locator("#waiting")).to_have_count(0)
    assert [key.kid for key in seat_keys.passkeys_in(world.portal, case).in_force] == [shown.kid]


def test_an_earlier_passkey_vouches_for_a_new_one_at_once(
    world, page, new_page, *, sign_in, authenticator, audit
):
    citizen = world.person()
    sign_in(page, citizen, at="/home")
    authenticator(page)
    make_passkey(world, page, "Old phone")
    case = world.case_with_citizen(citizen, passkeys=world.passkeys_of(citizen))
    other = new_page(LOOKS[0])
    sign_in(other, citizen, at="/home")
    authenticator(other)
    make_passkey(world, other, "New phone")
    address = other.url
    expect(other.get_by_text("Confirm with my earlier passkey")).to_be_visible()
    page.goto(address)
    page.get_by_role("button", name="Confirm with my earlier passkey").click()
    audit(page)
    page.locator("#confirm button").click()
    page.wait_for_url(address)
    expect(page.get_by_text("Counts here")).to_be_visible()
    world.settle()
    assert len(seat_keys.passkeys_in(world.portal, case).in_force) == 2
    assert len(seat_keys.passkeys_in(world.members[DEBT], case).in_force) == 2


def test_who_loses_every_passkey_still_decides(world, page, sign_in, authenticator):
    citizen = world.person()
    sign_in(page, citizen, at="/home")
    authenticator(page)
    make_passkey(world, page, "Lost phone")
    case = world.case_with_citizen(citizen, passkeys=world.passkeys_of(citizen))
    page.locator("form[action$='/remove'] button").click()
    page.wait_for_url(world.at("/account/passkeys/"))
    world.settle()
    assert seat_keys.passkeys_in(world.members[DEBT], case).in_force == ()
    consent = world.grant(world.ask_consent(case))
    assert world.release(case, consent)

"""Acting for somebody in a real browser: given, taken up, used, shown, ended; two who decide together."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from connectors.exchange.acts import cases
from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.acting.codes import code_hash
from connectors.portal.acting.rules import Terms
from connectors.portal.store import accounts
from connectors.portal.store import mandates as stored
from schemas import instant
from tests.browser.conftest import LOOKS
from tests.flow.exchange.world import HOUSING

EVIDENCE = {
    "register": "Civil register",
    "reference": "2026-17",
    "checked_at": "2026-03-10T09:00:00.000Z",
    "checked_by_role": "front desk",
}


@pytest.fixture
def family(world):
    """A child with a case, an open request in it, and two parents who decide together."""
    now = instant.now()
    with world.portal.database.writing() as connection:
        child = accounts.create(connection, kind="ward", language="en", now=now, name="Sample Child")
        terms = Terms(
            kind="parental",
            valid_until=now + timedelta(days=200),
            of_age_on=now + timedelta(days=300),
            joint=True,
            evidence=EVIDENCE,
        )
        codes = [mandates.enter(connection, child, terms, now).code for _ in range(2)]
    return child, codes, world.ask_consent(case_of(world, child))


def case_of(world, account: str) -> str:
    """A case of somebody who cannot sign in."""
    case, code = world.invitation()
    assert cases.join_case(world.portal, code) == case
    with world.portal.database.writing() as connection:
        accounts.own(connection, account, case, instant.now())
    world.settle()
    return str(case)


def both_parents(world, pages, sign_in, codes, language: str = "en") -> None:
    """Let two parents come, each in a window of their own, and act for their child."""
    for each, code in zip(pages, codes, strict=True):
        sign_in(each, world.person("Sample Parent", language=language), at="/acting/code")
        take_up(world, each, code)
        begin(world, each)


def begin(world, page) -> None:
    """Act for the one person for whom this visitor can."""
    page.goto(world.at("/acting/"))
    page.locator("form[action$='/begin'] button").click()
    page.wait_for_url("**/home")


def take_up(world, page, code: str) -> None:
    """Type a code."""
    page.goto(world.at("/acting/code"))
    page.locator("#code").fill(code)
    page.locator("main form button").click()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_helper_is_let_in_does_something_is_seen_and_ended(  # noqa: PLR0917 - fixtures, taken by name
    world, page, new_page, sign_in, audit, look
):
    citizen, helper = (
        world.person(language=look.language),
        world.person("Sample Helper", language=look.language),
    )
    case = world.case_with_citizen(citizen)
    consent = world.grant(world.ask_consent(case))
    sign_in(page, citizen, at="/acting/")
    audit(page)
    page.goto(world.at("/acting/give/helper"))
    audit(page)
    page.locator("main form button").click()
    audit(page)
    expect(page.locator(".govuk-error-summary")).to_be_visible()
    page.locator("input[name=scope][value=all]").check()
    page.locator("input[name=until][value='90']").check()
    page.locator("main form button").click()
    audit(page)
    code = page.locator("#code").inner_text()

    other = new_page(look)
    sign_in(other, helper, at="/acting/code")
    audit(other)
    take_up(world, other, "A" * 20)
    audit(other)
    take_up(world, other, code)
    audit(other)
    begin(world, other)
    audit(other)
    other.goto(world.at("/acting/"))
    audit(other)
    other.goto(world.at(f"/permissions/{consent}"))
    other.locator("form[action$='/withdraw'] button").click()
    other.wait_for_url("**/receipts/**")

    page.goto(world.at("/home"))
    expect(page.locator("nav li .accord-count")).to_contain_text("2")
    page.goto(world.at("/acting/"))
    audit(page)
    expect(page.locator(".accord-timeline .govuk-tag--blue")).to_have_count(2)
    page.locator(".accord-card a").first.click()
    audit(page)
    page.locator("form[action$='/end'] button").click()
    audit(page)
    other.goto(world.at(f"/cases/{case}"))
    expect(other.locator(".accord-acting")).to_have_count(0)
    expect(other.locator("h1")).not_to_contain_text("Summary")
    world.settle()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_somebody_trusted_gets_what_was_ticked_for_one_case_until_a_day(world, page, sign_in, audit, look):
    citizen = world.person(language=look.language)
    case = world.case_with_citizen(citizen)
    sign_in(page, citizen, at="/acting/give/trusted")
    expect(page.locator("main input:checked"), "nothing is chosen before").to_have_count(0)
    audit(page)
    page.locator("input[name=powers][value=refuse]").check()
    page.locator("input[name=scope][value=some]").check()
    page.locator(f"input[name=cases][value='{case}']").check()
    page.locator("input[name=until][value=date]").check()
    last = (instant.now() + timedelta(days=40)).date().isoformat()
    page.locator("#last_day").fill(last)
    page.locator("main form button").click()
    expect(page.locator("#code")).to_be_visible()
    with world.portal.database.reading() as connection:
        (row,) = stored.given_by(connection, citizen.account)
    assert (row.powers, row.cases) == (["view", "refuse"], [case])
    page.goto(world.at(f"/acting/{row.id}"))
    audit(page)


def test_a_mandate_is_made_longer(world, page, sign_in, audit):
    citizen, helper = world.person(), world.person("Sample Helper")
    with world.portal.database.writing() as connection:
        row = accounts.find(connection, citizen.account)
        assert row is not None
    sign_in(page, citizen, at="/acting/give/helper")
    page.locator("input[name=until][value='30']").check()
    page.locator("main form button").click()
    code = page.locator("#code").inner_text()
    page.context.clear_cookies(name="session")
    sign_in(page, helper, at="/acting/code")
    take_up(world, page, code)
    page.context.clear_cookies(name="session")
    sign_in(page, citizen, at="/acting/")
    page.locator(".accord-card a").first.click()
    page.get_by_role("button", name="Make it longer or shorter").click()
    audit(page)
    page.locator("input[name=until][value='180']").check()
    page.locator("main form button").click()
    expect(page.get_by_text("The new end is kept.")).to_be_visible()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_two_parents_say_yes_one_after_the_other(  # noqa: PLR0917 - fixtures, taken by name
    world, page, new_page, sign_in, audit, look, family
):
    _child, codes, request = family
    pages = [page, new_page(look)]
    for each, code in zip(pages, codes, strict=True):
        sign_in(each, world.person("Sample Parent", language=look.language), at="/acting/code")
        take_up(world, each, code)
        begin(world, each)
    first, second = pages
    first.goto(world.at(f"/requests/{request}"))
    audit(first)
    first.locator("button[value=allow]").click()
    first.wait_for_url("**/home")
    audit(first)
    first.goto(world.at("/acting/"))
    audit(first)
    second.goto(world.at("/acting/"))
    audit(second)
    second.locator(f"main a[href='/requests/{request}']").click()
    expect(second.locator("#together")).to_be_visible()
    audit(second)
    second.locator("button[value=allow]").click()
    second.wait_for_url("**/receipts/**")
    first.goto(world.at(f"/requests/{request}"))
    audit(first)
    world.settle()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_two_parents_invite_and_open_again_only_together(  # noqa: PLR0917 - fixtures, taken by name
    world, page, new_page, sign_in, audit, look, family
):
    child, codes, _request = family
    world.portal.directory.member(HOUSING)
    with world.portal.database.reading() as connection:
        (case,) = [row.case for row in accounts.cases_of(connection, child)]
    first, second = pages = [page, new_page(look)]
    both_parents(world, pages, sign_in, codes, look.language)
    first.goto(world.at(f"/cases/{case}/invite"))
    audit(first)
    first.locator(f"input[value='{HOUSING}']").check()
    first.locator("main form button").click()
    first.wait_for_url("**/acting/together/**")
    audit(first)
    second.goto(world.at("/home"))
    audit(second)
    second.locator("main a[href*='/acting/together/']").click()
    audit(second)
    choices = second.locator(".accord-choice")
    expect(choices).to_have_count(2)
    sizes = [choices.nth(each).bounding_box() for each in range(2)]
    assert sizes[0]["height"] == sizes[1]["height"], "yes and no weigh the same"
    assert sizes[0]["width"] == sizes[1]["width"]
    choices.last.click()
    expect(second.locator(".govuk-inset-text")).to_be_visible()
    audit(second)
    first.goto(world.at("/acting/"))
    audit(first)

    first.goto(world.at(f"/cases/{case}/close"))
    first.locator("main form button").click()
    world.settle()
    first.goto(world.at(f"/cases/{case}"))
    audit(first)
    first.locator("form[action$='/reopen'] button").click()
    first.wait_for_url("**/acting/together/**")
    second.goto(first.url)
    audit(second)
    second.locator(".accord-choice").first.click()
    second.wait_for_url(f"**/cases/{case}")
    second.goto(world.at("/acting/"))
    audit(second)
    world.settle()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_where_one_parent_is_safely_reached_is_not_shown_to_the_other(  # noqa: PLR0917 - fixtures, taken by name
    world, page, new_page, sign_in, audit, look, family
):
    child, codes, _request = family
    with world.portal.database.reading() as connection:
        (case,) = [row.case for row in accounts.cases_of(connection, child)]
        parents = {row.code_hash: row.id for row in stored.given_by(connection, child)}
    by_second = parents[code_hash("mandate", codes[1])]
    first, second = pages = [page, new_page(look)]
    both_parents(world, pages, sign_in, codes, look.language)
    first.goto(world.at(f"/cases/{case}/safe-contact"))
    first.locator("#text").fill("Only by letter to my sister in Example Road.")
    first.locator("main form button").click()
    first.wait_for_url(f"**/cases/{case}")
    expect(first.locator("main")).to_contain_text("Example Road")
    audit(first)
    second.goto(world.at(f"/cases/{case}"))
    expect(second.locator(".govuk-inset-text").first).to_be_visible()
    expect(second.locator("main")).not_to_contain_text("Example Road")
    audit(second)

    with world.portal.database.writing() as connection:
        mandates.shield(
            connection,
            by_second,
            cases=None,
            ground="court order",
            review_at=instant.now() + timedelta(days=30),
            by_role="safeguarding lead",
            now=instant.now(),
        )
    second.goto(world.at("/home"))
    audit(second)
    first.goto(world.at("/acting/"))
    audit(first)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_who_acted_is_held_back_and_what_became_of_it_is_shown(  # noqa: PLR0917 - fixtures, taken by name
    world, page, new_page, sign_in, audit, look
):
    citizen, helper = (
        world.person(language=look.language),
        world.person("Sample Helper", language=look.language),
    )
    consent = world.grant(world.ask_consent(world.case_with_citizen(citizen)))
    sign_in(page, citizen, at="/acting/give/helper")
    page.locator("input[name=scope][value=all]").check()
    page.locator("input[name=until][value='30']").check()
    page.locator("main form button").click()
    code = page.locator("#code").inner_text()
    other = new_page(look)
    sign_in(other, helper, at="/acting/code")
    take_up(world, other, code)
    with world.portal.database.writing() as connection:
        (row,) = stored.given_by(connection, citizen.account)
        review_at = instant.now() + timedelta(days=20)
        mandates.hold_back(
            connection, row.id, ground="care", review_at=review_at, by_role="lead", now=instant.now()
        )
    other.goto(world.at("/acting/"))
    audit(other)
    begin(world, other)
    other.goto(world.at("/acting/code"))
    expect(other.locator("#code")).to_have_count(0)
    audit(other)
    other.goto(world.at("/acting/"))
    audit(other)
    other.goto(world.at(f"/permissions/{consent}"))
    other.locator("form[action$='/suspend'] button").click()
    other.wait_for_url("**/receipts/**")

    for path in ("/home", f"/permissions/{consent}", "/receipts/", "/acting/", f"/acting/{row.id}"):
        page.goto(world.at(path))
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator(".accord-count")).to_have_count(0)
        if row.id not in path and path != "/acting/":
            expect(page.locator("main")).not_to_contain_text("Sample Helper")
        audit(page)
    world.settle()


def test_a_helper_sees_no_buttons_but_who_can_decide(world, page, sign_in, audit):
    citizen, helper = world.person(), world.person("Sample Helper")
    request = world.ask_consent(world.case_with_citizen(citizen))
    sign_in(page, citizen, at="/acting/give/helper")
    page.locator("input[name=scope][value=all]").check()
    page.locator("input[name=until][value='30']").check()
    page.locator("main form button").click()
    code = page.locator("#code").inner_text()
    page.context.clear_cookies(name="session")
    sign_in(page, helper, at="/acting/code")
    take_up(world, page, code)
    begin(world, page)
    page.goto(world.at(f"/requests/{request}"))
    expect(page.get_by_text("You may not say yes for Sample Citizen.")).to_be_visible()
    expect(page.locator("button[name=decision]")).to_have_count(0)
    audit(page)
    page.locator("form[action$='/acting/stop'] button").first.click()
    expect(page.locator(".accord-acting")).to_have_count(0)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_who_comes_of_age_takes_everything_over_and_is_told_what_is_paused(world, page, sign_in, audit, look):
    now = instant.now()
    with world.portal.database.writing() as connection:
        child = accounts.create(connection, kind="ward", language="en", now=now, name="Sample Child")
    case = case_of(world, child)
    world.grant(world.ask_consent(case))
    with world.portal.database.writing() as connection:
        accounts.change(connection, child, came_of_age_at=instant.to_ms(now + timedelta(minutes=1)))
    assert coming_of_age.come_of_age(world.portal, now) == 1
    with world.portal.database.writing() as connection:
        code = coming_of_age.offer_sign_in(connection, child, now)
    sign_in(page, world.person("Sample Grown", language=look.language), at="/acting/code")
    take_up(world, page, code)
    page.wait_for_url("**/home")
    audit(page)
    page.goto(world.at("/acting/"))
    audit(page)
    expect(page.locator("#of-age a")).to_have_count(1)
    world.settle()

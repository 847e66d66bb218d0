"""Taking everything along in a real browser: one click, one file, readable offline in both languages."""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import expect

from connectors.exchange.acts import coordination
from tests.browser.conftest import LOOKS, page_faults
from tests.browser.world import DEBT


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_everything_is_taken_along_and_read_without_the_service(  # noqa: PLR0917 - fixtures, taken by name
    world, page, sign_in, audit, look, tmp_path
):
    citizen = world.person(language=look.language)
    case = world.case_with_citizen(citizen)
    consent = world.grant(world.ask_consent(case))
    world.look(world.release(case, consent))
    coordination.add_note(world.members[DEBT], case, "A sample note.")
    file = coordination.File("Sample lease", "lease.txt", "text/plain", b"A sample lease.")
    coordination.add_document(world.members[DEBT], case, file)
    world.settle()
    sign_in(page, citizen, at="/take-with-me/")
    audit(page)
    with page.expect_download() as started:
        page.locator("form[action$='/take-with-me/'] button").click()
    started.value.save_as(tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as copy:
        assert copy.testzip() is None
        copy.extractall(tmp_path / "copy")
    data = json.loads((tmp_path / "copy/case-1/data.json").read_text("utf-8"))
    assert data["case"]["notes"][0]["text"] == "A sample note."
    page.goto((tmp_path / "copy/index.html").as_uri())
    page_faults(page).clear()  # a file is another origin than the portal, on purpose
    assert axe_faults(page) == []
    assert page.evaluate("document.documentElement.lang") == look.language
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("h1")).to_have_count(1)
    expect(page.get_by_text("Sample Citizen").first).to_be_visible()
    page.get_by_role("main").get_by_role("link").first.click()
    page_faults(page).clear()
    assert page.evaluate("document.documentElement.lang") == look.language
    for words in ("Sample Homes", "A sample note.", "Debt Advice Centre", "adviser"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    expect(page.locator("h1")).to_have_count(1)
    page.get_by_role("link", name="Sample lease").click()
    expect(page.locator("body")).to_contain_text("A sample lease.")
    page_faults(page).clear()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_page_of_a_copy_works_for_everybody(world, page, sign_in, look, tmp_path):
    citizen = world.person(language=look.language)
    case = world.case_with_citizen(citizen)
    world.grant(world.ask_consent(case))
    sign_in(page, citizen, at="/take-with-me/")
    with page.expect_download() as started:
        page.locator(f"form[action$='/{case}'] button").click()
    started.value.save_as(tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as copy:
        copy.extractall(tmp_path / "copy")
    page.goto((tmp_path / "copy/case-1/case.html").as_uri())
    assert axe_faults(page) == []
    page_faults(page).clear()


def test_who_has_no_case_is_told_so_and_can_take_the_account(world, page, sign_in, audit, tmp_path):
    sign_in(page, world.person(), at="/take-with-me/")
    expect(page.get_by_text("There is no case yet.")).to_be_visible()
    audit(page)
    with page.expect_download() as started:
        page.locator("form[action$='/take-with-me/'] button").click()
    started.value.save_as(tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as copy:
        assert json.loads(copy.read("data.json"))["account"]["name"] == "Sample Citizen"
        assert "Sample Citizen" in copy.read("index.html").decode()


def axe_faults(page) -> list[str]:
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [found.generate_report()] if found.violations_count else []

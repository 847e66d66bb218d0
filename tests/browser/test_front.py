"""The pages before signing in: what this is, rights, languages; signing in and out, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import LOOKS

PAGES = ("/", "/about", "/rights", "/accessibility", "/licences", "/sign-in", "/signed-out")


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_before_signing_in_works_for_everybody(world, page, audit, path):
    page.goto(world.at(path))
    audit(page)


def test_somebody_signs_in_and_out(world, page, sign_in, audit):
    person = world.person()
    sign_in(page, person)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(world.at("/signed-out"))
    audit(page)

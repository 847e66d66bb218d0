"""The pages before signing in: what this is, rights, languages; signing in and out, in a real browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect

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


LONG = {
    "en": "The Intercommunal Portal for Social Support and Housing of the Greater Metropolitan Area",
    "fr": "Portail intercommunal d’accompagnement de la Communautéd’agglomérationdeSaint-Quentin-en-Yvelines",
}
"""With a word that does not end, as somebody will write it who forgets a space."""
CONTACT = {
    "phone": "0800 000 000 (appel gratuit, du lundi au vendredi)",
    "email": "accompagnement.social.et.logement@saint-quentin-en-yvelines.example",
    "address": "1 rue de l’Exemple, 78000 Exempleville-sur-Exemple",
}


@pytest.mark.parametrize("colour", ["#757575", "#000000", "#b3006b"])
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_long_name_and_an_odd_colour_break_nothing(  # noqa: PLR0917 - fixtures, taken by name
    world, page, sign_in, audit, monkeypatch, look, colour
):
    shown = world.application.jinja_env.globals
    odd = replace(shown["brand"], name=LONG, colour=colour, contact=CONTACT)
    monkeypatch.setitem(shown, "brand", odd)
    person = world.person(language=look.language)
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    audit(page)
    icon = page.locator(".accord-header__name .accord-icon")
    expect(icon).to_be_visible()
    assert icon.evaluate("each => Math.round(each.getBoundingClientRect().width)") == 28
    expect(page.locator(".govuk-exit-this-page__button")).to_be_visible()
    page.goto(world.at("/no-such-page"))
    audit(page)
    expect(page.locator(".accord-header__tools a[hreflang]")).to_be_visible()

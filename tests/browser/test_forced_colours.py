"""Forced colours, four times as large, less motion, wide text spacing: every control stays visible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

_TIMEOUT_MS = 15_000
_LOST = """() => [...document.querySelectorAll(
  'main a, main button, main input, main summary, header a, header button')]
  .filter(each => each.checkVisibility() && !each.closest('.govuk-visually-hidden') && each.type !== 'hidden')
  .map(each => {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    return {name: (each.innerText || each.name || each.id).trim().slice(0, 40),
      left: box.left, right: box.right,
      width: box.width, height: box.height, same: style.color === style.backgroundColor};
  })
  .filter(each => each.same || each.width < 1 || each.height < 1
    || each.left < -1 || each.right > innerWidth + 1)"""
_CUT = """() => [...document.querySelectorAll(
  'main button, main h1, main dd, main dt, main label, .govuk-tag')]
  .filter(each => each.checkVisibility() && getComputedStyle(each).overflow !== 'visible'
    && (each.scrollHeight > each.clientHeight + 2 || each.scrollWidth > each.clientWidth + 2))
  .map(each => each.innerText.slice(0, 40))"""


@pytest.fixture
def window(browser: Browser, world) -> Iterator[Callable[..., Page]]:
    opened: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(locale="en-GB", **options)
        context.set_default_timeout(_TIMEOUT_MS)
        context.add_cookies([{"name": "language", "value": "en", "url": world.made.origin}])
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


def pages(world) -> tuple[object, list[str]]:
    """Make a citizen with something on every page; gives them and the addresses."""
    person = world.person()
    case = world.case_with_citizen(person)
    consent = world.grant(world.ask_consent(case))
    world.release(case, consent)
    request = world.ask_consent(case)
    return person, [
        *("/home", f"/requests/{request}", f"/permissions/{consent}", "/permissions/", "/who-looked/"),
        *(f"/cases/{case}", f"/cases/{case}/records", f"/cases/{case}/messages/new", "/account/"),
    ]


def test_forced_colours_hide_nothing(world, window, sign_in):
    page = window(forced_colors="active", viewport={"width": 1200, "height": 900})
    person, addresses = pages(world)
    sign_in(page, person, at="/home")
    for address in addresses:
        page.goto(world.at(address))
        assert page.evaluate("matchMedia('(forced-colors: active)').matches")
        assert page.evaluate(_LOST) == [], address
    page.goto(world.at(addresses[1]))
    for which in ("allow", "refuse"):
        button = page.locator(f"button[value={which}]")
        assert button.evaluate("each => getComputedStyle(each).borderTopWidth") != "0px"
        button.focus()
        drawn = button.evaluate("each => getComputedStyle(each).outlineStyle")
        assert drawn != "none", "a box-shadow is not drawn in forced colours; an outline is"


def test_four_times_as_large_loses_nothing_and_scrolls_one_way(world, window, sign_in):
    """400 % at 1280 px is what a window of 320 px shows (WCAG 1.4.10)."""
    page = window(viewport={"width": 320, "height": 256}, device_scale_factor=4)
    person, addresses = pages(world)
    sign_in(page, person, at="/home")
    for address in addresses:
        page.goto(world.at(address))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.evaluate(_LOST) == [], address
        assert page.evaluate(_CUT) == [], address
    page.goto(world.at(addresses[1]))
    sizes = [
        page.locator(f"button[value={which}]").evaluate("each => each.getBoundingClientRect().width")
        for which in ("allow", "refuse")
    ]
    assert sizes[0] == sizes[1] >= 200


def test_wide_text_spacing_cuts_nothing_off(world, window, sign_in):
    """WCAG 1.4.12: line height 1.5, paragraphs 2, letters 0.12, words 0.16 times the size."""
    page = window(viewport={"width": 640, "height": 900}, bypass_csp=True)
    person, addresses = pages(world)
    sign_in(page, person, at="/home")
    for address in addresses:
        page.goto(world.at(address))
        page.add_style_tag(
            content="*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
            "p{margin-bottom:2em!important}"
        )
        assert page.evaluate(_CUT) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_who_wants_less_motion_gets_none(world, window, sign_in):
    page = window(reduced_motion="reduce", viewport={"width": 1200, "height": 900})
    person, addresses = pages(world)
    sign_in(page, person, at="/home")
    moving = """() => [...document.querySelectorAll('*')].filter(each => {
      const style = getComputedStyle(each);
      const long = value => value.split(',').some(part => parseFloat(part) > 0.01);
      return long(style.transitionDuration)
        || (style.animationName !== 'none' && long(style.animationDuration));
    }).map(each => each.className)"""
    for address in addresses:
        page.goto(world.at(address))
        assert page.evaluate(moving) == [], address
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"

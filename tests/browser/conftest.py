"""The browser's fixtures: one Chromium and one world for each worker, a fresh window for each test.

    world           see world.py, which also shows how to write a test
    page            a window in English, 1200 px wide; `page.goto(world.at("/…"))`
    look            the language and width of `page`; English wide and French at 320 px, both:
                        @pytest.mark.parametrize("look", LOOKS, ids=str)
    new_page        a function `new_page(look)` that opens one more window: another person, another device
    sign_in         `sign_in(page, person)`: through the portal's button and the provider, and back;
                    `sign_in(page, person, at="/cases")` begins at a page that asks for signing in
    audit           `audit(page)`: axe (WCAG 2.0 to 2.2, A and AA) finds nothing; nothing scrolls sideways;
                    the language is declared and right; one h1; a title; and no fault so far (see below)
    authenticator   `authenticator(page)`: a virtual authenticator (passkeys); `.user_verified(False)` to fail

A test fails in the end if the console showed an error, the content policy stopped something, or anything was
asked of another origin than the portal and the provider, whether `audit` was called or not. What a test
brings about on purpose is taken back by `page_faults(page).clear()`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Page,
    Request,
    sync_playwright,
)

from tests.browser.world import Person, World
from tests.conftest import SqliteFiles
from tests.prepared import connectors_tables, coordinators_tables

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_TIMEOUT_MS = 10_000
_SHOWN = """() => ({
  language: document.documentElement.lang, title: document.title,
  headings: document.querySelectorAll("h1").length,
  wide: document.documentElement.scrollWidth, window: window.innerWidth,
})"""
# The provider's sample pages ask for a stylesheet from elsewhere; no test waits for another site.
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"


@dataclass(frozen=True)
class Look:
    """In which language and how wide pages are seen."""

    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.width}px"


LOOKS = (Look("en", 1200), Look("fr", 320))
_faults: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def page_faults(page: Page) -> list[str]:
    """Give what went wrong in a window so far; clear it if that was on purpose."""
    return _faults[page]


# --- one for each worker ----------------------------------------------------------------------------


def _chromium() -> str:
    """Give the path of Debian's Chromium; install it where it is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        command = [*sudo, "apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=600)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.fail(f"The browser tests need Chromium. Install it: {' '.join(command)} ({error})")
        found = shutil.which("chromium")
    return found or pytest.fail("The browser tests need the program `chromium` in PATH.")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=_chromium(), args=[_OFFLINE])
        yield started
        started.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, sqlite_files: SqliteFiles) -> Iterator[World]:
    def database(member: str) -> str:
        return sqlite_files.make(coordinators_tables if member == "coordinator" else connectors_tables)

    made = World(tmp_path_factory.mktemp("world"), database)
    yield made
    made.close()


# --- one for each test ------------------------------------------------------------------------------


@pytest.fixture
def look() -> Look:
    return LOOKS[0]


@pytest.fixture
def new_page(browser: Browser, world: World) -> Iterator[Callable[[Look], Page]]:
    opened: list[BrowserContext] = []
    pages: list[Page] = []

    def open_page(look: Look) -> Page:
        context = browser.new_context(
            locale={"en": "en-GB", "fr": "fr-FR"}[look.language],
            viewport={"width": look.width, "height": 900},
        )
        context.set_default_timeout(_TIMEOUT_MS)
        # As if chosen on a page before; without it an account's language would go before the browser's.
        context.add_cookies([{"name": "language", "value": look.language, "url": world.made.origin}])
        opened.append(context)
        page = context.new_page()
        pages.append(page)
        _watch(page, world)
        return page

    yield open_page
    found = [fault for page in pages for fault in _faults[page]]
    for context in opened:
        context.close()
    assert found == []


@pytest.fixture
def page(new_page: Callable[[Look], Page], look: Look) -> Page:
    return new_page(look)


def _watch(page: Page, world: World) -> None:
    """Note the faults of a window from now on."""
    faults = _faults[page] = []
    ours = {world.made.origin, world.provider.url}

    def heard(message: ConsoleMessage) -> None:
        # That a page was answered with 404 or 429 is said in the page, where a test looks; what another
        # origin would not give was counted when it was asked.
        place = message.location["url"]
        missing = message.text.startswith("Failed to load resource")
        elsewhere = not place.startswith(world.made.origin)
        if message.type == "error" and not (missing and (elsewhere or place == page.url)):
            faults.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        of_provider = request.frame.url.startswith(world.provider.url)  # its pages are not ours
        foreign = parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" not in ours
        if foreign and not of_provider:
            faults.append(f"asked of another origin: {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", asked)


@pytest.fixture
def sign_in(world: World) -> Callable[[Page, Person], None]:
    def enter(page: Page, person: Person, *, at: str = "/sign-in") -> None:
        """Sign in as a person does; `at` may be any page that asks for it first."""
        page.goto(world.at(at))
        page.locator("form[action$='/sign-in'] button").click()
        page.locator("input[name=sub]").fill(person.subject)
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{world.made.origin}/**")

    return enter


@pytest.fixture
def audit(world: World) -> Callable[[Page], None]:
    axe = Axe()

    def judge(page: Page) -> None:
        """Look at one state of a page for everything that no page may have."""
        page.wait_for_load_state()
        options = {"runOnly": _RULES, "resultTypes": ["violations"]}
        found = axe.run(page, options=options)
        assert found.violations_count == 0, found.generate_report()
        shown = page.evaluate(_SHOWN)
        assert shown["language"] == _language(page)
        assert shown["headings"] == 1
        assert shown["title"]
        assert shown["wide"] <= shown["window"], "the page scrolls sideways"
        assert page_faults(page) == []

    return judge


def _language(page: Page) -> str:
    """Give the language that a page has to be in: the one that was chosen on it, else the browser's."""
    chosen = [each["value"] for each in page.context.cookies() if each["name"] == "language"]
    asked = page.evaluate("navigator.language.slice(0, 2)")
    return str(chosen[0] if chosen else asked)


@dataclass(frozen=True)
class Authenticator:
    """A virtual authenticator with a person who confirms everything."""

    devtools: CDPSession
    id: str

    def user_verified(self, yes: bool) -> None:
        """Let the person be recognised from now on, or not."""
        self.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def credentials(self) -> list[dict[str, object]]:
        """List the passkeys that were made here."""
        found = self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])


@pytest.fixture
def authenticator() -> Callable[[Page], Authenticator]:
    def add(page: Page) -> Authenticator:
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        made = devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        return Authenticator(devtools, made["authenticatorId"])

    return add

"""English and French: which one a visitor reads, and the French words, read from the `.po` files at start.

The text in code and templates is English; `languages/fr/*.po` beside each package has the French. They are
compiled in memory, so that no binary file can be older than its source.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, request
from markupsafe import Markup
from werkzeug.wrappers import Response

LANGUAGES: Final = ("en", "fr")
NAMES: Final = {"en": "English", "fr": "Français"}
COOKIE: Final = "language"
"""Says nothing about the person but the language, so it may live longer than a session."""
COOKIE_LIFE_S: Final = 365 * 24 * 3600
_FOLDERS: Final = "accord.languages"
_ZONE: Final = "accord.zone"


def speak(app: Flask, folders: Iterable[Path], zone: str = "UTC") -> None:
    """Let the application speak both languages; `folders` are the `languages` of its packages.

    Templates get `_()`, `ngettext()` and the filters `day`, `moment`, `since` and `listed`; times are those
    of the time zone `zone`.
    """
    app.extensions[_FOLDERS] = tuple(folders)
    app.extensions[_ZONE] = ZoneInfo(zone)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        gettext=lambda text: _catalogue().gettext(text),
        ngettext=lambda one, many, count: _catalogue().ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.filters |= {"day": day, "moment": moment, "since": since, "listed": listed}


def language() -> str:
    """Give the visitor's language: chosen on a page, of their account, or as their browser asks."""
    if not has_request_context():
        return str(getattr(g, "account_language", "en"))
    chosen = request.cookies.get(COOKIE) or getattr(g, "account_language", None)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or "en"


def gettext(text: str, **facts: Any) -> str:
    """Give a text in the visitor's language, with the facts put in; use as `_`."""
    found = _catalogue().gettext(text)
    return found % facts if facts else found


def ngettext(one: str, many: str, count: int) -> str:
    """Give a text for this number of things, with the number put in as `num`."""
    return _catalogue().ngettext(one, many, count) % {"num": count}


def remember(answer: Response, which: str, *, secure: bool) -> None:
    """Let the browser remember the language that was chosen; the cookie says nothing else."""
    answer.set_cookie(
        COOKIE, which, max_age=COOKIE_LIFE_S, secure=secure, httponly=True, samesite="Lax", path="/"
    )


def lazy(text: str) -> str:
    """Mark a text for translation where it is written; it is translated where it is shown (use as `N_`)."""
    return text


def day(value: date | datetime | int) -> str:
    """Show a date in full: 23 November 2026; takes milliseconds too."""
    shown = _local(value)
    return format_date(shown, "d MMMM y", locale=language())


def moment(value: datetime | int) -> str:
    """Show a date and a time of day: 23 November 2026, 14:05; takes milliseconds too."""
    pattern = "d MMMM y 'à' HH:mm" if language() == "fr" else "d MMMM y 'at' HH:mm"
    return format_datetime(_local(value), pattern, locale=language())


def since(value: datetime | int, now: datetime) -> str:
    """Show how long ago something was: 3 days, 2 hours; of the first minute, nobody counts the seconds."""
    then = datetime.fromtimestamp(value / 1000, now.tzinfo) if isinstance(value, int) else value
    if now - then < timedelta(minutes=1):
        return gettext("less than a minute")
    return format_timedelta(now - then, "minute", threshold=1.2, locale=language())


def listed(values: Iterable[str]) -> str:
    """Join names as one says them: A, B and C."""
    return str(format_list([str(value) for value in values], locale=language()))


def country(code: str) -> str:
    """Give the name of a country by its code (ISO 3166-1), or what stands there if it is none."""
    return str(Locale(language()).territories.get(code, code))


def _local(value: date | datetime | int) -> Any:
    zone = current_app.extensions[_ZONE]
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, zone)
    return value.astimezone(zone) if isinstance(value, datetime) else value


def _catalogue() -> NullTranslations:
    return translations(current_app.extensions[_FOLDERS], language())


@cache
def translations(folders: tuple[Path, ...], which: str) -> NullTranslations:
    """Give one language's words from all `.po` files below these folders."""
    files = [file for folder in folders for file in sorted((folder / which).glob("*.po"))]
    if not files:
        return NullTranslations()
    merged = Catalog(locale=which)
    for file in files:
        with file.open("rb") as opened:
            for message in read_po(opened, locale=which):
                if message.id and message.string and not message.fuzzy:
                    merged[message.id if isinstance(message.id, str) else message.id[0]] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def safe(text: str) -> Markup:
    """Mark a translated text of ours, which holds markup of ours, as such; never a visitor's words."""
    return Markup(text)  # noqa: S704 - texts of this package only

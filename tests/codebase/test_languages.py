"""Every text that a page can show is there in French, once, and nothing is translated that nobody shows.

To see what is missing, run this file: it names each text with the place where it is written.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.codebase import tree

PACKAGES = ("connectors/pages", "connectors/portal")
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"**.html": {"trimmed": "false", "newstyle_gettext": "true", "silent": "false"}}
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_FACT = re.compile(r"%\((\w+)\)")
_NARROW = "\u202f"


def _shown() -> dict[str, str]:
    """Give each English text, and one place where it is written."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        written = extract_from_dir(
            tree.ROOT / package, method_map=_METHODS, options_map=_OPTIONS, keywords=_KEYWORDS
        )
        for file, line, message, _comments, _context in written:
            for text in message if isinstance(message, tuple) else (message,):
                found.setdefault(text, f"{package}/{file}:{line}")
    return found


def _files() -> list[Path]:
    return sorted(
        file for package in PACKAGES for file in (tree.ROOT / package / "languages/fr").glob("*.po")
    )


def _translated() -> list[tuple[str, str, Path]]:
    """Give every English text, its French, and the file; both forms where there is a plural."""
    found: list[tuple[str, str, Path]] = []
    for file in _files():
        with file.open("rb") as opened:
            for message in read_po(opened, locale="fr"):
                english = message.id if isinstance(message.id, tuple) else (message.id,)
                french = message.string if isinstance(message.string, tuple) else (message.string,)
                pairs = zip(english, french, strict=True)
                found += [(str(one), str(other or ""), file) for one, other in pairs if one]
    return found


def test_every_text_is_there_in_french():
    known = {english for english, french, _ in _translated() if french}
    missing = [
        f"{place}: {text}"
        for text, place in sorted(_shown().items(), key=lambda each: each[1])
        if text not in known
    ]
    assert missing == []


def test_nothing_is_translated_that_nobody_shows():
    shown = set(_shown())
    assert [f"{file.name}: {english}" for english, _, file in _translated() if english not in shown] == []


def test_no_text_is_translated_twice_in_two_ways():
    ways: dict[str, set[str]] = {}
    for english, french, _ in _translated():
        ways.setdefault(english, set()).add(french)
    assert {english: ways[english] for english in ways if len(ways[english]) > 1} == {}


def test_the_same_facts_stand_in_both_languages():
    wrong = [
        english
        for english, french, _ in _translated()
        if Counter(_FACT.findall(english)) != Counter(_FACT.findall(french)) and "%(num)" not in english
    ]
    assert wrong == []


@pytest.mark.parametrize("sign", [":", ";", "?", "!", "»", "%"])
def test_french_has_a_narrow_space_before(sign):
    """Otherwise the sign may stand alone at the beginning of a line."""
    before = re.compile(rf"(?<!{_NARROW}){re.escape(sign)}")
    wrong = [
        french
        for _, french, _ in _translated()
        if before.search(re.sub(r"https?://\S+|%\(\w+\)s|\d\d:\d\d", "", french))
    ]
    assert wrong == []

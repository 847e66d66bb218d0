"""Every text that the pages show can be read by everybody: short sentences, short words, in both languages.

English by Flesch (1948), French by Kandel and Moles (1958), both from words a sentence and syllables a word;
syllables by the hyphenation patterns of pyphen, which is near enough for an average over hundreds of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pyphen  # type: ignore[import-untyped]  # ships no types
import pytest

from tests.codebase.test_languages import _translated

LANGUAGES: Final = {"en": (0, "en_GB"), "fr": (1, "fr_FR")}
MOST_WORDS: Final = 25
EASY: Final = 60.0
"""From 60 on a text counts as plain, for people of 13 and more."""
_FACT: Final = re.compile(r"%\(\w+\)[sd]")
_ENDS: Final = re.compile(r"(?<=[.!?:])[\s\u202f\u00a0]+|\n")
_WORD: Final = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
JARGON: Final = {
    "en": r"consent|data subject|controller|processor|pursuant|hereby|aforementioned|utili[sz]e|facilitate|"
    r"e\.g\.|i\.e\.",
    "fr": r"consentement|responsable de traitement|sous-traitant|susmentionné|afférent|nonobstant|"
    r"le cas échéant|p\. ex\.",
}


def texts(language: str) -> list[str]:
    """Give every text in a language, with something in the place of each fact."""
    both = [(english, french) for english, french, _ in _translated()]
    return sorted({_FACT.sub("Sample", each[LANGUAGES[language][0]]) for each in both})


def sentences(found: Iterable[str]) -> list[list[str]]:
    return [words for text in found for part in _ENDS.split(text) if (words := _WORD.findall(part))]


def ease(language: str, found: Iterable[str]) -> float:
    """Give the reading ease of some texts: 0 is hard, 100 easy."""
    hyphens = pyphen.Pyphen(lang=LANGUAGES[language][1], left=1, right=1)
    parts = sentences(found)
    words = [word for part in parts for word in part]
    syllables = sum(len(hyphens.positions(word.lower())) + 1 for word in words) / len(words)
    length = len(words) / len(parts)
    if language == "en":
        return 206.835 - 1.015 * length - 84.6 * syllables
    return 207.0 - 1.015 * length - 73.6 * syllables


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_long(language):
    long = [" ".join(words) for words in sentences(texts(language)) if len(words) > MOST_WORDS]
    assert long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_are_easy_to_read(language):
    whole = [text for text in texts(language) if len(_WORD.findall(text)) >= 4]
    assert len(whole) > 200
    assert ease(language, whole) >= EASY


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_speaks_like_an_office(language):
    found = re.compile(rf"\b(?:{JARGON[language]})\b", re.IGNORECASE)
    assert [text for text in texts(language) if found.search(text)] == []


def test_the_measure_tells_easy_from_hard():
    hard = {
        "en": "Pursuant to applicable legislation, organisational accountability necessitates comprehensive "
        "documentation of authorisation procedures regarding interoperability.",
        "fr": "Conformément à la réglementation applicable, la responsabilisation organisationnelle "
        "nécessite une documentation exhaustive des procédures relatives à l’interopérabilité.",
    }
    simple = {
        "en": "You say yes or no. You can stop at any time.",
        "fr": "Vous dites oui ou non. Vous gardez la main.",
    }
    for language in LANGUAGES:
        assert ease(language, [hard[language]]) < EASY < ease(language, [simple[language]])

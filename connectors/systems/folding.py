"""Folds text so that two spellings of one name compare equal: case, accents, hyphens, blanks.

Used to find a person, never to change what a record says.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that Unicode does not decompose, as registers write them without their sign."""
_BETWEEN = re.compile(r"[\W_]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")


def folded(text: str) -> str:
    """Give the text in small letters without accents, its words separated by one blank."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _BETWEEN.sub(" ", plain.casefold().translate(_LETTERS)).strip()


def first_word(text: str) -> str:
    """Give the first word, folded: many registers keep one given name of several."""
    return folded(text).partition(" ")[0]


def digits(text: str) -> str:
    """Give the digits alone: telephone and file numbers are written with all kinds of separators."""
    return _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", text))

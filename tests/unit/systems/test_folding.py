"""Folding: two spellings of one name compare equal, two names do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.folding import digits, first_word, folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÉLISÉE", "elisee"),
        ("Jean-Pierre", "JEAN PIERRE"),
        ("D’Arc", "D'ARC"),
        ("Œuvrard", "OEUVRARD"),
        ("Groß", "GROSS"),
        ("Łukasz", "lukasz"),
        ("I\u0307nci", "inci"),
        ("  Exemple ", "exemple"),
        ("Zoe\u0308", "Zoë"),
    ],
)
def test_spellings_of_one_name_are_the_same(one, other):
    assert folded(one) == folded(other)


def test_different_names_stay_different():
    assert len({folded(name) for name in ("Martin", "Martine", "Marten", "Marti n")}) == 4


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@given(st.text())
def test_the_first_word_is_one_word(text):
    assert " " not in first_word(text)


@given(st.text())
def test_digits_are_digits_alone(text):
    assert all(one in "0123456789" for one in digits(text))


def test_separators_of_numbers_do_not_matter():
    assert digits("06.00-00 00/01") == digits("０600000001") == "0600000001"

"""The bytes that a passkey confirms stand for the whole consent: any change shows, no respelling does."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.consent import consent_challenge
from schemas.vectors import examples

DOCUMENT = {name: value for name, value in examples.consent().items() if name != "proof"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    )
    return (
        [path] if inner is None else [place for name, each in inner for place in leaves(each, (*path, name))]
    )


def shuffled(value: Any, random: Any) -> Any:
    if isinstance(value, dict):
        names = list(value)
        random.shuffle(names)
        return {name: shuffled(value[name], random) for name in names}
    return [shuffled(each, random) for each in value] if isinstance(value, list) else value


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(leaves(DOCUMENT)), st.text(min_size=1, max_size=5) | st.integers(0, 9))
def test_a_change_anywhere_changes_the_challenge(path: tuple[Any, ...], value: Any):
    changed = copy.deepcopy(DOCUMENT)
    parent: Any = changed
    for name in path[:-1]:
        parent = parent[name]
    before = parent[path[-1]]
    parent[path[-1]] = value
    same = before == value and type(before) is type(value)
    assert (consent_challenge(changed) == consent_challenge(DOCUMENT)) is same


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([None, 1, 4]))
def test_order_and_white_space_do_not_change_the_challenge(random: Any, indent: int | None):
    respelled = json.loads(json.dumps(shuffled(DOCUMENT, random), indent=indent))
    assert consent_challenge(respelled) == consent_challenge(DOCUMENT)


@given(st.lists(st.integers(), max_size=3))
def test_proofs_are_not_part_of_what_is_confirmed(proofs: list[int]):
    assert consent_challenge({**DOCUMENT, "proof": proofs}) == consent_challenge(DOCUMENT)

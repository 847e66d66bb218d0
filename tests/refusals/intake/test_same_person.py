"""Whoever opened an emergency, or was the second person, does not review it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from coordinator.register.said import content
from schemas import instant
from schemas.errors import Invalid, SamePerson
from schemas.message import sign
from tests.factories import AGREEMENT, World


def alone(world: World, **persons: Any) -> bytes:
    """Write an emergency without a second person."""
    body = {
        "reason": "danger_to_life",
        "categories": ["housing"],
        "until": instant.format(world.clock() + timedelta(hours=6)),
        "notice": {"kind": "at_once"},
        **persons,
    }
    return world.message("access.emergency/1", world.benefits, agreement=AGREEMENT, body=body)


def said_anyway(world: World, emergency: bytes, **persons: Any) -> bytes:
    """Sign an emergency with these persons, as who does not look at what they send would."""
    said = content(emergency)
    body = {name: value for name, value in said["body"].items() if name not in {"opened_by", "second_person"}}
    return sign({**said, "body": {**body, **persons}}, world.benefits.sign)


def test_the_second_person_does_not_review_their_own_word(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    assert isinstance(world.refused(world.review(emergency, reviewer="colleague-7")), SamePerson)


def test_who_opened_it_alone_does_not_review_their_own_word(world: World) -> None:
    emergency = alone(world, opened_by="colleague-3")
    world.must(emergency)
    assert isinstance(world.refused(world.review(emergency, reviewer="colleague-3")), SamePerson)
    world.must(world.review(emergency, reviewer="head-of-unit"))


def test_nor_in_the_same_breath(world: World) -> None:
    emergency = alone(world, opened_by="colleague-3")
    assert isinstance(world.refused(emergency, world.review(emergency, reviewer="colleague-3")), SamePerson)


@pytest.mark.parametrize("reviewer", ["colleague-3", "colleague-7"])
def test_of_two_who_opened_it_neither_reviews_it(world: World, reviewer: str) -> None:
    emergency = world.emergency(body={"opened_by": "colleague-3"})
    world.must(emergency)
    assert isinstance(world.refused(world.review(emergency, reviewer=reviewer)), SamePerson)


def test_who_opens_it_is_not_their_own_second_person(world: World) -> None:
    twice = said_anyway(world, world.emergency(), opened_by="colleague-7", second_person="colleague-7")
    assert isinstance(world.refused(twice), Invalid)


def test_somebody_is_named_who_then_does_not_review(world: World) -> None:
    assert isinstance(world.refused(said_anyway(world, world.emergency())), Invalid)

"""What is held back from the citizen: nothing of it is in their mailbox before its day, all of it on it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from schemas import instant
from schemas.errors import TooLarge, WithholdingNotAllowed
from tests.factories import (
    CLAUSE,
    EMERGENCY_PURPOSE,
    OFFICER,
    STATUTE_PURPOSE,
    WITHHOLDING_CLAUSE,
    Authority,
    Withheld,
    World,
    id_of,
)
from tests.placed import mail

DELAYED = "delivery.delayed/1"


def mail_of_citizen(world: World) -> list[dict[str, Any]]:
    return mail(world.coordinator, world.portal.id)


def told(world: World) -> list[str]:
    """Give what the citizen is told now, in the order in which it comes."""
    return [each["body"]["message"] for each in mail_of_citizen(world) if each["type"] == DELAYED]


def held_copy(world: World, days: int = 30, **fields: Any) -> bytes:
    """Housing gives benefits the tenancy by law, without the citizen."""
    return world.release(
        to=[world.benefits.id],
        **{
            "purpose": STATUTE_PURPOSE,
            "authority": Authority("statute", CLAUSE),
            "withheld": Withheld(WITHHOLDING_CLAUSE, (world.clock() + timedelta(days=days)).date()),
            **fields,
        },
    )


def held_emergency(world: World, days: int = 10) -> bytes:
    on = instant.format(world.clock() + timedelta(days=days))
    notice = {"kind": "delayed", "on": on, "officer": OFFICER, "ground": WITHHOLDING_CLAUSE}
    return world.emergency(body={"notice": notice})


def under(world: World, emergency: bytes, **fields: Any) -> bytes:
    """Housing gives benefits the tenancy in an emergency of benefits."""
    basis = Authority("emergency", id_of(emergency))
    return held_copy(world, **{"authority": basis, "purpose": EMERGENCY_PURPOSE, **fields})


def erased(world: World, *messages: bytes) -> bytes:
    """Benefits says that it has deleted what housing sent."""
    listed = [{"id": id_of(raw), "sha256": hashlib.sha256(raw).hexdigest()} for raw in messages]
    body = {"messages": listed, "why": "data_life", "at": instant.format(world.clock())}
    to = [world.housing.id, "citizen"]
    return world.message("record.erased/1", world.benefits, to=to, body=body)


def pass_days(world: World, days: int) -> None:
    world.clock.move(days=days)
    world.coordinator.tick()
    world.coordinator.tick()


def test_a_copy_that_was_held_back_is_shown_whole_on_its_day_and_once(world: World) -> None:
    copy, before = held_copy(world), mail_of_citizen(world)
    world.must(copy)
    pass_days(world, 29)
    assert mail_of_citizen(world) == before
    pass_days(world, 1)
    pass_days(world, 1)
    assert told(world) == [copy.decode()]


def test_that_a_copy_which_is_held_back_was_deleted_is_told_after_the_copy(world: World) -> None:
    copy, before = held_copy(world), mail_of_citizen(world)
    world.must(copy)
    gone = erased(world, copy)
    world.must(gone)
    assert len(mail(world.coordinator, world.housing.id, "record.erased/1")) == 1
    pass_days(world, 29)
    assert mail_of_citizen(world) == before
    pass_days(world, 1)
    assert told(world) == [copy.decode(), gone.decode()]


def test_what_was_told_is_said_to_be_deleted_at_once(world: World) -> None:
    copy = held_copy(world)
    world.must(copy)
    pass_days(world, 30)
    world.must(erased(world, copy))
    assert len(mail(world.coordinator, world.portal.id, "record.erased/1")) == 1


def test_that_a_copy_which_is_held_back_was_rejected_is_told_later_too(world: World) -> None:
    copy, before = held_copy(world), mail_of_citizen(world)
    world.must(copy)
    body = {"message": id_of(copy), "reason": "invalid"}
    to = [world.housing.id, "citizen"]
    world.must(world.message("message.reject/1", world.benefits, to=to, body=body, re=id_of(copy)))
    assert mail_of_citizen(world) == before
    pass_days(world, 30)
    assert len(told(world)) == 2


def test_a_review_comes_after_the_emergency_that_was_held_back(world: World) -> None:
    emergency, before = held_emergency(world), mail_of_citizen(world)
    world.must(emergency)
    review = world.review(emergency)
    world.must(review)
    pass_days(world, 9)
    assert mail_of_citizen(world) == before
    pass_days(world, 1)
    assert told(world) == [emergency.decode(), review.decode()]


def test_a_review_of_what_was_told_comes_at_once(world: World) -> None:
    emergency = held_emergency(world)
    world.must(emergency)
    pass_days(world, 10)
    world.must(world.review(emergency))
    assert len(mail(world.coordinator, world.portal.id, "access.emergency.review/1")) == 1


@pytest.mark.parametrize("day", [3, 200])
def test_what_was_got_in_an_emergency_is_told_with_it_whatever_day_it_names(world: World, day: int) -> None:
    emergency, before = held_emergency(world), mail_of_citizen(world)
    world.must(emergency)
    copy = under(world, emergency, days=day)
    world.must(copy)
    pass_days(world, 9)
    assert mail_of_citizen(world) == before
    pass_days(world, 1)
    assert told(world) == [emergency.decode(), copy.decode()]


def test_of_an_emergency_that_is_known_nothing_is_held_back(world: World) -> None:
    emergency = world.emergency()
    world.must(emergency)
    copy = under(world, emergency, days=200)
    world.must(copy)
    world.coordinator.tick()
    assert told(world) == [copy.decode()]


@pytest.mark.parametrize("days", [-1, 367], ids=["past", "in more than a year"])
def test_the_day_of_what_is_held_back_is_ahead_and_within_a_year(world: World, days: int) -> None:
    assert isinstance(world.refused(held_copy(world, days=days)), WithholdingNotAllowed)


def test_what_is_too_large_to_be_shown_on_its_day_is_not_held_back(world: World) -> None:
    def of_size(characters: int) -> bytes:
        content = {"tenure": "social", "landlord": "x" * characters}
        to = [world.benefits.id]
        sealed = world.sealed(content, to, world.housing, "housing.tenancy/1")
        return held_copy(world, days=1, sealed=sealed)

    assert isinstance(world.refused(of_size(80_000)), TooLarge)
    largest = of_size(76_000)
    assert len(largest) > 177 * 1024
    world.must(largest)
    pass_days(world, 1)
    assert told(world) == [largest.decode()]

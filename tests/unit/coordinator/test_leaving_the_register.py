"""Whoever leaves the register leaves their seats too; a citizen without a portal has no consent in force."""

from __future__ import annotations

from sqlalchemy import select

from coordinator.database.engine import reading
from coordinator.database.tables import consents, seats
from schemas.errors import CitizenNotJoined, Refusal
from schemas.messages.joining import new_code
from tests.factories import Actor, World
from tests.placed import mail


def _leaves(world: World, actor: Actor) -> None:
    world.must(world.message("member.leave/1", actor, body={}))


def _seats(world: World, member: str) -> list[str]:
    with reading(world.coordinator.engine) as connection:
        return list(connection.execute(select(seats.c.status).where(seats.c.member == member)).scalars())


def _consents(world: World) -> list[str]:
    with reading(world.coordinator.engine) as connection:
        return list(connection.execute(select(consents.c.status)).scalars())


def test_with_a_portal_the_consents_of_its_citizens_end_in_every_case(world: World) -> None:
    world.open_case()
    world.citizen_joins()
    world.agency_joins(world.benefits)
    world.granted()
    _leaves(world, world.portal)
    assert _consents(world) == ["invalidated", "invalidated"]
    assert _seats(world, world.portal.id) == ["ended", "ended"]


def test_nothing_is_released_once_the_portal_has_left(world: World) -> None:
    _leaves(world, world.portal)
    assert isinstance(world.refused(world.release()), CitizenNotJoined)


def test_what_waits_under_their_consents_is_taken_back_and_the_sender_is_told(world: World) -> None:
    world.must(world.release())
    _leaves(world, world.portal)
    assert mail(world.coordinator, world.benefits.id, "record.release/1") == []
    assert len(mail(world.coordinator, world.housing.id, "delivery.withdrawn/1")) == 1


def test_the_citizen_may_come_back_through_another_portal(world: World) -> None:
    _leaves(world, world.portal)
    world.portal = world.actors["second-portal"] = world.enrol(Actor("second-portal", "portal"))
    world.must(world.invite_citizen(new_code()))
    assert _consents(world) == ["invalidated"]


def test_an_agency_that_leaves_the_register_leaves_its_seats_and_ends_no_consent(world: World) -> None:
    world.must(world.release())
    _leaves(world, world.benefits)
    assert _seats(world, world.benefits.id) == ["ended"]
    assert _consents(world) == ["granted"]
    assert len(mail(world.coordinator, world.housing.id, "delivery.withdrawn/1")) == 1


def test_what_is_said_in_the_same_batch_after_the_portal_left_finds_no_citizen(world: World) -> None:
    leave = world.message("member.leave/1", world.portal, body={})
    answers = world.coordinator.admit_batch([leave, world.release()])
    assert not isinstance(answers[0], Refusal)
    assert isinstance(answers[1], CitizenNotJoined)

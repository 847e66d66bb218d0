"""An id is one member’s, also after it left."""

from __future__ import annotations

from schemas.errors import MemberExists
from tests.factories import Actor, World


def test_enrolling_under_an_id_that_is_taken_is_refused(world: World) -> None:
    assert isinstance(world.refused(world.enrolment(Actor(world.housing.id, "public"))), MemberExists)


def test_the_id_of_a_member_that_left_stays_taken(world: World) -> None:
    world.must(world.message("member.leave/1", world.debts, body={}))
    assert isinstance(world.refused(world.enrolment(Actor(world.debts.id, "charity"))), MemberExists)

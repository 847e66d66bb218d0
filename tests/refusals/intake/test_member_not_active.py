"""Who has left neither sends nor receives."""

from __future__ import annotations

from schemas.errors import MemberNotActive
from tests.factories import World


def test_a_member_that_left_sends_nothing(world: World) -> None:
    world.must(world.message("member.leave/1", world.housing, body={}))
    assert isinstance(world.refused(world.release()), MemberNotActive)


def test_a_member_that_left_is_sent_nothing(world: World) -> None:
    world.must(world.message("member.leave/1", world.benefits, body={}))
    assert isinstance(world.refused(world.release()), MemberNotActive)

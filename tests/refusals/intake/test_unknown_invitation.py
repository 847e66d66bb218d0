"""Joining answers an invitation that is open and one’s own."""

from __future__ import annotations

from schemas.errors import UnknownInvitation
from tests.factories import World, id_of, new_id


def test_joining_without_an_invitation_is_refused(world: World) -> None:
    raw = world.message("case.join/1", world.debts, body={"invitation": new_id()})
    assert isinstance(world.refused(raw), UnknownInvitation)


def test_joining_by_the_invitation_of_another_is_refused(world: World) -> None:
    invite = world.invite_agency(world.debts)
    world.must(invite)
    raw = world.message("case.join/1", world.benefits, body={"invitation": id_of(invite)})
    assert isinstance(world.refused(raw), UnknownInvitation)


def test_an_invitation_is_taken_up_once(world: World) -> None:
    invite = world.invite_agency(world.debts)
    world.must(invite)
    world.must(world.message("case.join/1", world.debts, body={"invitation": id_of(invite)}))
    again = world.message("case.join/1", world.debts, body={"invitation": id_of(invite)})
    assert isinstance(world.refused(again), UnknownInvitation)

"""Until the citizen has joined, an agency’s case has no other agency in it."""

from __future__ import annotations

from schemas.errors import CitizenNotJoined
from schemas.messages.joining import new_code
from tests.factories import Authority, World


def test_no_agency_is_invited_before_the_citizen_joined(world: World) -> None:
    world.open_case()
    raw = world.invite_agency(
        world.benefits,
        world.housing,
        authority=Authority("statute", "l123-4"),
        agreement="winter-support@1",
    )
    assert isinstance(world.refused(raw), CitizenNotJoined)


def test_an_invited_citizen_has_not_joined(world: World) -> None:
    world.open_case()
    world.must(world.invite_citizen(new_code()))
    raw = world.invite_agency(
        world.benefits,
        world.housing,
        authority=Authority("statute", "l123-4"),
        agreement="winter-support@1",
    )
    assert isinstance(world.refused(raw), CitizenNotJoined)

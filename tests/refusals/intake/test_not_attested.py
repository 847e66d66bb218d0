"""Only the keys that the inviting agency attested count."""

from __future__ import annotations

from schemas.errors import CitizenNotJoined, NotAttested, NotYourTurn
from schemas.keys import SealingKey
from schemas.messages.joining import new_code
from tests.factories import CaseOfWorld, World, id_of


def _joined(world: World) -> tuple[str, SealingKey]:
    world.open_case()
    code, seat = new_code(), SealingKey.generate()
    invite = world.invite_citizen(code)
    world.must(invite)
    join = world.citizen_join(id_of(invite), code, seat)
    world.must(join)
    return id_of(join), seat


def test_attesting_other_keys_than_joined_is_refused(world: World) -> None:
    join, _seat = _joined(world)
    assert isinstance(world.refused(world.attest(join, SealingKey.generate())), NotAttested)


def test_a_seat_that_was_not_attested_is_not_active(world: World) -> None:
    _join, seat = _joined(world)
    world.seats[world.case] = CaseOfWorld(world.case, seat, world.portal.id)
    raw = world.message("consent.refuse/1", to=["citizen"], re=_join, body={})
    assert isinstance(world.refused(raw), NotYourTurn | CitizenNotJoined)


def test_sealing_for_another_key_than_the_citizens_is_refused(world: World) -> None:
    world.seats[world.case] = CaseOfWorld(world.case, SealingKey.generate(), world.portal.id)
    assert isinstance(world.refused(world.release()), NotAttested)


def test_a_citizen_without_keys_does_not_join(world: World) -> None:
    world.open_case()
    invite = world.invite_citizen(new_code())
    world.must(invite)
    raw = world.message(
        "case.join/1", world.portal, to=[world.housing.id], body={"invitation": id_of(invite)}
    )
    assert isinstance(world.refused(raw), NotAttested)

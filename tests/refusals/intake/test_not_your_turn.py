"""Each type is for some kinds of party only."""

from __future__ import annotations

import uuid

from schemas.errors import NotYourTurn
from schemas.message import sign
from schemas.messages.envelope import compose
from tests.actors import Actor
from tests.factories import World, id_of


def test_an_agency_grants_no_consent(world: World) -> None:
    document = world.consent_document()
    raw = world.message(
        "consent.grant/1",
        to=[world.benefits.id],
        body={"consent": document | {"sources": [world.housing.id]}},
    )
    assert isinstance(world.refused(raw), NotYourTurn)


def test_an_agency_withdraws_no_consent(world: World) -> None:
    raw = world.message(
        "consent.withdraw/1", world.benefits, to=[world.housing.id], body={"consent": world.consent}
    )
    assert isinstance(world.refused(raw), NotYourTurn)


def test_a_member_cannot_speak_as_the_coordinator(world: World) -> None:
    body = {"message": id_of(world.release()), "consent": world.consent, "why": "withdrawn"}
    payload = compose(
        type="delivery.withdrawn/1",
        sender="coordinator",
        to=["citizen"],
        case=world.case,
        at=world.clock(),
        body=body,
    )
    assert world.refused(sign(payload, world.housing.sign)).code == "unknown_key"


def test_not_even_with_the_coordinators_key_from_outside(world: World) -> None:
    body = {"message": id_of(world.release()), "consent": world.consent, "why": "withdrawn"}
    payload = compose(
        type="delivery.withdrawn/1",
        sender="coordinator",
        to=["citizen"],
        case=world.case,
        at=world.clock(),
        body=body,
    )
    assert world.refused(sign(payload, world.coordinator.key)).code == "unknown_key"


def test_an_overseer_opens_no_case(world: World) -> None:
    raw = world.message("case.open/1", world.overseer, case=str(uuid.uuid4()), body={"language": "en"})
    assert isinstance(world.refused(raw), NotYourTurn)


def test_an_agency_does_not_end_the_seat_of_another(world: World) -> None:
    raw = world.message("case.leave/1", to=[world.benefits.id, "citizen"], body={"member": world.benefits.id})
    assert isinstance(world.refused(raw), NotYourTurn)


def ending(world: World, agency: Actor) -> bytes:
    to = [world.housing.id, world.benefits.id]
    return world.message("case.leave/1", world.portal, to=to, body={"member": agency.id})


def test_the_citizen_does_not_end_the_seat_of_the_agency_that_opened_the_case(world: World) -> None:
    assert isinstance(world.refused(ending(world, world.housing)), NotYourTurn)


def test_the_citizen_ends_the_seat_of_an_agency_that_they_invited(world: World) -> None:
    world.must(ending(world, world.benefits))

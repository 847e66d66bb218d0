"""Who must be told is told, and nobody else is."""

from __future__ import annotations

from schemas.errors import WrongRecipients
from tests.factories import Actor, World, id_of


def test_a_portal_is_written_to_as_the_citizen(world: World) -> None:
    raw = world.message(
        "record.decline/1",
        to=[world.portal.id],
        re=id_of(world.release()),
        body={"reason": "not_held", "categories": ["housing"]},
    )
    assert isinstance(world.refused(raw), WrongRecipients)


def test_a_withdrawal_is_told_to_everyone_whom_the_consent_names(world: World) -> None:
    assert isinstance(world.refused(world.decide("withdraw", to=[world.housing.id])), WrongRecipients)


def test_a_withdrawal_is_told_to_nobody_else(world: World) -> None:
    to = [world.housing.id, world.benefits.id, world.debts.id]
    assert isinstance(world.refused(world.decide("withdraw", to=to)), WrongRecipients)


def test_the_citizen_is_told_of_an_emergency(world: World) -> None:
    assert isinstance(world.refused(world.emergency(to=[world.housing.id])), WrongRecipients)


def test_the_citizen_is_told_when_a_case_is_closed(world: World) -> None:
    raw = world.message("case.close/1", to=[world.benefits.id], body={})
    assert isinstance(world.refused(raw), WrongRecipients)


def test_a_signature_goes_to_every_other_party(world: World) -> None:
    document = world.agreement_document(version=2)
    world.must(world.propose(document))
    raw = world.sign_agreement(document, world.housing, to=[world.benefits.id])
    assert isinstance(world.refused(raw), WrongRecipients)


def test_a_citizen_is_not_invited_through_an_agency(world: World) -> None:
    world.open_case()
    body = {"invitee": {"kind": "citizen", "portal": world.debts.id, "commitment": "0" * 64}}
    raw = world.message("case.invite/1", to=[world.debts.id], body=body)
    assert isinstance(world.refused(raw), WrongRecipients)


def test_a_portal_is_not_invited_as_an_agency(world: World) -> None:
    other = world.enrol(Actor("other-portal", "portal"))
    assert isinstance(world.refused(world.invite_agency(other)), WrongRecipients)

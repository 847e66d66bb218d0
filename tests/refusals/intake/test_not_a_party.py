"""Agreements are between their parties."""

from __future__ import annotations

from schemas.errors import NotAParty
from tests.factories import Actor, World


def test_naming_a_party_by_the_key_of_another_is_refused(world: World) -> None:
    parties = [
        {"member": world.housing.id, "kid": world.housing.sign.kid},
        {"member": world.benefits.id, "kid": world.debts.sign.kid},
        {"member": world.debts.id, "kid": world.debts.sign.kid},
    ]
    raw = world.propose(world.agreement_document(version=2, parties=parties))
    assert isinstance(world.refused(raw), NotAParty)


def test_a_stranger_proposes_no_next_version(world: World) -> None:
    other = world.enrol(Actor("food-bank", "charity"))
    document = world.agreement_document(version=2)
    document["parties"] = [*document["parties"], {"member": other.id, "kid": other.sign.kid}]
    assert isinstance(world.refused(world.propose(document, other)), NotAParty)


def test_a_stranger_signs_nothing(world: World) -> None:
    raw = world.sign_agreement(world.agreement_document(), world.overseer, to=[world.housing.id])
    assert isinstance(world.refused(raw), NotAParty)

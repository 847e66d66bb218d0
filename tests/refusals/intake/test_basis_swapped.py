"""The basis of a purpose stays what it was."""

from __future__ import annotations

from schemas.errors import BasisSwapped
from tests.factories import CLAUSE, World


def test_a_next_version_does_not_turn_consent_into_law(world: World) -> None:
    document = world.agreement_document(version=2)
    for purpose in document["purposes"]:
        if purpose["code"] == "support":
            purpose |= {"basis": "statute", "clause": CLAUSE}
    assert isinstance(world.refused(world.propose(document)), BasisSwapped)


def test_nor_does_one_by_way_of_a_version_in_between_without_it(world: World) -> None:
    between = world.agreement_document(version=2)
    between["purposes"] = [each for each in between["purposes"] if each["code"] != "support"]
    between["flows"] = [each for each in between["flows"] if each["purpose"] != "support"]
    world.must(world.propose(between))
    document = world.agreement_document(version=3)
    for purpose in document["purposes"]:
        if purpose["code"] == "support":
            purpose |= {"basis": "statute", "clause": CLAUSE}
    assert isinstance(world.refused(world.propose(document)), BasisSwapped)

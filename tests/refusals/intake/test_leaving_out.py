"""A new decision that leaves out whom the old one names would end it without telling them: it is refused."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import ConsentDoesNotCover, WrongTransition
from tests.factories import World


def _both_ways(world: World, **changed: Any) -> dict[str, Any]:
    """Write a consent by which housing and benefits give each other what they have."""
    old = world.consent_document()
    entitlements = {
        **old["data"][0],
        "category": "benefits",
        "schema": "benefits.entitlements/1",
        "fields": list(world.agreement_document()["flows"][1]["fields"]),
    }
    both = [world.housing.id, world.benefits.id]
    return {**old, "sources": both, "recipients": both, "data": [*old["data"], entitlements], **changed}


def _refused(world: World, document: dict[str, Any]) -> ConsentDoesNotCover:
    refusal = world.refused(world.grant(document))
    assert isinstance(refusal, ConsentDoesNotCover)
    return refusal


def test_a_recipient_that_is_left_out_is_refused_and_the_old_one_stays(world: World) -> None:
    two = [world.benefits.id, world.debts.id]
    old = world.granted(recipients=two)
    refusal = _refused(world, world.consent_document(supersedes=old))
    assert refusal.facts["left_out"] == world.debts.id
    assert "Withdraw the old consent" in (refusal.remedy or "")
    world.must(world.release())


@pytest.mark.parametrize("role", ["sources", "recipients"])
def test_who_stays_in_one_role_alone_is_left_out_of_the_other(world: World, role: str) -> None:
    document = _both_ways(world)
    world.must(world.grant(document))
    left, stays = world.benefits.id, world.housing.id
    one_way = {"sources": [stays], "recipients": [left]} if role == "sources" else {"recipients": [stays]}
    narrower = _both_ways(world, supersedes=document["id"], **one_way)
    if role == "sources":
        narrower["data"] = narrower["data"][:1]
    assert _refused(world, narrower).facts["left_out"] == left
    world.must(world.decide("suspend", document["id"]))


def test_less_data_for_the_same_ones_is_lawful(world: World) -> None:
    document = _both_ways(world)
    world.must(world.grant(document))
    shorter = [{**each, "fields": each["fields"][:1]} for each in document["data"]]
    world.must(world.grant(_both_ways(world, supersedes=document["id"], data=shorter)))


def test_what_was_withdrawn_is_decided_anew_without_superseding(world: World) -> None:
    old = world.consent
    world.must(world.decide("withdraw"))
    again = world.consent_document(supersedes=old)
    assert isinstance(world.refused(world.grant(again)), WrongTransition)
    world.must(world.grant())

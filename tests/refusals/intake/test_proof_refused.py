"""A consent counts with the proof that the agreement demands, by keys that are pinned in the seat."""

from __future__ import annotations

from schemas.errors import ProofRefused
from tests.factories import World


def test_a_category_that_demands_a_passkey_is_not_granted_by_the_portals_word(world: World) -> None:
    world.agree(world.agreement_document(version=2, proof={"housing": "passkey"}))
    raw = world.grant(world.consent_document(agreement="winter-support@2"))
    assert isinstance(world.refused(raw), ProofRefused)


def test_a_sign_in_of_days_ago_is_refused(world: World) -> None:
    proof = [{"kind": "portal", "acr": "substantial", "auth_time": "2026-11-21T09:00:00.000Z"}]
    assert isinstance(world.refused(world.grant(world.consent_document(proof=proof))), ProofRefused)

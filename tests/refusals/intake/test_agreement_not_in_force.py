"""An agreement counts from the last signature to its end or retirement."""

from __future__ import annotations

from schemas.errors import AgreementNotInForce
from tests.factories import World, id_of


def test_a_consent_under_an_agreement_that_not_all_have_signed_is_refused(world: World) -> None:
    document = world.agreement_document(version=2)
    world.must(world.propose(document))
    world.must(world.sign_agreement(document, world.housing))
    raw = world.grant(world.consent_document(agreement="winter-support@2"))
    assert isinstance(world.refused(raw), AgreementNotInForce)


def test_after_retiring_nothing_flows(world: World) -> None:
    to = [world.benefits.id, world.debts.id]
    world.must(
        world.message(
            "agreement.retire/1", to=to, body={"agreement": "winter-support@1", "reason": "replaced"}
        )
    )
    assert isinstance(world.refused(world.release()), AgreementNotInForce)


def test_after_its_end_nothing_flows(world: World) -> None:
    document = world.agreement_document(version=2, valid_until="2026-11-24T00:00:00.000Z")
    world.agree(document)
    world.granted(agreement="winter-support@2")
    world.must(world.release(agreement="winter-support@2"))
    world.clock.move(days=1)
    assert isinstance(world.refused(world.release(agreement="winter-support@2")), AgreementNotInForce)


def test_signing_another_document_than_was_proposed_is_refused(world: World) -> None:
    document = world.agreement_document(version=2)
    world.must(world.propose(document))
    other = document | {"data_life_max_days": 3000}
    assert isinstance(world.refused(world.sign_agreement(other, world.housing)), AgreementNotInForce)
    assert id_of(world.propose(document))

"""A consent permits what it names, and nothing else."""

from __future__ import annotations

from schemas.errors import ConsentDoesNotCover
from tests.factories import Authority, World


def test_another_recipient_is_refused(world: World) -> None:
    world.agency_joins(world.debts)
    raw = world.release(to=[world.debts.id, "citizen"])
    assert isinstance(world.refused(raw), ConsentDoesNotCover)


def test_one_recipient_too_many_is_refused(world: World) -> None:
    world.agency_joins(world.debts)
    raw = world.release(to=[world.benefits.id, world.debts.id, "citizen"])
    assert isinstance(world.refused(raw), ConsentDoesNotCover)


def test_another_version_of_the_agreement_is_refused(world: World) -> None:
    world.agree(world.agreement_document(version=2))
    assert isinstance(world.refused(world.release(agreement="winter-support@2")), ConsentDoesNotCover)


def test_a_consent_to_more_than_was_agreed_is_refused(world: World) -> None:
    data = world.consent_document()["data"]
    data[0]["fields"] = [*data[0]["fields"], "eviction_stage"]
    assert world.refused(world.grant(world.consent_document(data=data))).code in {
        "consent_does_not_cover",
        "invalid",
    }


def test_a_consent_to_keep_longer_than_was_agreed_is_refused(world: World) -> None:
    raw = world.grant(world.consent_document(data_life={"days": 181}))
    assert isinstance(world.refused(raw), ConsentDoesNotCover)


def test_a_consent_carries_an_invitation_of_those_it_names(world: World) -> None:
    raw = world.invite_agency(world.debts, world.housing, authority=Authority("consent", world.consent))
    assert isinstance(world.refused(raw), ConsentDoesNotCover)
    world.granted(
        recipients=[world.debts.id], controllers=[{"member": world.debts.id, "name": "Debt advice"}]
    )
    world.must(world.invite_agency(world.debts, world.housing, authority=Authority("consent", world.consent)))


def test_a_consent_for_another_purpose_supersedes_nothing(world: World) -> None:
    document = world.agreement_document(version=1, id="summer-support")
    world.agree(document)
    raw = world.grant(world.consent_document(agreement="summer-support@1", supersedes=world.consent))
    assert isinstance(world.refused(raw), ConsentDoesNotCover)

"""Only what the agreement names flows, in its direction and on its basis."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import instant
from schemas.errors import AgreementDoesNotCover
from tests.factories import Authority, World


def test_another_direction_is_refused(world: World) -> None:
    raw = world.release(world.benefits, to=[world.housing.id, "citizen"])
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


def test_another_category_is_refused(world: World) -> None:
    raw = world.release(schema="benefits.entitlements/1")
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


def test_a_purpose_by_law_is_not_carried_by_consent(world: World) -> None:
    assert isinstance(world.refused(world.release(purpose="arrears")), AgreementDoesNotCover)


def test_a_purpose_by_consent_is_not_carried_by_law(world: World) -> None:
    raw = world.release(authority=Authority("statute", "l123-4"))
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


def test_between_agencies_nothing_moves_on_a_seat_alone(world: World) -> None:
    assert isinstance(world.refused(world.release(authority=Authority("seat"))), AgreementDoesNotCover)


def test_a_request_goes_against_the_flow(world: World) -> None:
    world.must(world.request())
    raw = world.request(world.housing, to=[world.benefits.id, "citizen"])
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


def test_asking_consent_for_what_rests_on_law_is_refused(world: World) -> None:
    raw = world.ask_consent(purpose={"code": "arrears", "text": {"en": "By law.", "fr": "De par la loi."}})
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


def test_what_it_is_for_is_said_in_the_words_of_the_agreement(world: World) -> None:
    purpose = {
        **world.consent_document()["purpose"],
        "text": {"en": "To help you.", "fr": "Pour vous aider."},
    }
    refused = world.refused(world.ask_consent(purpose=purpose))
    assert isinstance(refused, AgreementDoesNotCover)
    assert refused.remedy == "Say it in the agreement's own words, in each language."
    consent = world.consent_document(purpose=purpose)
    assert isinstance(world.refused(world.grant(consent)), AgreementDoesNotCover)


def test_an_emergency_opens_what_the_agreement_names(world: World) -> None:
    raw = world.emergency(body={"categories": ["income"]})
    assert isinstance(world.refused(raw), AgreementDoesNotCover)


@pytest.mark.parametrize("hours", [13, 24])
def test_an_emergency_lasts_as_long_as_the_agreement_says(world: World, hours: int) -> None:
    until = instant.format(world.clock() + timedelta(hours=hours))
    assert isinstance(world.refused(world.emergency(body={"until": until})), AgreementDoesNotCover)


def test_an_invitation_is_carried_by_something(world: World) -> None:
    raw = world.invite_agency(world.debts, world.housing)
    assert isinstance(world.refused(raw), AgreementDoesNotCover)

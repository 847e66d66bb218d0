"""A consent is known in its own case only."""

from __future__ import annotations

import uuid

from schemas.errors import UnknownConsent
from tests.factories import Authority, World


def test_a_consent_that_nobody_gave_permits_nothing(world: World) -> None:
    raw = world.release(authority=Authority("consent", str(uuid.uuid4())))
    assert isinstance(world.refused(raw), UnknownConsent)


def test_a_consent_of_another_case_permits_nothing(world: World) -> None:
    consent = world.consent
    world.open_case()
    world.citizen_joins()
    world.agency_joins(world.benefits)
    raw = world.release(authority=Authority("consent", consent))
    assert isinstance(world.refused(raw), UnknownConsent)


def test_a_consent_of_another_case_cannot_be_withdrawn_here(world: World) -> None:
    consent = world.consent
    world.open_case()
    world.citizen_joins()
    assert isinstance(world.refused(world.decide("withdraw", consent)), UnknownConsent)


def test_superseding_a_consent_that_is_not_there_is_refused(world: World) -> None:
    raw = world.grant(world.consent_document(supersedes=str(uuid.uuid4())))
    assert isinstance(world.refused(raw), UnknownConsent)

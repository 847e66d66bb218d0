"""A consent never changes: its id is used once."""

from __future__ import annotations

from schemas.errors import ConsentExists
from tests.factories import World


def test_granting_under_an_id_that_is_taken_is_refused(world: World) -> None:
    raw = world.grant(world.consent_document(id=world.consent))
    assert isinstance(world.refused(raw), ConsentExists)


def test_the_id_of_a_consent_of_another_case_is_taken_too(world: World) -> None:
    consent = world.consent
    world.open_case()
    world.citizen_joins()
    assert isinstance(world.refused(world.grant(world.consent_document(id=consent))), ConsentExists)

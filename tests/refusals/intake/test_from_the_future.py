"""A message dated later than the clock allows is refused, and told by how much."""

from __future__ import annotations

from datetime import timedelta

from schemas.errors import FromTheFuture
from tests.factories import World


def test_a_message_more_than_a_minute_ahead_is_refused_with_the_difference(world: World) -> None:
    refusal = world.refused(world.release(at=world.clock() + timedelta(seconds=61)))
    assert isinstance(refusal, FromTheFuture)
    assert refusal.facts == {"clock": "yours", "ahead_s": 61}
    assert refusal.remedy


def test_a_minute_ahead_is_admitted(world: World) -> None:
    world.must(world.release(at=world.clock() + timedelta(seconds=60)))


def test_a_consent_that_begins_later_is_refused(world: World) -> None:
    later = "2026-11-23T09:05:00.000Z"
    assert isinstance(world.refused(world.grant(world.consent_document(valid_from=later))), FromTheFuture)

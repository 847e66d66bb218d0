"""A record with a field that agreement or consent do not name is refused by its receiver, though it was
admitted.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import consents
from connectors.exchange.acts.records import commit
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.store import outbox, statements
from schemas.messages.envelope import Authority
from tests.flow.exchange.papers import record_letter
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import admit_anything, aside, problem


def _letter(case: str, consent: str, request: str | None, **content) -> Letter:
    return record_letter(case, consent, content, re=request)


def _release(world: World, letter: Letter) -> str:
    housing = world.members[HOUSING]
    return commit(housing, seal_and_sign(housing, letter, world.clock()), world.clock())


def test_a_field_too_many_is_rejected(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    released = _release(world, _letter(case, consent, request, landlord="Habitat Nord", lease_number="L-1"))
    runner.sync_once(world.members[HOUSING])
    runner.sync_once(world.members[DEBT])
    assert ("record.release/1", "rejected", "consent_does_not_cover") in aside(world, DEBT)
    world.settle()
    assert problem(world, HOUSING, released)["reason"] == "consent_does_not_cover"


def test_an_answer_to_a_question_that_was_not_asked_is_rejected(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, consent = world.everything()
    admit_anything(monkeypatch, "record.release/1")
    letter = _letter(case, consent, "018f3c3e-1111-7111-8111-111111111111", landlord="Habitat Nord")
    _release(world, letter)
    world.settle()
    assert aside(world, DEBT) == [("record.release/1", "rejected", "unknown_request")]


def test_a_record_without_any_basis_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, _ = world.everything()
    admit_anything(monkeypatch, "record.release/1")
    letter = replace(_letter(case, "x", None, landlord="Habitat Nord"), authority=Authority("seat"))
    _release(world, letter)
    world.settle()
    assert aside(world, DEBT) == [("record.release/1", "rejected", "no_seat")]


def test_a_record_under_a_withdrawn_consent_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, consent = world.everything()
    consents.withdraw(world.members[PORTAL], consent)
    world.settle()
    admit_anything(monkeypatch, "record.release/1")
    monkeypatch.setattr("coordinator.intake.deliver._routes", _routes_without_consent)
    _release(world, _letter(case, consent, None, landlord="Habitat Nord"))
    world.settle()
    assert ("record.release/1", "rejected", "consent_not_in_force") in aside(world, DEBT)
    with world.members[DEBT].database.reading() as connection:
        assert not [s for s in statements.of_case(connection, case) if s.type == "record.release/1"]
        assert outbox.counts(connection)["sent"] > 0


def _routes_without_consent(entry, _register):
    """A coordinator that delivers everything, whatever was withdrawn."""
    return [(member, None, "other") for member in entry.message.to if member != "citizen"]

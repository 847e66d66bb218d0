"""A consent that the citizen's own portal did not bring, or that lies outside the agreement, permits
nothing.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors.exchange.acts import consents
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import alarms
from connectors.exchange.store import consents as store
from schemas import instant
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, terms, there
from tests.refusals.exchange.hostile import admit_anything, aside


def _document(world: World, case: str, **changed: Any) -> dict[str, Any]:
    now = world.clock()
    asked = terms(now, **changed)
    return {
        "schema": "consent/1",
        "case": case,
        "nonce": "A" * 22,
        **asked,
        "id": str(uuid4()),
        "notice": {**asked["notice"], "shown_at": instant.format(now)},
        "valid_from": instant.format(now),
        "actor": {"kind": "citizen"},
        "proof": [consents.portal_proof("substantial", now)],
    }


def _send(world: World, sender: str, case: str, document: dict[str, Any]) -> None:
    connector, now = world.members[sender], world.clock()
    to = sorted({*document["sources"], *document["recipients"]} - {sender})
    signed = sign_open(connector, now, type="consent.grant/1", to=to, case=case, body={"consent": document})
    with connector.database.writing() as connection:
        post(connection, signed, now)
    world.settle()


def _is_unknown(world: World, member: str, consent: str) -> bool:
    with world.members[member].database.reading() as connection:
        return store.find(connection, consent) is None


def test_a_consent_from_another_portal_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, _ = world.everything()
    world.enrol("other-portal", "portal")
    admit_anything(monkeypatch, "consent.grant/1", "message.reject/1")
    document = _document(world, case)
    _send(world, "other-portal", case, document)
    assert ("consent.grant/1", "rejected", "not_your_turn") in aside(world, HOUSING)
    assert _is_unknown(world, HOUSING, document["id"])


def test_a_consent_with_a_passkey_that_is_not_the_seats_is_rejected(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, _ = world.everything()
    admit_anything(monkeypatch, "consent.grant/1")
    proof = {
        "kind": "passkey",
        "credential": "AAAA",
        "client_data": "e30",
        "authenticator_data": "A" * 50,
        "signature": "A" * 96,
    }
    document = {**_document(world, case), "proof": [proof]}
    _send(world, PORTAL, case, document)
    assert ("consent.grant/1", "rejected", "proof_refused") in aside(world, HOUSING)
    assert _is_unknown(world, DEBT, document["id"])


def test_a_consent_to_more_than_the_agreement_has_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, _ = world.everything()
    admit_anything(monkeypatch, "consent.grant/1")
    data = [
        {
            "category": "housing",
            "schema": "housing.tenancy/1",
            "fields": ["landlord", "arrears"],
            "necessity": "needed",
            "special": False,
        }
    ]
    document = _document(world, case, data=data)
    _send(world, PORTAL, case, document)
    assert ("consent.grant/1", "rejected", "consent_does_not_cover") in aside(world, HOUSING)


def test_a_consent_that_an_agency_gives_itself_is_rejected(world: World, monkeypatch: pytest.MonkeyPatch):
    case, _ = world.everything()
    admit_anything(monkeypatch, "consent.grant/1")
    document = _document(world, case)
    _send(world, DEBT, case, document)
    assert ("consent.grant/1", "rejected", "not_your_turn") in aside(world, HOUSING)


def test_a_consent_told_before_the_seat_is_known_is_proven_later_or_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.agreed()
    case = world.case()
    world.enrol("other-portal", "portal")
    admit_anything(monkeypatch, "consent.grant/1")
    invented = _document(world, case)
    _send(world, "other-portal", case, invented)
    with world.members[HOUSING].database.reading() as connection:
        assert there(store.find(connection, invented["id"])).proven is False
    monkeypatch.undo()
    consent = world.consent(case)
    world.invite_source(case, consent)
    request = world.request(case, consent)
    world.settle()
    with world.members[HOUSING].database.reading() as connection:
        assert there(store.find(connection, invented["id"])).status == "invalidated"
        assert [row.kind for row in alarms.open_alarms(connection)] == ["consent_unproven"]
    assert request

"""A new decision that leaves out whom the old one names: refused at home, and by each who is told of it all
the same.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors.exchange.acts import consents as deciding
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import alarms, consents, outbox
from schemas import instant
from schemas.consent import terms_of
from schemas.errors import ConsentDoesNotCover, UnknownConsent, WrongTransition
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, terms, there
from tests.refusals.exchange.hostile import admit_anything, aside

FLOW = {"purpose": "debt-plan", "category": "housing", "schema": "housing.tenancy/1"}
BOTH_WAYS: list[dict[str, Any]] = [
    {**FLOW, "source": HOUSING, "recipient": DEBT, "fields": ["landlord", "rent"]},
    {**FLOW, "source": DEBT, "recipient": HOUSING, "fields": ["landlord", "rent"]},
]
WHY = {"en": "For your plan.", "fr": "Pour votre plan."}


def _begun(world: World, *, seated: bool = True) -> tuple[str, str]:
    """Let the citizen agree that both give each other the tenancy; gives case and consent."""
    world.agencies()
    world.agree(flows=BOTH_WAYS)
    case = world.case()
    both = [DEBT, HOUSING]
    consent = world.consent(case, sources=both, recipients=both)
    if seated:
        world.invite_source(case, consent)
    return case, consent


def _one_way(world: World, old_one: str, **changed: Any) -> dict[str, Any]:
    """Write the citizen's decision that debt advice gets the tenancy, and gives none."""
    with world.members[PORTAL].database.reading() as connection:
        old = there(consents.find(connection, old_one)).document
    now = instant.format(world.clock())
    return {
        **old,
        "id": str(uuid4()),
        "request": None,
        "supersedes": old_one,
        "sources": [HOUSING],
        "recipients": [DEBT],
        "notice": {**old["notice"], "shown_at": now},
        "valid_from": now,
        "proof": [deciding.portal_proof("substantial", world.clock())],
        **changed,
    }


def _send(world: World, case: str, document: dict[str, Any]) -> None:
    portal, now = world.members[PORTAL], world.clock()
    to, body = [DEBT, HOUSING], {"consent": document}
    signed = sign_open(portal, now, type="consent.grant/1", to=to, case=case, body=body)
    with portal.database.writing() as connection:
        post(connection, signed, now)
    world.settle()


def _status(world: World, member: str, consent: str) -> str | None:
    with world.members[member].database.reading() as connection:
        row = consents.find(connection, consent)
        return None if row is None else str(row.status)


def _queued(world: World, member: str) -> int:
    with world.members[member].database.reading() as connection:
        return len(outbox.due(connection, world.clock(), 9))


def test_at_home_the_citizen_is_told_before_anything_is_sent(world: World):
    _, old = _begun(world)
    portal = world.members[PORTAL]
    document = _one_way(world, old)
    with pytest.raises(ConsentDoesNotCover) as refused:
        deciding.grant(portal, document, document["proof"])
    assert "Withdraw the old consent and decide anew" in (refused.value.remedy or "")
    assert _queued(world, PORTAL) == 0
    assert _status(world, PORTAL, old) == "granted"


def test_at_home_nothing_takes_the_place_of_what_is_not_there_or_has_ended(world: World):
    _, old = _begun(world)
    portal = world.members[PORTAL]
    both = {"sources": [DEBT, HOUSING], "recipients": [DEBT, HOUSING]}
    unknown = _one_way(world, old, supersedes=str(uuid4()), **both)
    with pytest.raises(UnknownConsent):
        deciding.grant(portal, unknown, unknown["proof"])
    deciding.withdraw(portal, old)
    ended = _one_way(world, old, **both)
    with pytest.raises(WrongTransition):
        deciding.grant(portal, ended, ended["proof"])


def test_an_agency_does_not_ask_for_what_could_not_be_granted(world: World):
    case, old = _begun(world)
    with pytest.raises(ConsentDoesNotCover):
        deciding.ask_consent(world.members[DEBT], case, terms(world.clock(), supersedes=old), WHY)
    assert _queued(world, DEBT) == 0


def test_a_citizen_does_not_offer_what_could_not_be_granted(world: World):
    case, old = _begun(world)
    both = [DEBT, HOUSING]
    asked = terms(world.clock(), supersedes=old, sources=both, recipients=both)
    request = deciding.ask_consent(world.members[DEBT], case, asked, WHY)
    world.settle()
    whole = {"schema": "consent/1", "case": case, **asked}
    with pytest.raises(ConsentDoesNotCover):
        deciding.offer(world.members[PORTAL], request, {**whole, "sources": [HOUSING], "recipients": [DEBT]})


def test_a_citizen_is_not_shown_a_question_that_they_could_not_answer(world: World):
    case, old = _begun(world)
    debt, now = world.members[DEBT], world.clock()
    body = {"terms": terms_of(_one_way(world, old)), "why": WHY}
    signed = sign_open(debt, now, type="consent.request/1", to=[CITIZEN], case=case, body=body)
    with debt.database.writing() as connection:
        post(connection, signed, now)
    world.settle()
    assert ("consent.request/1", "rejected", "consent_does_not_cover") in aside(world, PORTAL)


@pytest.mark.parametrize("member", [DEBT, HOUSING])
def test_each_who_is_told_of_it_refuses_it_whatever_the_coordinator_admits(
    world: World, monkeypatch: pytest.MonkeyPatch, member: str
):
    case, old = _begun(world)
    admit_anything(monkeypatch, "consent.grant/1", "message.reject/1")
    document = _one_way(world, old)
    _send(world, case, document)
    assert ("consent.grant/1", "rejected", "consent_does_not_cover") in aside(world, member)
    assert _status(world, member, document["id"]) is None
    assert _status(world, member, old) == "granted"


def test_it_is_refused_when_it_is_proven_where_it_came_before_the_seat_was_known(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    case, old = _begun(world, seated=False)
    admit_anything(monkeypatch, "consent.grant/1", "message.reject/1")
    document = _one_way(world, old)
    _send(world, case, document)
    assert _status(world, HOUSING, document["id"]) == "granted"  # and proven by nothing yet
    monkeypatch.undo()
    world.invite_source(case, old)
    assert _status(world, HOUSING, document["id"]) == "invalidated"
    assert _status(world, HOUSING, old) == "granted"
    with world.members[HOUSING].database.reading() as connection:
        assert alarms.open_alarms(connection) == []

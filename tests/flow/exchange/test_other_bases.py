"""Other bases than consent, contested records and their correction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import records
from connectors.exchange.connector import Connector
from connectors.exchange.store import access, alarms, consents, inbox, outbox, statements
from connectors.policy.policy import Policy
from schemas.errors import AgreementDoesNotCover, NoEmergency
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, PURPOSE_TEXT, World, there

EVERYTHING = '@id("all") permit (principal, action == Action::"release", resource);'
CLAUSE = {
    "id": "housing-act-7",
    "law": "Housing Act",
    "title": {"en": "Eviction notices", "fr": "Avis d’expulsion"},
    "url": "https://law.example.org/7",
    "withhold": False,
}
PURPOSES: list[dict[str, Any]] = [
    {"code": "debt-plan", "text": PURPOSE_TEXT, "basis": "consent"},
    {
        "code": "eviction",
        "text": {"en": "Eviction", "fr": "Expulsion"},
        "basis": "statute",
        "clause": "housing-act-7",
    },
    {"code": "danger", "text": {"en": "Danger", "fr": "Danger"}, "basis": "emergency"},
]


def _flow(purpose: str) -> dict[str, Any]:
    return {
        "source": HOUSING,
        "recipient": DEBT,
        "purpose": purpose,
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": ["landlord", "rent"],
    }


@pytest.fixture
def seated(world: World, tmp_path: Path) -> tuple[World, str, str]:
    """Give a case in which both agencies sit, under an agreement with all three bases."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "all.cedar").write_text(EVERYTHING)
    agreement = {
        "purposes": PURPOSES,
        "clauses": [CLAUSE],
        "flows": [_flow(each["code"]) for each in PURPOSES],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
    }
    case, consent = world.everything(agreement=agreement, policy=Policy.load(rules))
    return world, case, consent


def _records(connector: Connector, request: str) -> list[Any]:
    with connector.database.reading() as connection:
        return [row for row in statements.answers_to(connection, request) if not row.mine]


def _nothing_amiss(world: World) -> None:
    for member in world.members.values():
        with member.database.reading() as connection:
            assert [(row.type, row.problem) for row in outbox.failed(connection)] == []
            assert [(row.type, row.reason) for row in inbox.aside(connection)] == []
            assert alarms.open_alarms(connection) == []


def test_a_statute_moves_what_its_clause_names_and_the_citizen_gets_a_copy(seated):
    world, case, _ = seated
    request = world.request(case, "", authority=Authority("statute", "housing-act-7"), purpose="eviction")
    world.settle()
    (record,) = _records(world.members[DEBT], request)
    assert (record.basis, record.consent) == ("statute", None)
    assert len(_records(world.members[PORTAL], request)) == 1
    _nothing_amiss(world)


def test_consent_does_not_stand_in_for_a_statute(seated):
    world, case, consent = seated
    with pytest.raises(AgreementDoesNotCover):
        world.request(case, consent, purpose="eviction")


def test_an_emergency_opens_its_categories_until_its_end_and_the_citizen_is_told(seated):
    world, case, _ = seated
    debt, portal = world.members[DEBT], world.members[PORTAL]
    emergency = world.emergency(case)
    with portal.database.reading() as connection:
        assert [row.id for row in access.emergencies_of(connection, case)] == [emergency]
    request = world.request(case, "", authority=Authority("emergency", emergency), purpose="danger")
    world.settle()
    assert len(_records(debt, request)) == 1
    world.clock.move(hours=3)
    with pytest.raises(NoEmergency):
        world.request(case, "", authority=Authority("emergency", emergency), purpose="danger")
    looking.review_emergency(debt, emergency, "justified", "worker-1")
    world.settle()
    with portal.database.reading() as connection:
        assert there(access.emergency(connection, emergency)).outcome == "justified"
    _nothing_amiss(world)


def test_a_contested_record_keeps_its_mark_until_the_source_has_corrected_it(seated):
    world, case, consent = seated
    debt, portal, housing = (world.members[each] for each in (DEBT, PORTAL, HOUSING))
    request = world.request(case, consent)
    world.settle()
    (record,) = _records(debt, request)
    records.contest(portal, record.id, "The rent is 500.", ["rent"])
    world.settle()
    for member in (debt, portal, housing):
        with member.database.reading() as connection:
            assert there(statements.find(connection, record.id)).contested
    with housing.database.reading() as connection:
        (contest,) = [row for row in statements.of_case(connection, case) if row.type == "record.contest/1"]
    shown = looking.view_record(debt, record.id, looking.Actor("w", "adviser"), looking.Reason("plan"))
    assert shown.contested

    records.correct(
        housing,
        record.id,
        {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}, "lease_number": "L-7"},
        settles=contest.id,
    )
    world.settle()
    with debt.database.reading() as connection:
        assert not there(statements.find(connection, record.id)).contested
        (corrected,) = [row for row in statements.of_case(connection, case) if row.type == "record.correct/1"]
    shown = looking.view_record(debt, corrected.id, looking.Actor("w", "adviser"), looking.Reason("plan"))
    assert shown.content["record"] == {
        "landlord": "Habitat Nord",
        "rent": {"amount": 50000, "currency": "EUR"},
    }
    _nothing_amiss(world)


def test_the_mark_goes_with_every_later_copy_until_it_is_settled(seated):
    world, case, consent = seated
    debt, portal, housing = (world.members[each] for each in (DEBT, PORTAL, HOUSING))

    def copy():
        request = world.request(case, consent)
        world.settle()
        (record,) = _records(debt, request)
        return record

    def marked(record):
        with debt.database.reading() as connection:
            return there(statements.find(connection, record.id)).contested

    first = copy()
    assert not marked(first)
    records.contest(portal, first.id, "The rent is 500.", ["rent"])
    world.settle()
    second = copy()
    assert marked(second)
    with housing.database.reading() as connection:
        (contest,) = [row for row in statements.of_case(connection, case) if row.type == "record.contest/1"]
    correction = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
    records.correct(housing, first.id, correction, settles=contest.id)
    world.settle()
    assert not marked(second)
    assert not marked(copy())
    _nothing_amiss(world)


def test_a_superseded_consent_permits_nothing_any_more(seated):
    world, case, consent = seated
    narrower = world.consent(case, supersedes=consent)
    first = world.request(case, narrower)
    world.settle()
    assert len(_records(world.members[DEBT], first)) == 1
    with world.members[HOUSING].database.reading() as connection:
        assert there(consents.find(connection, consent)).status == "superseded"
    _nothing_amiss(world)


def test_several_connectors_work_at_once_without_waiting_for_each_other(seated):
    world, case, consent = seated
    requests = [world.request(case, consent) for _ in range(5)]
    world.settle()
    assert [len(_records(world.members[DEBT], each)) for each in requests] == [1] * 5
    assert runner.sync_once(world.members[DEBT]).anything is False

"""Correcting by local API and command what moved by law, in an emergency, or in a case that is closed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.exchange.store import outbox
from connectors.policy.policy import Policy
from schemas.messages.envelope import Authority
from tests.conftest import MakeDatabase
from tests.flow.api.kit import Caller, caller
from tests.flow.api.test_commands import Terminal
from tests.flow.exchange.test_other_bases import CLAUSE, EVERYTHING, PURPOSES, _flow
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World

RIGHT = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
Seated = tuple[World, str, str]


@pytest.fixture
def seated(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Seated]:
    """A case under an agreement with consent, clause and emergency; gives world, case and consent."""
    (tmp_path / "all.cedar").write_text(EVERYTHING)
    agreement = {
        "purposes": PURPOSES,
        "clauses": [CLAUSE],
        "flows": [_flow(each["code"]) for each in PURPOSES],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
    }
    world = World(tmp_path, make_database)
    case, consent = world.everything(agreement=agreement, policy=Policy.load(tmp_path))
    yield world, case, consent
    world.close()


def contested(world: World, case: str, right: Authority, purpose: str) -> tuple[Caller, str, str]:
    """Let a record move by a right, and the citizen contest it; gives the source, the record, the contest."""
    world.request(case, "", authority=right, purpose=purpose)
    world.settle()
    housing, portal = caller(world, HOUSING), caller(world, PORTAL)
    (record,) = [each["id"] for each in said(housing, case) if each["schema"] == "housing.tenancy/1"]
    portal.post(f"/v1/records/{record}/contest", {"text": "The rent is 500.", "fields": ["rent"]})
    world.settle()
    (contest,) = [each["id"] for each in said(housing, case) if each["type"] == "record.contest/1"]
    return housing, record, contest


def said(who: Caller, case: str) -> list[dict[str, Any]]:
    return list(who.get(f"/v1/cases/{case}")["statements"])


def check_corrected(world: World, case: str, record: str, *members: str) -> None:
    """Everybody named has the correction, nobody the mark, and nothing was refused."""
    world.settle()
    for member in (DEBT, PORTAL):
        found = [each for each in said(caller(world, member), case) if each["type"] == "record.correct/1"]
        assert len(found) == (1 if member in members else 0), member
        if member in members:
            assert [
                each["contested"] for each in said(caller(world, member), case) if each["id"] == record
            ] == [False]
    with world.members[HOUSING].database.reading() as connection:
        assert [row.problem for row in outbox.failed(connection)] == []


def test_what_moved_by_a_clause_is_corrected_by_that_clause(seated: Seated) -> None:
    world, case, _ = seated
    housing, record, contest = contested(world, case, Authority("statute", "housing-act-7"), "eviction")
    made = housing.post(f"/v1/records/{record}/correct", {"record": RIGHT, "settles": contest})
    assert len(made["messages"]) == 1
    check_corrected(world, case, record, DEBT, PORTAL)


def test_what_moved_in_an_emergency_is_corrected_by_command_when_that_is_over(
    seated: Seated, tmp_path: Path
) -> None:
    world, case, _ = seated
    emergency = Authority("emergency", world.emergency(case))
    _, record, contest = contested(world, case, emergency, "danger")
    world.clock.move(hours=30)
    world.settle()
    file = tmp_path / "right.json"
    file.write_text(json.dumps(RIGHT))
    Terminal(world, HOUSING, "public").ok("records", "correct", record, str(file), "--settles", contest)
    check_corrected(world, case, record, DEBT, PORTAL)


def test_what_is_contested_in_a_closed_case_is_settled_by_command(seated: Seated, tmp_path: Path) -> None:
    world, case, consent = seated
    _, record, contest = contested(world, case, Authority("consent", consent), "debt-plan")
    caller(world, PORTAL).post(f"/v1/cases/{case}/close")
    world.settle()
    file = tmp_path / "right.json"
    file.write_text(json.dumps(RIGHT))
    Terminal(world, HOUSING, "public").ok("records", "correct", record, str(file), "--settles", contest)
    check_corrected(world, case, record, PORTAL)

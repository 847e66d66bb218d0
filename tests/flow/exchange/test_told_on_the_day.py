"""An emergency that is held back: nothing of it reaches the citizen before its day, and everything on it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.evidence.export import export
from connectors.evidence.log_source import HttpLog
from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from connectors.exchange.acts import access as looking
from connectors.exchange.store import statements
from connectors.exchange.store.tables import inbox
from connectors.policy.policy import Policy
from coordinator.http.edge import edge
from schemas import instant
from schemas.messages.envelope import Authority
from tests.flow.exchange.test_other_bases import CLAUSE, EVERYTHING, PURPOSES, _flow, _nothing_amiss
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, URL, World

DAYS = 120
LOOK = (looking.Actor("worker-7", "adviser"), looking.Reason("plan"))


@pytest.fixture
def held(world: World, tmp_path: Path) -> tuple[World, str, str]:
    """Debt advice opened an emergency of which the citizen is told in 120 days; gives case and emergency."""
    (tmp_path / "all.cedar").write_text(EVERYTHING)
    agreement = {
        "purposes": PURPOSES,
        "clauses": [{**CLAUSE, "withhold": True}],
        "flows": [_flow(each["code"]) for each in PURPOSES],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
        "data_life_max_days": 100,
    }
    case, _ = world.everything(agreement=agreement, policy=Policy.load(tmp_path))
    on = instant.format(world.clock() + timedelta(days=DAYS))
    notice = {"kind": "delayed", "on": on, "officer": "officer-1", "ground": str(CLAUSE["id"])}
    emergency = world.emergency(case, notice=notice)
    return world, case, emergency


def everything_at_the_portal(world: World) -> list[tuple[int, str]]:
    with world.members[PORTAL].database.reading() as connection:
        rows = connection.execute(select(inbox.c.log_index, inbox.c.type).order_by(inbox.c.log_index))
        return [(row.log_index, row.type) for row in rows]


def release(world: World, case: str, emergency: str) -> str:
    """Debt advice asks housing in the emergency; gives the record that it got."""
    request = world.request(case, "", authority=Authority("emergency", emergency), purpose="danger")
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
    return str(record.id)


def as_seen(world: World, case: str, member: str = PORTAL) -> Case:
    connector = world.members[member]
    with connector.database.reading() as connection:
        return read_case(connection, connector, case, world.clock())


def days_pass(world: World, days: float) -> None:
    world.clock.move(days=days)
    edge(world.app).coordinator.tick()
    world.settle()


def test_nothing_of_it_reaches_the_portal_before_the_day(held: tuple[World, str, str]):
    world, case, emergency = held
    before = everything_at_the_portal(world)
    debt = world.members[DEBT]
    record = release(world, case, emergency)
    looking.view_record(debt, record, *LOOK)
    looking.review_emergency(debt, emergency, "unjustified", "worker-1")
    world.settle()
    days_pass(world, 101)  # the copy has gone meanwhile, and housing was told so
    assert [each.kind for each in as_seen(world, case, HOUSING).erasures if each.confirmed_at] != []
    assert everything_at_the_portal(world) == before
    days_pass(world, DAYS - 101.1)
    assert everything_at_the_portal(world) == before
    _nothing_amiss(world)


def test_on_the_day_everything_is_told_with_who_looked_meanwhile(held: tuple[World, str, str]):
    world, case, emergency = held
    debt = world.members[DEBT]
    record = release(world, case, emergency)
    looking.view_record(debt, record, *LOOK)
    looked_at = world.clock()
    looking.review_emergency(debt, emergency, "unjustified", "worker-1")
    world.settle()
    days_pass(world, DAYS)
    days_pass(world, 0.01)
    seen = as_seen(world, case)
    lines = {each.kind: each for each in seen.looked.lines}
    assert set(lines) == {"emergency", "release", "view"}
    assert all(each.later for each in lines.values())
    assert seen.looked.told_later == 3
    received, view = lines["release"], lines["view"]
    assert (received.member, received.source, received.categories) == (DEBT, HOUSING, ("housing",))
    assert received.basis is not None
    assert (received.basis.kind, received.basis.id) == ("emergency", emergency)
    assert (view.at, view.role, view.source) == (looked_at, "adviser", HOUSING)
    assert [each.outcome for each in seen.emergencies] == ["unjustified"]
    assert [each.confirmed_at is not None for each in seen.erasures if each.member == DEBT] == [True]
    assert seen.records == (), "what is in the record was sealed for others"
    told = [line.words for line in seen.timeline]
    assert told.count("delivery.delayed") == 2, "the emergency and the record, not what belongs to them"
    assert {"access.emergency", "record.request", "record.release", "access.emergency.review"} <= set(told)
    assert not [line.words for line in seen.timeline if line.on_its_way]
    _nothing_amiss(world)


def test_a_look_after_the_day_is_told_at_once(held: tuple[World, str, str]):
    world, case, emergency = held
    record = release(world, case, emergency)
    day = timedelta(days=DAYS)
    with world.members[DEBT].database.writing() as connection:  # kept longer than the agreement says
        statements.erase_by(connection, record, instant.to_ms(world.clock() + 2 * day))
    days_pass(world, DAYS)
    looking.view_record(world.members[DEBT], record, *LOOK)
    world.settle()
    assert [each.kind for each in as_seen(world, case).looked.lines].count("view") == 1


def test_an_agency_knows_what_the_citizen_is_not_told_yet(held: tuple[World, str, str]):
    world, case, emergency = held
    looking.view_record(world.members[DEBT], release(world, case, emergency), *LOOK)
    lines = as_seen(world, case, DEBT).looked.lines
    assert {each.kind: each.told for each in lines} == {"emergency": False, "release": False, "view": False}


def test_in_an_emergency_of_which_the_citizen_knows_they_get_their_copy(held: tuple[World, str, str]):
    world, case, _ = held
    emergency = world.emergency(case)
    release(world, case, emergency)
    assert [each.content for each in as_seen(world, case).records] != []


def test_what_each_party_takes_along_holds_before_the_day_and_after_it(
    held: tuple[World, str, str], tmp_path: Path
):
    world, case, emergency = held
    release(world, case, emergency)
    looking.review_emergency(world.members[DEBT], emergency, "justified", "worker-1")
    world.settle()
    sizes = []
    for part in ("before", "after"):
        for member in (DEBT, HOUSING, PORTAL):
            path = tmp_path / f"{part}-{member}"
            export(world.members[member], case, path, source=HttpLog(URL, world.session(member)))
            report = verify(path, Trust.of_keys(world.pinned))
            assert [each for each in report.findings if each.severity == "broken"] == []
        sizes.append(report.counts["message"])
        days_pass(world, DAYS)
    assert sizes[1] - sizes[0] == 6, "emergency, review, request, record and two deletions"

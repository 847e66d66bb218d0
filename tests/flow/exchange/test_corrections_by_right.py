"""Each copy is corrected by the right on which it moved, and the evidence of the case holds with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.exchange.acts import cases as case_acts
from connectors.exchange.store import inbox
from connectors.exchange.stored import read_payload
from coordinator.http.edge import edge
from schemas import instant
from schemas.messages.envelope import Authority
from tests.flow.exchange.corrected import RENT, Life, broken, in_emergency, under_every_right
from tests.flow.exchange.test_other_bases import CLAUSE
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World


@pytest.fixture
def by_law(world: World, tmp_path: Path) -> Life:
    return under_every_right(world, tmp_path)


BY_CLAUSE: dict[str, Any] = {"authority": Authority("statute", "housing-act-7"), "purpose": "eviction"}


def bases(life: Life, member: str = DEBT) -> set[tuple[str, str]]:
    """Give by what right each correction moved, as its envelope says."""
    found = set()
    with life.world.members[member].database.reading() as connection:
        for row in inbox.of_type(connection, "record.correct/1", life.case):
            payload = read_payload(row.raw)
            authority = payload["authority"]
            found.add((payload["re"], next((authority[each] for each in authority if each != "basis"), "")))
    return found


def message_of(life: Life, record: str) -> str:
    return str(next(row.message for row in life.rows(DEBT, "record.release/1") if row.id == record))


def test_each_copy_is_corrected_by_the_right_on_which_it_moved(by_law: Life) -> None:
    life = by_law
    emergency = in_emergency(life)
    first, second, third = life.copy(), life.copy(**BY_CLAUSE), life.copy(**emergency)
    life.correct(second, life.contest(second, "rent"))
    assert life.corrected(DEBT) == life.corrected(PORTAL) == {first: RENT, second: RENT, third: RENT}
    named = {first: life.consent, second: "housing-act-7", third: emergency["authority"].id}
    assert bases(life) == {(message_of(life, record), right) for record, right in named.items()}
    assert life.unsettled(PORTAL) == life.unsettled(DEBT) == set()
    life.nothing_amiss()


def test_what_came_in_an_emergency_is_corrected_when_that_is_long_over(by_law: Life) -> None:
    life = by_law
    record = life.copy(**in_emergency(life))
    contest = life.contest(record, "rent")
    life.world.clock.move(days=3)
    life.world.settle()
    life.correct(record, contest)
    assert life.corrected(DEBT) == life.corrected(PORTAL) == {record: RENT}
    life.nothing_amiss()
    for member in (DEBT, HOUSING, PORTAL):
        assert broken(life, member) == [], member


def test_what_is_held_back_is_corrected_without_telling_of_it(by_law: Life) -> None:
    life = by_law
    on = instant.format(life.world.clock() + timedelta(days=20))
    notice = {"kind": "delayed", "on": on, "officer": "officer-1", "ground": str(CLAUSE["id"])}
    record = life.copy(**in_emergency(life, notice=notice))
    life.correct(record)
    assert life.corrected(DEBT) == {record: RENT}
    assert life.rows(PORTAL, "record.correct/1") == []
    life.world.clock.move(days=20, minutes=1)
    edge(life.world.app).coordinator.tick()
    life.world.settle()
    life.correct(record, landlord="Habitat Sud")
    (told,) = [each for each in life.seen(PORTAL).records if each.content is not None]
    assert told.content == {**RENT, "landlord": "Habitat Sud"}
    assert (told.schema, told.latest) == ("housing.tenancy/1", True)
    life.nothing_amiss()


def test_every_party_s_evidence_holds_and_shows_the_corrections(world: World) -> None:
    life = Life(world, *world.everything())
    first = life.copy()
    contest = life.contest(first, "rent")
    life.copy()
    life.correct(first, contest)
    case_acts.close(life.world.members[PORTAL], life.case)
    life.world.settle()
    life.correct(first)
    for member in (DEBT, HOUSING, PORTAL):
        assert broken(life, member) == [], member

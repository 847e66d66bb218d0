"""A correction that the coordinator lets through is judged by its reader all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.exchange.acts import records
from connectors.exchange.acts.records import commit
from connectors.exchange.errors import AlarmRaised, HeadTooOld, NotHere
from connectors.exchange.outgoing.compose import Letter, seal_and_sign
from connectors.exchange.store import alarms, statements
from connectors.exchange.store.copies import CORRECT
from schemas.messages.envelope import Authority
from tests.flow.exchange.corrected import RENT, Life, in_emergency, under_every_right
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World, there
from tests.refusals.exchange.hostile import admit_anything, aside


def _correct(life: Life, record: str, emergency: Authority) -> None:
    housing = life.world.members[HOUSING]
    with housing.database.reading() as connection:
        message = there(statements.find(connection, record)).message
    letter = Letter(
        type=CORRECT,
        schema=CORRECT,
        content={"statement": record, "record": RENT},
        case=life.case,
        to=(DEBT, "citizen"),
        authority=emergency,
        agreement=AGREEMENT,
        purpose="danger",
        categories=("housing",),
        re=message,
    )
    commit(housing, seal_and_sign(housing, letter, life.world.clock()), life.world.clock())
    life.world.settle()


def test_an_emergency_that_is_over_corrects_nothing_that_it_did_not_bring(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = under_every_right(world, tmp_path)
    record, emergency = life.copy(), in_emergency(life)["authority"]
    world.clock.move(hours=13)
    world.settle()
    admit_anything(monkeypatch, CORRECT)
    _correct(life, record, emergency)
    assert (CORRECT, "rejected", "no_emergency") in aside(world, DEBT)
    assert life.corrected(DEBT) == {}


def test_while_an_alarm_is_open_nothing_is_corrected(world: World) -> None:
    life = Life(world, *world.everything())
    record, housing = life.copy(), world.members[HOUSING]
    with housing.database.writing() as connection:
        alarms.raise_alarm(connection, "log_forked", "the log", "Two histories.", world.clock())
    with pytest.raises(AlarmRaised):
        records.correct(housing, record, RENT)


def test_nobody_corrects_a_record_of_somebody_else(world: World) -> None:
    life = Life(world, *world.everything())
    record = life.copy()
    for member, named in ((DEBT, record), (PORTAL, record), (HOUSING, life.consent)):
        with pytest.raises(NotHere):
            records.correct(world.members[member], named, RENT)


def test_nothing_is_corrected_on_a_word_about_consents_that_is_too_old(world: World) -> None:
    life = Life(world, *world.everything())
    record = life.copy()
    world.clock.move(hours=25)
    with pytest.raises(HeadTooOld):
        records.correct(world.members[HOUSING], record, RENT)

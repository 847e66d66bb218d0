"""The system in memory, which adopters use in their tests: it behaves like the others and says what it is."""

from __future__ import annotations

import pytest

from connectors.systems.faults import NotEnoughToIdentify, UnknownCategory, Unreachable
from connectors.systems.memory import InsecureStandIn, MemoryPerson, MemorySource
from connectors.systems.source import PersonKey, Source
from tests.unit.systems.small import ASKED, NOW

CAMILLE = MemoryPerson(ASKED, {"housing": {"tenure": "social", "arrears_months": 2}})


@pytest.fixture
def source():
    with pytest.warns(InsecureStandIn, match="for trials only"):
        return MemorySource(
            "memory",
            [CAMILLE, MemoryPerson({**ASKED, "birth_date": "1961-04-23"})],
            {"housing": "housing.tenancy/1"},
        )


def test_it_is_a_source_that_finds_and_reads(source):
    assert isinstance(source, Source)
    (camille,) = source.find({**ASKED, "family_name": "EXEMPLE"})
    assert source.read(camille, "housing", ["tenure"]) == {"tenure": "social"}
    assert source.read(PersonKey(1), "housing", ["tenure"]) is None
    assert source.identity(camille) == ASKED
    assert source.some_person() == camille
    assert source.refresh(NOW) == []
    assert source.describe().categories["housing"].fields == ("tenure", "arrears_months")


def test_it_refuses_like_the_others(source):
    with pytest.raises(NotEnoughToIdentify):
        source.find({"family_name": " "})
    with pytest.raises(UnknownCategory):
        source.read(PersonKey(0), "debts", ["total"])


def test_it_can_be_made_to_fail(source):
    source.check()
    source.fault = Unreachable("The cable is out.")
    for attempt in (
        source.check,
        lambda: source.find(ASKED),
        lambda: source.read(PersonKey(0), "housing", []),
    ):
        with pytest.raises(Unreachable):
            attempt()

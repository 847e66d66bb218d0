"""What the law lets the organisations share is told for every case of a person, and by every agreement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.exchange.acts import agreements, cases
from connectors.portal.agreed import learn_agreements
from tests.conftest import MakeDatabase
from tests.flow.exchange.test_other_bases import CLAUSE, PURPOSES, _flow
from tests.flow.exchange.world import HOUSING
from tests.flow.portal.life import Life

PAGE = "/who-looked/by-law"


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    """Two agreements call their law the same; one lets data be opened in an emergency."""
    made = Life(tmp_path, make_database)
    for id, title in (("one", "First law"), ("two", "Second law")):
        made.world.agree(
            id=f"law-{id}",
            purposes=PURPOSES[1:],
            clauses=[{**CLAUSE, "title": {"en": title, "fr": title}}],
            flows=[_flow(each["code"]) for each in PURPOSES[1:]],
            emergency={"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
        )
    made.world.clock.move(hours=1)
    assert learn_agreements(made.portal, made.now()) == 3
    assert learn_agreements(made.portal, made.now()) == 0
    yield made
    made.close()


@pytest.fixture
def citizen(life: Life) -> str:
    return life.person()


def seated(life: Life, citizen: str) -> str:
    """Give a case in which both organisations take part."""
    case = life.case_of(citizen)
    life.world.invite_source(case, life.world.consent(case))
    return case


def test_two_agreements_that_call_their_law_the_same_are_both_shown(life: Life, citizen: str) -> None:
    seated(life, citizen)
    page = life.visit(citizen).get(PAGE).text
    assert "First law" in page
    assert "Second law" in page


def test_one_objects_in_the_case_in_which_the_law_lets_them_share(life: Life, citizen: str) -> None:
    both, alone = seated(life, citizen), life.case_of(citizen)
    page = life.visit(citizen).get(PAGE).text
    found = set(re.findall(r"/cases/([0-9a-f-]+)/messages/new\?kind=complaint", page))
    assert (found, alone in found) == ({both}, False)


def test_in_a_closed_case_no_law_lets_anybody_share(life: Life, citizen: str) -> None:
    case = seated(life, citizen)
    cases.close(life.portal, case)
    life.world.settle()
    assert "No law lets the organisations" in life.visit(citizen).get(PAGE).text


def test_that_data_may_be_opened_in_an_emergency_is_said(life: Life, citizen: str) -> None:
    visit = life.visit(citizen)
    life.case_of(citizen)
    assert "In an emergency, the organisations of your cases may open data" not in visit.get(PAGE).text
    seated(life, citizen)
    assert "In an emergency, the organisations of your cases may open data" in visit.get(PAGE).text


def test_a_law_of_an_agreement_that_was_retired_is_not_shown(life: Life, citizen: str) -> None:
    seated(life, citizen)
    agreements.retire(life.world.members[HOUSING], "law-two@1", "over")
    life.world.settle()
    life.world.clock.move(hours=1)
    learn_agreements(life.portal, life.now())
    page = life.visit(citizen).get(PAGE).text
    assert ("First law" in page, "Second law" in page) == (True, False)


def test_a_law_of_an_agreement_whose_time_is_over_is_not_shown(life: Life, citizen: str) -> None:
    seated(life, citizen)
    life.world.clock.move(days=366)
    assert "No law lets the organisations" in life.visit(citizen).get(PAGE).text

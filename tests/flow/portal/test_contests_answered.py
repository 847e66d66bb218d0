"""What became of what the citizen says is wrong: an answer that changes nothing is said to change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exchange.acts import cases, records
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.verbs.kit import both, folded, record_of
from tests.flow.portal.visits import Visit

NOTHING = "It changed nothing in this."
RENT = {"amount": 50000, "currency": "EUR"}


@pytest.fixture
def contested(life: Life, visit: Visit, citizen: str, case: str) -> tuple[str, str]:
    """A case with a record whose rent the citizen contests; gives the record's address and the record."""
    record = record_of(life, case, both(life, citizen, case))
    where = f"/cases/{case}/records/{record}"
    answer = visit.post(f"{where}/contest", wrong=["rent"], text="It is 500.")
    assert answer.status_code == 303
    life.world.settle()
    return where, record


def answer(life: Life, case: str, record: str, **changed: Any) -> None:
    (mark,) = [mark for each in folded(life, case, HOUSING).records for mark in each.contested]
    content = dict(folded(life, case, DEBT).records[0].content or {})
    records.correct(life.world.members[HOUSING], record, {**content, **changed}, settles=mark.statement)
    life.world.settle()


def test_an_answer_that_says_the_same_again_is_no_silent_tick(life, visit, case, contested):
    where, record = contested
    assert "has not answered yet" in visit.get(where).text
    answer(life, case, record)
    page = visit.get(where).text
    assert NOTHING in page
    assert "City-Housing answered: " in page
    (write,) = [link for link in seen(page).links if "/messages/new" in link]
    assert f"about={record}" in write
    assert "kind=complaint" in write
    assert visit.get(write).status_code == 200


def test_an_answer_that_puts_it_right_says_no_such_thing(life, visit, case, contested):
    where, record = contested
    answer(life, case, record, rent=RENT)
    page = visit.get(where).text
    assert "City-Housing answered: " in page
    assert NOTHING not in page


def test_an_answer_after_closing_stands_on_the_page_and_the_timeline(life, visit, case, contested):
    where, record = contested
    members = life.world.members
    (mark,) = [mark for each in folded(life, case, HOUSING).records for mark in each.contested]
    cases.close(members[PORTAL], case)
    life.world.settle()
    assert "has not answered yet" in visit.get(where).text
    records.correct(members[HOUSING], record, {"rent": RENT}, settles=mark.statement)
    life.world.settle()
    page = visit.get(where).text
    assert "City-Housing answered: " in page
    assert NOTHING not in page
    assert "Data corrected by City-Housing" in visit.get(f"/cases/{case}/timeline").text

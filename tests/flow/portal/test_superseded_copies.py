"""What became of copies after a new decision, on the page of each permission that has to do with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.flow.exchange.world import terms
from tests.flow.portal.life import Life

LEFT_OUT = "because a new decision leaves it out"


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


def _decided_anew(life: Life, **changed: Any) -> tuple[str, str, str]:
    """Let a record go, then let the citizen decide anew; gives the citizen and both permissions."""
    citizen, world = life.person(), life.world
    case = life.case_of(citizen)
    first = world.consent(case)
    world.invite_source(case, first)
    world.request(case, first)
    world.settle()
    return citizen, first, world.consent(case, supersedes=first, **changed)


def test_who_takes_the_newest_back_sees_there_what_was_got_by_those_before(life: Life) -> None:
    citizen, first, second = _decided_anew(life)
    visit = life.visit(citizen)
    for each in (first, second):
        assert "Debt-Advice confirmed" not in visit.get(f"/permissions/{each}").text
    visit.post(f"/permissions/{second}/withdraw")
    assert "has not answered for" in visit.get(f"/permissions/{second}").text
    life.world.settle()
    for each in (first, second):
        page = visit.get(f"/permissions/{each}").text
        assert "Debt-Advice confirmed" in page
        assert "Housing, because the permission was taken back" in page
        assert "Housing (the question, with what you are found by), because" in page


def test_what_the_new_one_leaves_out_is_said_on_the_page_of_the_old_one(life: Life) -> None:
    data = [{**terms(life.now())["data"][0], "fields": ["landlord"]}]
    citizen, first, second = _decided_anew(life, data=data)
    visit = life.visit(citizen)
    assert LEFT_OUT in visit.get(f"/permissions/{first}").text
    assert LEFT_OUT not in visit.get(f"/permissions/{second}").text

"""A copy that one of two who decide for a child takes: what keeps the other safe is in no file of it."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

MINE = "CANARY only by letter to my sister in Nantes"
THEIRS = "CANARY call me in the evening"


@pytest.fixture
def two(life: Life) -> tuple[Visit, Visit, str]:
    """Two parents of a child, and the child's case."""
    child = life.ward()
    case = life.case_of(child)
    (one, by_one), (other, by_other) = life.parents(child)
    return life.visit(one, by_one), life.visit(other, by_other), case


def everything(visit: Visit) -> str:
    answer = visit.post("/take-with-me/")
    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.data)) as copy:
        return "\n".join(copy.read(name).decode("utf-8", "replace") + name for name in copy.namelist())


def test_where_one_is_safely_reached_is_not_in_the_copy_of_the_other(two, life):
    one, other, case = two
    assert one.post(f"/cases/{case}/safe-contact", text=MINE).status_code == 303
    life.world.settle()
    assert MINE in everything(one)
    assert "CANARY" not in everything(other)


def test_nor_when_the_other_has_tried_to_write_over_it(two, life):
    one, other, case = two
    one.post(f"/cases/{case}/safe-contact", text=MINE)
    life.world.settle()
    life.world.clock.move(minutes=5)
    assert other.post(f"/cases/{case}/safe-contact", text=THEIRS).status_code == 403
    life.world.settle()
    assert MINE not in everything(other)


def test_what_is_not_in_it_is_named(two, life):
    one, other, case = two
    one.post(f"/cases/{case}/safe-contact", text=MINE)
    life.world.settle()
    taken = everything(other)
    assert "missing.txt" in taken
    assert "evidence.jsonl (held_back)" in taken

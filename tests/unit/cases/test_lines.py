"""A list whose elements are made later is to whoever reads it the list itself."""

from __future__ import annotations

from connectors.cases.lines import MadeLater


def doubled(made: list[int]) -> MadeLater[int, int]:
    def double(item: int) -> int:
        made.append(item)
        return item * 2

    return MadeLater((1, 2, 3, 4), double)


def test_it_makes_no_more_than_what_is_looked_at():
    made: list[int] = []
    found = doubled(made)
    assert len(found) == 4
    assert made == []
    assert found[1] == 4
    assert found[-2:] == (6, 8)
    assert made == [2, 3, 4]


def test_it_is_equal_to_a_list_with_the_same_elements_and_to_no_other():
    assert doubled([]) == (2, 4, 6, 8)
    assert doubled([]) == (2, 4, 6, 8)
    assert doubled([]) == doubled([])
    assert doubled([]) != (2, 4, 6)
    assert doubled([]) != 8
    assert hash(doubled([])) == hash((2, 4, 6, 8))
    assert repr(doubled([])) == "(2, 4, 6, 8)"


def test_one_finds_things_in_it_as_in_any_list():
    assert 6 in doubled([])
    assert list(doubled([])) == [2, 4, 6, 8]
    assert doubled([]).index(8) == 3

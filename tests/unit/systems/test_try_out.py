"""Trying out a system: shows one record and all its faults at once; raises only when nothing can be read."""

from __future__ import annotations

import pytest

from connectors.systems.faults import Unreachable
from connectors.systems.try_out import try_out
from tests.unit.systems import small


def test_a_good_system_passes(tmp_path):
    run = try_out(small.source(tmp_path))
    assert run.passed
    assert (run.categories[0].record or {})["tenure"] == "social"
    assert run.categories[0].fields_dropped == ()


def test_every_value_that_does_not_convert_is_told_and_the_rest_is_shown(tmp_path):
    more = "UPDATE tenancy SET rent = 'canary', kind = 'canary', cramped = 'canary';"
    run = try_out(small.source(tmp_path, more=more), identify=small.ASKED)
    (housing,) = run.categories
    assert not run.passed
    assert [fault.partition(":")[0] for fault in housing.faults] == ["tenure", "rent", "overcrowded"]
    assert (housing.record or {})["since"] == "2019-09-01"
    assert "canary" not in str(housing.faults)


def test_what_the_schema_does_not_take_is_told_with_its_path(tmp_path):
    more = "UPDATE tenancy SET rent = '-5,00';"
    (housing,) = try_out(small.source(tmp_path, more=more), identify=small.ASKED).categories
    assert [fault.partition(":")[0] for fault in housing.faults] == ["housing.tenancy/1 rent amount"]


def test_nobody_found_does_not_pass(tmp_path):
    run = try_out(small.source(tmp_path), identify={**small.ASKED, "birth_date": "1900-01-01"})
    assert (run.person_found, run.passed, run.categories) == (False, False, ())


def test_a_system_that_does_not_answer_raises(tmp_path):
    with pytest.raises(Unreachable):
        try_out(small.source(tmp_path, small.mapping(categories__housing__table="gone")))

"""Minimising never adds, never keeps more than was named, and what it keeps is still a record."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import records
from schemas.errors import Invalid
from schemas.vectors import examples


@given(st.data())
def test_minimising_keeps_what_is_named_and_nothing_else(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(records.RECORDS)))
    record = examples.records()[name]
    named = data.draw(st.sets(st.sampled_from(records.fields_of(name))))
    if not named & record.keys():
        with pytest.raises(Invalid):
            records.keep_only(name, record, named)
        return
    kept = records.keep_only(name, record, named)
    assert kept.keys() == record.keys() & named
    assert all(kept[field] == record[field] for field in kept)
    records.validate(name, kept)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(sorted(records.RECORDS)), st.data())
def test_whatever_stands_in_a_field_is_taken_or_refused_and_nothing_else_happens(
    name: str, data: st.DataObject
):
    field = data.draw(st.sampled_from(records.fields_of(name)))
    with contextlib.suppress(Invalid):
        records.validate(name, {field: data.draw(json_values)})

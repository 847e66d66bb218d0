"""Dates as agencies write them: what is read, what is not, and that nothing is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.dates import EPOCH, DateFormat, epoch_range, read_date, refuse_ambiguous
from connectors.systems.faults import NotConvertible

CAMILLE = date(1991, 4, 23)
FORMATS = ["YYYY-MM-DD", "DD/MM/YYYY", "JJ-MM-AAAA", "AAAAMMJJ", "D.M.YYYY", "MM/DD/YYYY"]
PARIS = ZoneInfo("Europe/Paris")


def formats(*texts: str) -> list[DateFormat]:
    return [DateFormat.parse(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "format_"),
    [
        ("1991-04-23", "YYYY-MM-DD"),
        ("23/04/1991", "DD/MM/YYYY"),
        ("23-04-1991", "JJ-MM-AAAA"),
        ("19910423", "AAAAMMJJ"),
        ("23.4.1991", "D.M.YYYY"),
        ("23.04.1991", "D.M.YYYY"),
        (" 04/23/1991 ", "MM/DD/YYYY"),
    ],
)
def test_a_date_is_read_by_its_format(text, format_):
    assert read_date(text, formats(format_)) == CAMILLE


def test_several_formats_in_one_column_are_read():
    known = formats("YYYY-MM-DD", "DD/MM/YYYY", "DD-MM-YYYY")
    assert {read_date(text, known) for text in ("1991-04-23", "23/04/1991", "23-04-1991")} == {CAMILLE}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1991-4-23",
        "91-04-23",
        "1991-02-30",
        "0000-00-00",
        "1991-04-23T00:00",
        "19970-04-22",
        "١٩٩١-٠٤-٢٣",
    ],
)
def test_anything_else_is_no_date(text):
    with pytest.raises(NotConvertible) as refused:
        read_date(text, formats("YYYY-MM-DD"))
    assert refused.value.fault == "not_a_date"
    assert refused.value.expected == "YYYY-MM-DD"


@given(st.dates(min_value=date(1, 1, 1)), st.sampled_from(FORMATS))
def test_every_way_of_writing_a_day_is_read_back(day, format_):
    one = DateFormat.parse(format_)
    assert {one.read(text) for text in one.write(day)} == {day}


@given(st.dates(), st.dates(), st.sampled_from(FORMATS))
def test_a_format_writes_all_days_in_the_same_number_of_ways(day, other, format_):
    one = DateFormat.parse(format_)
    assert len(one.write(day)) == len(one.write(other))


@given(
    st.text() | st.integers().map(str) | st.floats(),
    st.lists(st.sampled_from([*FORMATS, "epoch", "epoch_ms"])),
)
def test_reading_gives_a_date_or_refuses(value, texts):
    try:
        assert isinstance(read_date(value, formats(*texts)), date)
    except NotConvertible:
        return


def test_the_databases_own_dates_need_no_format():
    assert read_date(CAMILLE, []) == CAMILLE
    assert read_date(datetime(1991, 4, 23, 10), []) == CAMILLE  # noqa: DTZ001 - databases give these
    assert read_date(datetime(1991, 4, 22, 22, tzinfo=UTC), [], PARIS) == CAMILLE


def test_seconds_since_1970_are_a_day_in_the_zone_where_they_were_written():
    midnight_in_paris = int(datetime(1991, 4, 23, tzinfo=PARIS).timestamp())
    assert read_date(midnight_in_paris, formats("epoch"), PARIS) == CAMILLE
    assert read_date(midnight_in_paris * 1000, formats("epoch_ms"), PARIS) == CAMILLE
    assert read_date(midnight_in_paris, formats("epoch")) == date(1991, 4, 22)


@given(st.dates(min_value=date(1880, 1, 1), max_value=date(2200, 1, 1)), st.sampled_from(sorted(EPOCH)))
def test_the_range_of_a_day_begins_and_ends_with_the_day(day, kind):
    first, after = epoch_range(day, EPOCH[kind], PARIS)
    assert read_date(first, formats(kind), PARIS) == day
    assert read_date(after - 1, formats(kind), PARIS) == day
    assert read_date(after, formats(kind), PARIS) != day


@pytest.mark.parametrize(
    "text", ["", "YYYY-MM", "DD/MM/YY", "%d/%m/%Y", "YYYY-MM-DD-DD", "dd/mm/yyyy", "DD MMM YYYY"]
)
def test_a_format_without_day_month_and_year_once_each_is_refused(text):
    with pytest.raises(ValueError, match="not a date format"):
        DateFormat.parse(text)


@pytest.mark.parametrize(
    "texts",
    [
        ("DD/MM/YYYY", "MM/DD/YYYY"),
        ("YYYYMMDD", "DDMMYYYY"),
        ("D/M/YYYY", "MM/DD/YYYY"),
        ("D-M-YYYY", "M-D-YYYY"),
        ("epoch", "YYYYMMDD"),
        ("epoch", "epoch_ms"),
    ],
)
def test_two_formats_that_read_one_text_as_two_days_are_refused(texts):
    with pytest.raises(ValueError, match="different days"):
        refuse_ambiguous(formats(*texts))


def test_formats_that_differ_in_shape_go_together():
    refuse_ambiguous(formats("YYYY-MM-DD", "DD/MM/YYYY", "DD-MM-YYYY", "D/M/YYYY", "YYYYMMDD", "native"))
    refuse_ambiguous(formats("epoch", "DD/MM/YYYY", "native"))

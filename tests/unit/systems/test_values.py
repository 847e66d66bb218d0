"""Conversions: what each gives, that it refuses everything else, and that it never tells the value."""

from __future__ import annotations

import contextlib
import unicodedata
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.dates import DateFormat
from connectors.systems.faults import NotConvertible
from connectors.systems.values import Code, Date, Money, Split, Text, Whole, YesNo
from schemas.wire import INTEGER_LIMIT, canonical

EUR = Money("EUR", decimal=",")
YES_NO = YesNo(frozenset({"oui", "o"}), frozenset({"non", "n"}))
CODES = Code({"1": "open", "2": "closed"})
ALL = [
    Text(),
    Whole(),
    Date((DateFormat("DD/MM/YYYY"), DateFormat("epoch"))),
    YES_NO,
    CODES,
    EUR,
    Money("USD"),
    Money("JPY", unit="minor"),
    Split((",", ";"), Text()),
    Split((" ",), Whole(), "number"),
]
ANYTHING = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.binary(),
    st.dates(),
    st.datetimes(),
)


@given(ANYTHING, st.sampled_from(ALL))
def test_a_conversion_gives_what_every_json_reader_keeps_or_refuses(value, conversion):
    try:
        converted = conversion.convert(value)
    except NotConvertible:
        return
    assert canonical({"value": converted})


@given(st.text(min_size=6), st.sampled_from([one for one in ALL if not isinstance(one, Text)]))
def test_a_refusal_never_holds_the_value(value, conversion):
    with contextlib.suppress(NotConvertible):
        conversion.convert(f"◆{value}◆")
        return
    with pytest.raises(NotConvertible) as refused:
        conversion.convert(f"◆{value}◆")
    assert "◆" not in f"{refused.value} {refused.value.to_problem()} {refused.value.at(column='c')}"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("612,40", 61240),
        ("612,4", 61240),
        ("612", 61200),
        ("1 612,40", 161240),
        ("1\u202f612,40\u00a0€", 161240),
        ("1.612,40", 161240),
        ("12.345.678,90 EUR", 1234567890),
        ("1'612,40", 161240),
        ("-18,50", -1850),
        ("+0,05", 5),
        ("612,400", 61240),
    ],
)
def test_amounts_with_a_decimal_comma_become_cents(text, amount):
    assert EUR.convert(text) == {"amount": amount, "currency": "EUR"}


@pytest.mark.parametrize(
    "text",
    [
        "612.40",
        "1.61,40",
        "1,612.40",
        "612,405",
        "1e3",
        "0x1f",
        "∞",
        "NaN",
        "12-",
        "",
        "6 €12",
        "٦١٢",
        "9" * 19,
    ],
)
def test_other_amounts_are_refused(text):
    with pytest.raises(NotConvertible):
        EUR.convert(text)


def test_numbers_of_the_database_become_cents_exactly():
    assert [EUR.convert(one)["amount"] for one in (612, 612.4, Decimal("612.40"), Decimal("6.124E+2"))] == [
        61200,
        61240,
        61240,
        61240,
    ]


def test_currencies_have_their_own_number_of_decimals():
    assert Money("JPY").convert("1200")["amount"] == 1200
    assert Money("TND").convert("1.234")["amount"] == 1234
    with pytest.raises(NotConvertible):
        Money("JPY").convert("1200.5")


def test_amounts_in_minor_units_stay_as_they_are():
    assert Money("EUR", unit="minor").convert(61240) == {"amount": 61240, "currency": "EUR"}
    with pytest.raises(NotConvertible):
        Money("EUR", unit="minor").convert("612.40")


@given(st.integers(-(10**13), 10**13), st.sampled_from([",", "."]), st.sampled_from(["", " ", "\u00a0"]))
def test_every_amount_of_cents_is_read_back(cents, decimal, thousands):
    whole, rest = divmod(abs(cents), 100)
    text = f"{'-' if cents < 0 else ''}{whole:,}".replace(",", thousands) + f"{decimal}{rest:02d}"
    assert Money("EUR", decimal=decimal).convert(text)["amount"] == cents


@given(st.integers(-INTEGER_LIMIT, INTEGER_LIMIT))
def test_every_whole_number_is_read_back(number):
    assert {Whole().convert(one) for one in (number, str(number), Decimal(number))} == {number}


@given(st.integers(min_value=INTEGER_LIMIT + 1))
def test_numbers_beyond_what_json_readers_keep_are_refused(number):
    with pytest.raises(NotConvertible):
        Whole().convert(number)


@given(st.dates())
def test_every_day_is_read_back(day):
    conversion = Date((DateFormat("DD/MM/YYYY"),))
    assert conversion.convert(f"{day.day:02d}/{day.month:02d}/{day.year:04d}") == day.isoformat()
    assert conversion.convert(day) == day.isoformat()


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs"]), max_size=200))
def test_text_stays_as_it_is_but_for_blanks_around_it(text):
    assert Text().convert(f" {text}\n") == unicodedata.normalize("NFC", text).strip()


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\u202eb", "a\ud800b", "x" * 10_001])
def test_text_that_nobody_can_show_is_refused(text):
    with pytest.raises(NotConvertible):
        Text().convert(text)


def test_line_ends_become_those_of_json():
    assert Text().convert("a\r\nb\rc") == "a\nb\nc"


def test_yes_and_no_are_the_words_of_the_system():
    assert [YES_NO.convert(word) for word in ("OUI", " o ", "Non", "n", True)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    with pytest.raises(NotConvertible):
        YES_NO.convert("peut-être")


def test_a_code_that_the_table_lacks_is_refused_or_stands_for_the_rest():
    assert CODES.convert(1) == "open"
    assert Code({"1": "open"}, "other").convert("9") == "other"
    with pytest.raises(NotConvertible) as refused:
        CODES.convert("9")
    assert refused.value.expected == 'one of "1", "2"'


def test_a_list_in_one_cell_is_split_and_each_value_kept_once():
    assert Split((",", "/"), Text()).convert(" a , b/a,, ") == ["a", "b"]
    assert Split((",",), Text(), "number").convert("06, 07") == [{"number": "06"}, {"number": "07"}]
    assert Split((";",), Date((DateFormat("YYYYMMDD"),))).convert("19910423;20000101") == [
        "1991-04-23",
        "2000-01-01",
    ]


def test_the_databases_own_date_is_no_text_of_another_kind():
    with pytest.raises(NotConvertible):
        Whole().convert(date(2020, 1, 1))

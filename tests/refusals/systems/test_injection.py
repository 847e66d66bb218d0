"""Whatever is asked or held, the statements stay word for word the same, and nobody else is found."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing

import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from connectors.systems.csv_folder import open_csv_folder
from connectors.systems.csv_out import as_text, csv_bytes
from connectors.systems.faults import NotEnoughToIdentify
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import PersonKey
from tests.refusals.systems.attacks import FORMULAS, SQL
from tests.unit.systems import small

SEARCHES = [
    ("family_name", {**small.ASKED}),
    ("given_names", {**small.ASKED}),
    ("birth_date", {**small.ASKED}),
    ("file_number", {"file_number": "F-1"}),
    ("phone", {"phone": "0600000001", "birth_date": "1991-04-23"}),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return small.source(tmp_path_factory.mktemp("attacked"))


@pytest.fixture
def statements(source):
    """Record the text of every statement."""
    seen: list[str] = []

    def record(*call):
        seen.append(call[2])

    sqlalchemy.event.listen(source._engine, "before_cursor_execute", record)
    yield seen
    sqlalchemy.event.remove(source._engine, "before_cursor_execute", record)


@pytest.mark.parametrize("attack", SQL)
@pytest.mark.parametrize(("attribute", "asked"), SEARCHES, ids=[name for name, _ in SEARCHES])
def test_an_attack_in_a_search_is_a_value_like_any_other(source, statements, attribute, asked, attack):
    assert source.find(asked) == [PersonKey(1)]
    expected = set(statements)
    statements.clear()
    try:
        assert source.find({**asked, attribute: attack}) == []
    except NotEnoughToIdentify:
        return
    assert set(statements) <= expected


@pytest.mark.parametrize("attack", SQL)
def test_an_attack_as_a_persons_key_is_a_value_like_any_other(source, statements, attack):
    source.read(PersonKey("1"), "housing", small.FIELDS)
    expected = set(statements)
    statements.clear()
    assert source.read(PersonKey(attack), "housing", small.FIELDS) is None
    assert source.identity(PersonKey(attack)) == {}
    assert {one for one in statements if "tenancy" in one} <= expected


@pytest.mark.parametrize("attack", SQL)
def test_an_attack_among_the_fields_asked_for_is_ignored(source, statements, attack):
    assert source.read(PersonKey(1), "housing", ["tenure", attack]) == {"tenure": "social"}
    assert attack not in "".join(statements) or attack in ("?", "_%", "'", '"', "--")


@pytest.mark.parametrize("attack", [one for one in SQL if "\x00" not in one])
def test_an_attack_held_by_the_system_is_found_and_given_as_it_is(tmp_path, attack):
    document = small.mapping()
    document["categories"]["housing"]["fields"]["landlord"] = "kind"
    del document["categories"]["housing"]["fields"]["tenure"]
    source = small.source(tmp_path, document)
    with closing(sqlite3.connect(tmp_path / "agency.db")) as connection:
        connection.execute("UPDATE person SET file_no = ? WHERE id = 1", (attack.strip(),))
        connection.execute("UPDATE tenancy SET kind = ? WHERE person_id = 1", (attack,))
        connection.commit()
    assert source.find({"file_number": attack}) == [PersonKey(1)]
    record = source.read(PersonKey(1), "housing", ["landlord"])
    assert record == {"landlord": attack.replace("\r\n", "\n").strip()}


CSV = {
    "kind": "csv_folder",
    "folder": "drop",
    "store": "store.db",
    "stable_s": 0,
    "files": {"people": {"pattern": "*.csv", "key": "n°; \"key'"}},
    "person": {"table": "people", "key": "n°; \"key'", "enough": [["number"]]},
    "identify": {"number": {"column": "n°; \"key'"}},
    "categories": {
        "housing": {
            "schema": "housing.tenancy/1",
            "table": "people",
            "person": "n°; \"key'",
            "fields": {"landlord": 'x" (y) -- %s :z'},
        }
    },
}


def test_attacks_in_a_dropped_file_and_in_its_head_are_values_like_any_other(tmp_path):
    (tmp_path / "drop").mkdir()
    source = open_csv_folder("drop", parse_mapping(CSV, tmp_path / "drop.toml"))
    attacks = sorted({one.strip() for one in (*SQL, *FORMULAS) if "\x00" not in one})
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerows([["n°; \"key'", 'x" (y) -- %s :z'], *([attack, attack] for attack in attacks)])
    (tmp_path / "drop" / "a.csv").write_bytes(text.getvalue().encode())
    (arrival,) = source.refresh(small.NOW)
    assert (arrival.taken, arrival.rejected) == (len(attacks), 0)
    source.check()
    for attack in attacks:
        assert source.find({"number": attack}) == [PersonKey(attack)]
        record = source.read(PersonKey(attack), "housing", ["landlord"])
        assert record == {"landlord": attack.replace("\r\n", "\n")}


@pytest.mark.parametrize("attack", FORMULAS)
def test_no_formula_leaves_in_a_csv_file_of_ours(attack):
    written = csv_bytes((attack,), [(attack, 3)])
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [[f"'{attack}"], [f"'{attack}", "3"]]


@given(st.text())
def test_a_spreadsheet_sees_text_whatever_the_value_is(value):
    assert not as_text(value).lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.text(st.characters(categories=["L", "N"]), min_size=1))
def test_plain_words_and_numbers_stay_as_they_are(value):
    assert as_text(value) == value

"""Rows and files that cannot be taken in are told by line and column, kept as they came, hold up nothing."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.systems.csv_folder import open_csv_folder
from connectors.systems.faults import MappingFault
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import PersonKey
from tests.unit.systems.dropped import FIELDS, GOOD, HEAD, MAPPING, drop, exemple, opened, report, take_in
from tests.unit.systems.small import NOW


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


FAULTY = (
    HEAD
    + "1;Exemple;1991-04-23;12,50;\r\n"  # line 2
    + "2;;1991-04-23;;\r\n"  # 3: no name
    + "3;B;1991-02-30;;\r\n"  # 4: no such day
    + "\r\n"  # 5
    + "4;C;1980-01-01;12.5.0;\r\n"  # 6: no amount
    + "5;D;1980-01-01\r\n"  # 7: columns missing
    + '6;"E;1980-01-01;;\r\n'  # 8: a stray quotation mark
    + "7;F;1980-01-01;;\r\n"  # 9
    + ";;;;\r\n"  # 10
    + "8;G;19800101;abc;\r\n"  # 11: two faults
    + "9;H;1980-01-01;1,00;\r\n"  # 12: the same key, twice
    + "9;H;1980-01-01;2,00;\r\n"  # 13
    + "1;Exemple;1991-04-23;12,50;\r\n"  # 14: repeated word for word
    + ";I;1980-01-01;;\r\n"  # 15: no key
)
REJECTED = {
    3: [("name", "required")],
    4: [("born", "not_a_date")],
    6: [("owes", "not_an_amount")],
    7: [("", "columns_count")],
    8: [("", "quotation_mark")],
    11: [("born", "not_a_date"), ("owes", "not_an_amount")],
    12: [("id", "key_twice")],
    13: [("id", "key_twice")],
    15: [("id", "required")],
}


def test_rows_with_faults_are_told_by_line_and_column_and_the_rest_is_taken_in(folder):
    source = opened(folder)
    drop(folder, "people.csv", FAULTY)
    (arrival,) = take_in(source)
    told = report(arrival)
    assert (arrival.taken, arrival.rejected) == (2, 9)
    assert {
        one["line"]: [(f["field"], f["code"]) for f in one["faults"]] for one in told["rejected"]
    } == REJECTED
    assert (told["rows"], told["repeated"], told["blank_lines"]) == (12, 1, 2)
    assert exemple(source) == [PersonKey("1")]
    assert source.find({"family_name": "F", "birth_date": "1980-01-01"}) == [PersonKey("7")]
    assert source.find({"family_name": "H", "birth_date": "1980-01-01"}) == []


def test_rejected_rows_are_copied_byte_for_byte_with_their_places_beside(folder):
    drop(folder, "people.csv", b"\xef\xbb\xbf" + FAULTY.encode())
    (arrival,) = take_in(opened(folder))
    lines = FAULTY.encode().splitlines(keepends=True)
    rejected = (folder / "done" / "people-20261123T090005Z.rejected.csv").read_bytes()
    assert rejected == b"\xef\xbb\xbf" + lines[0] + b"".join(lines[line - 1] for line in REJECTED)
    for one in report(arrival)["rejected"]:
        assert rejected.splitlines()[one["line_in_rejected"] - 1] == lines[one["line"] - 1].rstrip()
    beside = (folder / "done" / "people-20261123T090005Z.rejected.lines.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(beside), delimiter=";"))
    assert rows[1] == ["3", "2", "name", "required", "a value"]
    assert len(rows) == 1 + 10


def test_reports_hold_no_value_of_anybody(folder):
    drop(folder, "people.csv", FAULTY.replace("19800101", "canary-1").replace("abc", "canary-2"))
    (arrival,) = take_in(opened(folder))
    assert "canary" not in repr(arrival)
    for path in (folder / "done").iterdir():
        if path.suffix == ".json" or path.name.endswith(".lines.csv"):
            assert "canary" not in path.read_text(encoding="utf-8")


def test_what_lies_in_done_is_for_the_connectors_account_alone(folder):
    drop(folder, "people.csv", FAULTY)
    take_in(opened(folder))
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder / "done").glob("*-*.*.*")}
    assert set(modes.values()) == {0o600}
    assert (folder.parent / "store.db").stat().st_mode & 0o777 == 0o600


def test_a_corrected_file_mends_what_was_rejected_and_keeps_the_rest(folder):
    source = opened(folder)
    drop(folder, "people.csv", FAULTY)
    take_in(source)
    corrected = HEAD + "3;B;1991-02-03;;\r\n1;Exemple;1991-04-23;13,00;\r\n"
    drop(folder, "people-corrected.csv", corrected)
    (arrival,) = take_in(source, after=60)
    assert (arrival.taken, arrival.rejected) == (2, 0)
    assert source.find({"family_name": "b", "birth_date": "1991-02-03"}) == [PersonKey("3")]
    assert source.read(PersonKey("1"), "benefits", FIELDS) == {
        "overpayment": {"amount": 1300, "currency": "EUR"}
    }
    assert source.find({"family_name": "F", "birth_date": "1980-01-01"}) == [PersonKey("7")]


def test_a_file_that_was_taken_in_twice_changes_nothing(folder):
    source = opened(folder)
    for after in (0, 60, 60):
        drop(folder, "people.csv", GOOD)
        assert take_in(source, after=after)[0].taken == 2
    assert exemple(source) == [PersonKey("1")]
    assert len(list((folder / "done").glob("*.csv"))) == 3


def test_a_whole_list_removes_who_is_no_longer_on_it(folder):
    source = opened(folder, people={"whole": True})
    drop(folder, "people.csv", GOOD)
    take_in(source)
    drop(folder, "people.csv", HEAD + "2;Échantillon;01/02/1980;;\r\n")
    (arrival,) = take_in(source, after=60)
    assert report(arrival)["removed"] == 1
    assert exemple(source) == []


@pytest.mark.parametrize("row", [";Exemple;1991-04-23;;\r\n", ""])
def test_nobody_is_removed_by_a_list_with_rejected_rows_or_without_rows(folder, row):
    source = opened(folder, people={"whole": True})
    drop(folder, "people.csv", GOOD)
    take_in(source)
    drop(folder, "people.csv", HEAD + row)
    (arrival,) = take_in(source, after=60)
    assert report(arrival)["removal_held_back"] is True
    assert exemple(source) == [PersonKey("1")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_rows"),
        (b"\xef\xbb\xbf\r\n", "no_rows"),
        (b"id;name\r\n1;2\r\n", "columns_missing"),
        (b"1;canary;1991-04-23;;\r\n", "columns_missing"),
        (b"id;name;born;owes;name\r\n", "column_twice"),
        (GOOD.encode("utf-16"), "utf_16"),
        (b"\x81\x8d;\r\n", "encoding"),
    ],
)
def test_a_file_that_cannot_be_taken_in_at_all_is_set_aside_with_the_reason(folder, content, code):
    drop(folder, "people.csv", content)
    (arrival,) = take_in(opened(folder))
    assert (arrival.taken, arrival.refused) == (0, code)
    assert (folder / "refused" / "people-20261123T090005Z.csv").read_bytes() == content
    assert "canary" not in Path(arrival.report).read_text(encoding="utf-8")
    assert not (folder / "people.csv").exists()


def test_a_file_beyond_the_limit_is_set_aside(folder, monkeypatch):
    monkeypatch.setattr("connectors.systems.drop.flow.FILE_LIMIT", 20)
    drop(folder, "people.csv", GOOD)
    assert take_in(opened(folder))[0].refused == "too_large"


def test_a_file_that_cannot_be_filed_away_stays_and_holds_up_no_other(folder):
    (folder / "done").write_text("in the way", encoding="utf-8")
    drop(folder, "people.csv", GOOD)
    drop(folder, "people_2.csv", b"")
    source = opened(folder)
    assert [one.refused for one in take_in(source)] == ["cannot_be_read_or_moved", "no_rows"]
    (folder / "done").unlink()
    assert [one.taken for one in source.refresh(NOW + timedelta(seconds=60))] == [2]


def test_a_newer_mapping_adds_its_columns_to_the_store(folder):
    drop(folder, "people.csv", GOOD)
    take_in(opened(folder))
    newer = opened(folder, people={"required": ["name", "born", "unused"]})
    assert exemple(newer) == [PersonKey("1")]
    drop(folder, "people.csv", GOOD)
    assert take_in(newer, after=60)[0].rejected == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"folder": None}, "folder: needed"),
        ({"files": None}, "files: needed"),
        (
            {"person": {"query": "SELECT 1 AS id", "key": "id"}},
            "person.query: a drop folder is read by table",
        ),
        ({"person": {"table": "persons", "key": "id"}}, r'person.table: "persons" is not under \[files\]'),
        (
            {
                "categories": {
                    "needs": {"schema": "needs.expressed/1", "query": "SELECT 1", "fields": {"wishes": "w"}}
                }
            },
            "categories.needs: a drop folder is read by table",
        ),
        (
            {
                "categories": {
                    "needs": {
                        "schema": "needs.expressed/1",
                        "table": "n",
                        "person": "id",
                        "fields": {"wishes": "w"},
                    }
                }
            },
            r'categories.needs: table "n" is not under \[files\]',
        ),
    ],
)
def test_a_mapping_that_no_drop_folder_can_follow_is_refused(folder, changes, what):
    document = {key: value for key, value in {**MAPPING, **changes}.items() if value is not None}
    with pytest.raises(MappingFault, match=f"drop.toml: {what}"):
        open_csv_folder("drop", parse_mapping(document, folder.parent / "drop.toml"))

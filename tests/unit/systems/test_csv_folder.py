"""The drop folder: what has arrived is taken in whole, nothing is lost, and a corrected file mends the rest."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.systems.csv_folder import CsvFolderSource, open_csv_folder
from connectors.systems.drop import decode as decoding
from connectors.systems.drop.decode import UnusableFile, decode
from connectors.systems.faults import MappingFault, Unreachable
from connectors.systems.mapping import DropFile
from connectors.systems.mapping_file import parse_mapping
from connectors.systems.source import PersonKey, Source
from tests.unit.systems.small import NOW

MAPPING: dict[str, Any] = {
    "kind": "csv_folder",
    "folder": "drop",
    "store": "store.db",
    "stable_s": 5,
    "files": {
        "people": {"pattern": "people*.csv", "key": "id", "required": ["name", "born"]},
        "rights": {"pattern": "rights*.csv", "key": ["id", "n"]},
    },
    "person": {"table": "people", "key": "id", "enough": [["family_name", "birth_date"]]},
    "identify": {
        "family_name": {"column": "name", "compare": "folded"},
        "birth_date": {"column": "born", "compare": "date", "formats": ["YYYY-MM-DD", "DD/MM/YYYY"]},
    },
    "categories": {
        "benefits": {
            "schema": "benefits.entitlements/1",
            "table": "people",
            "person": "id",
            "fields": {
                "overpayment": {"column": "owes", "type": "money", "currency": "EUR", "decimal": ","},
                "entitlements": {
                    "table": "rights",
                    "person": "id",
                    "fields": {
                        "scheme": {"column": "what", "type": "code", "codes": {"R": "rsa", "A": "aah"}}
                    },
                },
            },
        }
    },
}
HEAD = "id;name;born;owes;unused\r\n"
GOOD = HEAD + "1;Exemple;1991-04-23;12,50;x\r\n2;Échantillon;01/02/1980;;\r\n"
FIELDS = ("overpayment", "entitlements")


def exemple(source: CsvFolderSource) -> list[PersonKey]:
    return source.find({"family_name": "Exemple", "birth_date": "1991-04-23"})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def opened(folder: Path, **files: Any) -> CsvFolderSource:
    document = {**MAPPING, "files": {**MAPPING["files"]}}
    for name, more in files.items():
        document["files"][name] = {**document["files"][name], **more}
    return open_csv_folder("drop", parse_mapping(document, folder.parent / "drop.toml"))


def drop(folder: Path, name: str, content: str | bytes) -> None:
    part = folder / f"{name}.tmp"
    part.write_bytes(content.encode() if isinstance(content, str) else content)
    part.replace(folder / name)


def take_in(source, after=0):
    source.refresh(NOW + timedelta(seconds=after))
    return source.refresh(NOW + timedelta(seconds=after + 5))


def report(arrival) -> dict[str, Any]:
    return json.loads(Path(arrival.report).read_text(encoding="utf-8"))


def test_it_is_a_source(folder):
    source = opened(folder)
    assert isinstance(source, Source)
    source.check()
    assert source.describe().place == str(folder)
    assert source.some_person() is None


def test_a_file_is_taken_in_and_its_records_are_read(folder):
    source = opened(folder)
    drop(folder, "people.csv", GOOD)
    drop(folder, "rights.csv", "id;n;what\r\n1;1;R\r\n1;2;A\r\n2;1;A\r\n")
    assert [(one.taken, one.rejected, one.refused) for one in take_in(source)] == [(2, 0, None), (3, 0, None)]
    (person,) = exemple(source)
    assert source.read(person, "benefits", FIELDS) == {
        "overpayment": {"amount": 1250, "currency": "EUR"},
        "entitlements": [{"scheme": "rsa"}, {"scheme": "aah"}],
    }
    assert source.identity(person) == {"family_name": "Exemple", "birth_date": "1991-04-23"}


def test_the_original_is_kept_byte_for_byte_under_its_name_and_time(folder):
    drop(folder, "people.csv", GOOD)
    take_in(opened(folder))
    assert [path.name for path in folder.iterdir()] == ["done"]
    assert (folder / "done" / "people-20261123T090005Z.csv").read_bytes() == GOOD.encode()


def test_only_the_columns_that_are_mapped_are_kept(folder):
    drop(folder, "people.csv", GOOD.replace("x\r\n", "secret-nir\r\n"))
    (arrival,) = take_in(opened(folder))
    assert report(arrival)["columns_not_used"] == ["unused"]
    assert b"secret-nir" not in (folder.parent / "store.db").read_bytes()


# --- arriving ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["people.csv.tmp", "people.csv.part", ".people.csv", "~people.csv", "people.txt", "peuple.csv"]
)
def test_a_file_that_is_unfinished_or_unknown_is_left_alone(folder, name):
    (folder / name).write_text(GOOD, encoding="utf-8")
    assert take_in(opened(folder)) == []
    assert (folder / name).exists()


def test_a_file_is_taken_in_only_when_it_has_stopped_changing(folder):
    source, path = opened(folder), folder / "people.csv"
    path.write_text(HEAD, encoding="utf-8")
    assert source.refresh(NOW) == []
    path.write_text(GOOD, encoding="utf-8")
    assert source.refresh(NOW + timedelta(seconds=6)) == []
    assert source.refresh(NOW + timedelta(seconds=10)) == []
    assert opened(folder).refresh(NOW + timedelta(seconds=11))[0].taken == 2


def test_a_link_is_not_followed(folder):
    (folder.parent / "elsewhere.csv").write_text(GOOD, encoding="utf-8")
    (folder / "people.csv").symlink_to(folder.parent / "elsewhere.csv")
    assert take_in(opened(folder)) == []


def test_files_are_taken_in_from_the_oldest_to_the_newest(folder):
    source = opened(folder)
    drop(folder, "people_b.csv", GOOD)
    drop(folder, "people_a.csv", GOOD.replace("12,50", "99,00"))
    os.utime(folder / "people_b.csv", (1, 1))
    take_in(source)
    assert source.read(PersonKey("1"), "benefits", FIELDS) == {
        "overpayment": {"amount": 9900, "currency": "EUR"}
    }


def test_a_folder_that_is_not_there_is_named(tmp_path):
    source = opened(tmp_path / "drop")
    with pytest.raises(Unreachable, match='"drop"'):
        source.refresh(NOW)
    with pytest.raises(MappingFault, match="folder"):
        source.check()


# --- encodings and dialects -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding", "delimiter"),
    [
        (GOOD.encode(), "utf-8", ";"),
        (b"\xef\xbb\xbf" + GOOD.encode(), "utf-8", ";"),
        (GOOD.encode("cp1252"), "cp1252", ";"),
        (GOOD.replace(",", ".").replace(";", ",").encode(), "utf-8", ","),
        (GOOD.replace(";", "\t").encode(), "utf-8", "\t"),
        (GOOD.replace(";", "|").encode(), "utf-8", "|"),
        (GOOD.replace("\r\n", "\n").encode(), "utf-8", ";"),
        (GOOD.replace("\r\n", "\r").encode(), "utf-8", ";"),
        (GOOD.removesuffix("\r\n").encode(), "utf-8", ";"),
        (b"sep=;\r\n" + GOOD.encode(), "utf-8", ";"),
        (b"\r\n\r\n" + GOOD.encode(), "utf-8", ";"),
        (GOOD.replace("name", " name ").encode(), "utf-8", ";"),
        (GOOD.replace("name", '"name"').encode(), "utf-8", ";"),
        (GOOD.replace("Exemple", '"Exem""ple"').encode(), "utf-8", ";"),
    ],
)
def test_encodings_delimiters_and_line_ends_are_found_out(folder, content, encoding, delimiter):
    source = opened(folder)
    drop(folder, "people.csv", content)
    (arrival,) = take_in(source)
    assert (arrival.taken, arrival.rejected) == (2, 0) or delimiter == ","
    assert (report(arrival)["encoding"], report(arrival)["delimiter"]) == (encoding, delimiter)
    assert source.find({"family_name": "echantillon", "birth_date": "1980-02-01"}) == [PersonKey("2")]


def test_a_value_may_run_over_several_lines(folder):
    source = opened(folder)
    drop(folder, "people.csv", HEAD + '1;"Exemple\r\n";1991-04-23;;"a ""b""\r\n;c"\r\n2;B;1991-04-23;;\r\n')
    (arrival,) = take_in(source)
    assert (arrival.taken, arrival.rejected) == (2, 0)
    assert exemple(source) == [PersonKey("1")]


def test_empty_cells_at_the_end_may_be_missing_or_too_many(folder):
    drop(
        folder,
        "people.csv",
        HEAD + "1;Exemple;1991-04-23;\r\n2;B;1991-04-23;;;;;\r\n3;C;1991-04-23\r\n4;D;1991-04-23;;;x\r\n",
    )
    (arrival,) = take_in(opened(folder))
    assert [one["line"] for one in report(arrival)["rejected"]] == [4, 5]


# --- faults -----------------------------------------------------------------------------------------

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
        ("id;name\r\n1;2\r\n".encode(), "columns_missing"),
        (b"1;canary;1991-04-23;;\r\n", "columns_missing"),
        ("id;name;born;owes;name\r\n".encode(), "column_twice"),
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


# --- any bytes --------------------------------------------------------------------------------------

ANY = DropFile(name="any", pattern="*", key=("a",), required=())
CSV_ISH = st.lists(
    st.sampled_from([b";", b'"', b'""', b"\r\n", b"\n", b"\r", b"a", b"\xe9", b"\xff", b"\x81", b" "])
).map(b"".join)


@given(st.binary() | CSV_ISH.map(lambda rest: b"a;b\r\n" + rest) | CSV_ISH)
@example(b'a;b\r\n"' + b"x\r\n" * 30)
def test_no_byte_of_a_file_is_lost(data):
    try:
        decoded = decode(data, ANY, ["a"])
    except UnusableFile:
        return
    place = len(decoded.head)
    assert data.startswith(decoded.head)
    for row in decoded.rows:
        found = data.index(row.raw, place)
        between = data[place:found].decode(decoded.encoding)
        assert not between.replace(decoded.delimiter, "").strip()
        place = found + len(row.raw)
    assert not data[place:].decode(decoded.encoding).replace(decoded.delimiter, "").strip()


CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n";,'), max_size=8
)


@given(st.lists(st.tuples(CELL, CELL), max_size=5), st.sampled_from([";", ",", "\t", "|"]))
def test_what_a_csv_writer_writes_is_read_back(rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("a", "b"), *rows])
    read = [
        (row.values["a"], row.values["b"]) for row in decode(out.getvalue().encode(), ANY, ["a", "b"]).rows
    ]
    assert read == [row for row in rows if "".join(row).replace(delimiter, "").strip()]


def test_a_row_runs_over_a_bounded_number_of_lines():
    inside = "x\n" * (decoding.ROW_LINES - 2)
    assert decode(f'a;b\n1;"{inside}"\n'.encode(), ANY, ["a"]).rows[0].faults == ()
    rows = decode(f'a;b\n1;"{inside}\n\n\n"\n2;3\n'.encode(), ANY, ["a"]).rows
    assert rows[0].faults[0].code == "quotation_mark"
    assert rows[-1].values == {"a": "2", "b": "3"}

"""The drop folder: what has arrived whole is taken in, whatever its encoding, and its records are read."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from connectors.systems.faults import MappingFault, Unreachable
from connectors.systems.source import PersonKey, Source
from tests.unit.systems.dropped import FIELDS, GOOD, HEAD, drop, exemple, opened, report, take_in
from tests.unit.systems.small import NOW


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


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

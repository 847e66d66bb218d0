"""Real export files of Carnet de bord are taken in by a mapping file alone, buggy rows set aside."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from connectors.systems.registry import open_system
from connectors.systems.source import PersonKey
from connectors.systems.try_out import try_out
from tests.unit.systems.small import NOW

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("ACCORD_SHARED_DATA") or ROOT.parent / "shared" / "data") / "carnet-de-bord"
MAPPING = ROOT / "ops" / "story" / "sample" / "carnet_de_bord.toml"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="ACCORD_SHARED_DATA names no folder with carnet-de-bord/"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path


def take_in(folder, name):
    settings = {"mapping": str(MAPPING), "folder": "drop", "store": "store.db", "stable_s": 0}
    source = open_system("carnet", settings, folder)
    shutil.copyfile(DATA / name, folder / "drop" / name)
    (arrival,) = source.refresh(NOW)
    return source, arrival


@pytest.mark.parametrize(
    "name", ["import_beneficiaires.csv", "import_beneficiaires_with_all_date_formats.csv"]
)
def test_a_good_list_is_taken_in_whole_whatever_its_dates(folder, name):
    source, arrival = take_in(folder, name)
    assert (arrival.taken, arrival.rejected, arrival.refused) == (4, 0, None)
    found = source.find({"family_name": "FONDUE", "given_names": "charlotte", "birth_date": "1998-05-25"})
    assert found == [PersonKey("1234")]
    run = try_out(
        source, identify={"family_name": "Fondue", "given_names": "Charlotte", "birth_date": "1998-05-25"}
    )
    assert run.passed, [one.faults for one in run.categories]
    told = {one.category: one.record or {} for one in run.categories}
    assert told["identity"]["phones"] == [{"number": "0601234567"}, {"number": "071234567"}]
    assert told["identity"]["address"] == {
        "line": "11 rue du Fromage",
        "postal_code": "61120",
        "city": "Camembert",
    }
    assert told["benefits"] == {
        "claimant_number": "2055990",
        "entitlements": [{"scheme": "rsa", "state": "open_suspended"}, {"scheme": "ass", "state": "open"}],
    }
    assert told["employment"]["registration"] == {"agency": "France Travail", "number": "300000L"}


def test_everyone_of_the_list_has_valid_records(folder):
    source, _ = take_in(folder, "import_beneficiaires.csv")
    for key in ("1234", "12345", "123456", "1234567"):
        asked = source.identity(PersonKey(key))
        run = try_out(source, identify={name: value for name, value in asked.items() if value})
        assert run.person_found
        assert [one.faults for one in run.categories if one.faults] == []


def test_two_lines_of_one_person_are_two_candidates_not_one_guess(folder):
    source, _ = take_in(folder, "import_beneficiaires.csv")
    found = source.find({"family_name": "Fondue", "given_names": "Charlie", "birth_date": "1997-04-22"})
    assert found == [PersonKey("12345"), PersonKey("123456")]


def test_buggy_rows_are_told_by_line_and_column_and_the_rest_is_taken_in(folder):
    _, arrival = take_in(folder, "import_beneficiaires_buggy.csv")
    assert (arrival.taken, arrival.rejected) == (1, 2)
    told = json.loads(Path(arrival.report).read_text(encoding="utf-8"))
    dates = "AAAA-MM-JJ or JJ/MM/AAAA or JJ-MM-AAAA"
    assert [(one["line"], one["faults"]) for one in told["rejected"]] == [
        (2, [{"field": "Date de naissance*", "code": "required", "expected": "a value"}]),
        (3, [{"field": "Date de naissance*", "code": "not_a_date", "expected": dates}]),
    ]
    rejected = next((folder / "drop" / "done").glob("*.rejected.csv")).read_bytes()
    assert rejected == b"".join(
        (DATA / "import_beneficiaires_buggy.csv").read_bytes().splitlines(keepends=True)[:3]
    )


def test_a_buggy_list_and_then_a_good_one_leave_everyone_in_order(folder):
    take_in(folder, "import_beneficiaires_buggy.csv")
    source, arrival = take_in(folder, "import_beneficiaires.csv")
    assert arrival.taken == 4
    assert source.identity(PersonKey("12345"))["birth_date"] == "1997-04-22"


def test_repeated_and_blank_lines_do_no_harm(folder):
    source, _ = take_in(folder, "import_beneficiaires.csv")
    lines = (DATA / "import_beneficiaires.csv").read_bytes().splitlines(keepends=True)
    (folder / "drop" / "import_beneficiaires_2.csv").write_bytes(
        lines[0] + b"\r\n" + lines[1] + lines[1] + b";" * 24
    )
    (arrival,) = source.refresh(NOW)
    told = json.loads(Path(arrival.report).read_text(encoding="utf-8"))
    assert (told["taken"], told["repeated"], told["blank_lines"], told["rejected"]) == (1, 1, 2, [])

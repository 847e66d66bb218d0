"""A whole copy is checked without the service: whichever byte of whichever file was changed, it is named."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from connectors.evidence.copied import LIST, SEAL, written
from connectors.evidence.verify.copied import CopyReport, is_copy, verify_copy
from connectors.evidence.verify.trust import Trust
from schemas.keys import SigningKey
from tests.conftest import MakeDatabase
from tests.flow.portal.story import Story


@pytest.fixture(scope="module")
def copy(tmp_path_factory, make_database_for_module: MakeDatabase) -> bytes:
    """Everything of the citizen of the story, as it is sent."""
    story = Story(tmp_path_factory.mktemp("copied"), make_database_for_module)
    answer = story.visit(story.citizen).post("/take-with-me/")
    assert answer.status_code == 200
    data = bytes(answer.data)
    story.close()
    return data


@pytest.fixture
def folder(copy: bytes, tmp_path: Path) -> Path:
    with ZipFile(io.BytesIO(copy)) as packed:
        packed.extractall(tmp_path / "copy")
    return tmp_path / "copy"


def check(path: Path, folder: Path) -> CopyReport:
    return verify_copy(path, Trust.of_file(folder / "keys.json"))


def damaged(folder: Path) -> dict[str, str]:
    return {each.file: each.code for each in check(folder, folder).damage}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_copy_holds_packed_and_unpacked(copy, folder, tmp_path):
    (tmp_path / "copy.zip").write_bytes(copy)
    for path in (folder, tmp_path / "copy.zip"):
        assert is_copy(path)
        report = check(path, folder)
        assert report.damage == ()
        assert report.holds
        assert report.cases
    assert not is_copy(folder / "case-1" / "evidence.jsonl")


def test_every_kind_of_part_is_there(folder):
    kinds = {path.relative_to(folder).parts[-1] for path in files(folder)}
    assert {"README.txt", "index.html", "keys.json", "data.json", "case.html", "evidence.jsonl"} <= kinds
    folders = {path.parent.name for path in files(folder)}
    assert {"documents", "receipts", "shown"} <= folders


def test_one_changed_byte_in_any_file_is_named_with_the_file(folder):
    for path in files(folder):
        name, data = path.relative_to(folder).as_posix(), path.read_bytes()
        if name == "keys.json":  # the reader's own keys are compared with fingerprints, not with the copy
            continue
        changed = bytearray(data)
        changed[len(data) // 2] ^= 0x01
        path.write_bytes(changed)
        report = check(folder, folder)
        path.write_bytes(data)
        assert not report.holds, name
        named = {each.file for each in report.damage} | {
            f"{case}/evidence.jsonl" for case, each in report.cases.items() if not each.holds
        }
        assert name in named | ({LIST} if name == SEAL else set()), (name, named)


def test_changed_keys_are_not_trusted_and_the_file_is_named(folder):
    trust = Trust.of_file(folder / "keys.json")
    (folder / "keys.json").write_bytes((folder / "keys.json").read_bytes() + b" ")
    assert [each.file for each in verify_copy(folder, trust).damage] == ["keys.json"]


def test_a_byte_changed_in_the_packed_file_is_named(copy, folder, tmp_path):
    with ZipFile(io.BytesIO(copy)) as packed:
        (document,) = [each for each in packed.infolist() if "/documents/" in each.filename]
    place = document.header_offset + 30 + len(document.filename.encode()) + 40
    changed = bytearray(copy)
    changed[place] ^= 0x01
    (tmp_path / "copy.zip").write_bytes(changed)
    assert document.filename in {each.file for each in check(tmp_path / "copy.zip", folder).damage}


def test_what_was_removed_or_added_is_named(folder):
    (page,) = [path for path in files(folder) if path.name == "case.html" and path.parent.name == "case-1"]
    page.unlink()
    (folder / "case-1" / "99-forged.txt").write_text("forged")
    (folder / ".DS_Store").write_text("left by a system")
    assert damaged(folder) == {
        "case-1/case.html": "file_missing",
        "case-1/99-forged.txt": "file_added",
    }


def test_a_new_list_signed_by_somebody_else_is_refused(folder):
    (receipt, *_) = [path for path in files(folder) if path.parent.name == "receipts"]
    receipt.write_text("You allowed everything.")
    _list_anew(folder)
    assert LIST in damaged(folder)
    from connectors.evidence.copied import sealed  # noqa: PLC0415 - only this test forges

    forged = sealed(
        (folder / LIST).read_bytes(),
        by="my-portal",
        made_at="2031-03-10T09:00:00.000Z",
        key=SigningKey.generate(),
    )
    (folder / SEAL).write_bytes(forged)
    assert SEAL in damaged(folder)


def test_without_any_evidence_nobody_can_say_who_made_the_list(folder):
    for path in files(folder):
        if path.name == "evidence.jsonl":
            path.unlink()
    _list_anew(folder)
    assert damaged(folder)[SEAL] == "nobody_known"


def test_without_its_list_a_copy_does_not_hold(folder):
    (folder / SEAL).unlink()
    assert damaged(folder)[LIST] == "list_missing"


def test_the_real_command_checks_a_copy_and_every_system_can_check_the_list(copy, folder, tmp_path):
    (tmp_path / "copy.zip").write_bytes(copy)
    command = [str(Path(sys.executable).with_name("accord")), "evidence", "verify"]
    keys = ["--keys", str(folder / "keys.json"), "--json"]

    def run(path: Path) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [*command, str(path), *keys], capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, json.loads(done.stdout)

    code, found = run(tmp_path / "copy.zip")
    assert (code, found["holds"]) == (0, True)
    summed = subprocess.run(
        ["sha256sum", "-c", LIST], cwd=folder, capture_output=True, timeout=60, check=False
    )
    assert summed.returncode == 0
    (folder / "README.txt").write_text("Another.")
    code, found = run(folder)
    assert (code, [each["file"] for each in found["damage"]]) == (1, ["README.txt"])


def _list_anew(folder: Path) -> None:
    import hashlib  # noqa: PLC0415 - only forgers do this

    known = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files(folder)
        if path.name not in {LIST, SEAL}
    }
    (folder / LIST).write_bytes(written(known))

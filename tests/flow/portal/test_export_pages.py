"""The copy that somebody takes along, as a file: whole, readable, verifiable, nothing left behind."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from uuid import uuid4
from zipfile import BadZipFile, ZipFile

import pytest

from connectors.exchange.acts import access, coordination
from connectors.exchange.store import consents, statements
from connectors.exchange.upkeep import find_places
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, URL
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

WORDS = "Ich brauche Hilfe mit der Miete – aide <b>s’il vous plaît</b>"
FILE = bytes(range(256)) * 300


@pytest.fixture
def lived(life: Life) -> tuple[Life, str, str]:
    """A citizen whose case has a permission, a record that was looked at, words and a document."""
    citizen = life.person()
    case = life.case_of(citizen)
    request = life.asked(case)
    visit = life.visit(citizen)
    visit.get(f"/requests/{request}")
    visit.post(f"/requests/{request}", decision="allow")
    life.world.settle()
    with life.portal.database.reading() as connection:
        (consent,) = [row.id for row in consents.of_case(connection, case)]
    life.world.invite_source(case, consent)
    asked = life.world.request(case, consent)
    life.world.settle()
    debt = life.world.members[DEBT]
    with debt.database.reading() as connection:
        (released,) = [each for each in statements.answers_to(connection, asked) if not each.mine]
    access.view_record(debt, released.id, access.Actor("worker-7", "rent adviser"), access.Reason("plan"))
    coordination.add_note(debt, case, CANARY)
    coordination.send_message(life.portal, case, coordination.Words(text=WORDS, subject="My rent"), to=[DEBT])
    file = coordination.File("Lease", "Bail: <2031>.pdf", "application/pdf", FILE)
    coordination.add_document(debt, case, file)
    life.world.settle()
    find_places(life.portal)
    return life, citizen, case


def taken(visit: Visit, path: str = "/take-with-me/") -> ZipFile:
    answer = visit.post(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    found = ZipFile(io.BytesIO(answer.data))
    assert found.testzip() is None
    return found


def data(copy: ZipFile, name: str = "case-1/data.json"):
    return json.loads(copy.read(name))


def verified(folder: Path, copy: ZipFile, evidence: bytes | None = None) -> subprocess.CompletedProcess[str]:
    """Check a copy's evidence with the real command, in a process that knows nothing else."""
    (folder / "evidence.jsonl").write_bytes(evidence or copy.read("case-1/evidence.jsonl"))
    (folder / "keys.json").write_bytes(copy.read("keys.json"))
    command = [str(Path(sys.executable).with_name("accord")), "evidence", "verify"]
    options = [str(folder / "evidence.jsonl"), "--keys", str(folder / "keys.json"), "--json"]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=60, check=False)


def test_the_evidence_verifies_with_the_real_command_and_one_changed_byte_is_named(lived, tmp_path):
    life, citizen, _ = lived
    copy = taken(life.visit(citizen))
    holds = verified(tmp_path, copy)
    assert holds.returncode == 0, holds.stdout + holds.stderr
    evidence = bytearray(copy.read("case-1/evidence.jsonl"))
    line = evidence.split(b"\n")[9]
    place = evidence.index(line) + len(line) // 2
    evidence[place] = ord("A") if evidence[place] != ord("A") else ord("B")
    broken = verified(tmp_path, copy, bytes(evidence))
    assert broken.returncode == 1
    found = [each for each in json.loads(broken.stdout)["findings"] if each["severity"] == "broken"]
    assert 9 in {each["entry"] for each in found}


def test_the_data_holds_everything_that_the_pages_show(lived):
    life, citizen, case = lived
    visit = life.visit(citizen)
    copy = taken(visit)
    whole = json.dumps(data(copy), ensure_ascii=False)
    page = copy.read("case-1/case.html").decode()
    for words in (CANARY, "My rent", "Lease", "Habitat Nord", "rent adviser", "plan"):
        assert words in whole, f"{words!r} is not in the data"
        assert words in page, f"{words!r} is not on the page"
    assert data(copy)["case"]["threads"][0]["posts"][0]["text"] == WORDS
    assert "<b>" not in page
    shown = visit.get("/receipts/").text
    numbers = re.findall(r"/receipts/([A-Z0-9-]{19})", shown)
    assert numbers
    assert {each["number"] for each in data(copy)["receipts"]} == set(numbers)
    (notice,) = {each["sha256"]: each for each in data(copy)["notices"]}.values()
    assert "asks for your permission" in notice["text"]
    assert data(copy)["case"]["looked"]["lines"][0]["member"] == DEBT
    assert data(copy)["case"]["id"] == case
    assert len(data(copy)["case"]["timeline"]) == page.split('id="all"')[1].split("</ol>")[0].count("<li>")


def test_every_member_of_the_data_is_described_in_both_languages(lived):
    life, citizen, _ = lived
    copy = taken(life.visit(citizen))
    english, french = copy.read("README.txt").decode().split("FRANÇAIS")
    for name in data(copy):
        assert f"\n  {name} " in english
        assert f"\n  {name} " in french
    for name in data(copy)["case"]:
        assert name in english or name in {
            "id",
            "seat",
            "opened_by",
            "opened_at",
            "closed",
            "language",
            "last_at",
            "outcome",
            "permitted",
        }
    assert life.portal.coordinator.pinned.log.kid in english


def test_documents_are_there_as_they_were_added_under_names_that_every_system_can_have(lived):
    life, citizen, _ = lived
    copy = taken(life.visit(citizen))
    (name,) = data(copy)["files"].values()
    assert name == "documents/01-Bail_ _2031_.pdf"
    assert copy.read(f"case-1/{name}") == FILE
    assert f'href="{name}"' in copy.read("case-1/case.html").decode()


def test_the_page_needs_no_script_and_nothing_from_elsewhere(lived):
    life, citizen, _ = lived
    page = taken(life.visit(citizen)).read("case-1/case.html").decode()
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    assert not re.search(r"\bon[a-z]+=", page)


def test_nothing_of_a_copy_stays_on_the_disk(lived, tmp_path, monkeypatch):
    life, citizen, _ = lived
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    assert taken(life.visit(citizen)).read("case-1/evidence.jsonl")
    assert list(aside.iterdir()) == []


def test_a_copy_that_is_broken_off_is_no_file_and_leaves_nothing(lived, tmp_path, monkeypatch):
    life, citizen, _ = lived
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    visit = life.visit(citizen)
    token = {"csrf_token": visit.token()}
    answer = visit.client.post("/take-with-me/", data=token, buffered=False)
    pieces = answer.iter_encoded()
    begun = b"".join(next(pieces) for _ in range(6))
    answer.close()
    assert begun.startswith(b"PK")
    with pytest.raises(BadZipFile):
        ZipFile(io.BytesIO(begun))
    assert list(aside.iterdir()) == []


def test_without_the_coordinator_everything_else_is_there_and_what_is_missing_is_named(lived):
    life, citizen, _ = lived
    session = life.portal.coordinator.line[1]
    session.adapters.pop(URL)
    copy = taken(life.visit(citizen))
    assert "case-1/evidence.jsonl" not in copy.namelist()
    assert "evidence.jsonl (" in copy.read("case-1/missing.txt").decode()
    assert CANARY in json.dumps(data(copy), ensure_ascii=False)


def test_one_case_alone_holds_nothing_of_the_account_or_of_another_case(lived):
    life, citizen, case = lived
    other = life.case_of(citizen)
    visit = life.visit(citizen)
    copy = taken(visit, f"/take-with-me/{other}")
    assert "data.json" not in copy.namelist()
    assert data(copy)["case"]["id"] == other
    assert CANARY not in json.dumps(data(copy), ensure_ascii=False)
    whole = taken(visit)
    assert {each["case"] for each in data(whole, "data.json")["cases"]} == {case, other}


def test_a_foreign_case_is_not_taken(lived):
    life, _, case = lived
    stranger = life.visit(life.person())
    assert stranger.post(f"/take-with-me/{case}").status_code == 404
    assert stranger.post(f"/take-with-me/{uuid4()}").status_code == 404


def test_a_delegate_takes_what_they_may_see_and_the_person_is_shown_that(lived):
    life, citizen, case = lived
    hidden = life.case_of(citizen)
    delegate, mandate, _ = life.given(citizen, kind="informal_helper", cases=[case])
    visit = life.visit(delegate, mandate)
    copy = taken(visit)
    assert [data(copy)["case"]["id"], len(data(copy, "data.json")["cases"])] == [case, 1]
    assert "account" not in data(copy, "data.json")
    assert visit.post(f"/take-with-me/{hidden}").status_code == 404
    assert "Sample Helper took a copy of all of your cases" in life.visit(citizen).get("/acting/").text


def test_an_old_sign_in_takes_nothing_and_the_page_says_what_to_do(lived):
    life, citizen, case = lived
    visit = life.visit(citizen)
    life.world.clock.move(hours=2)
    for path in ("/take-with-me/", f"/take-with-me/{case}"):
        assert visit.post(path).status_code == 302
    assert "Sign in again" in visit.get("/take-with-me/").text


def test_copies_are_limited(life):
    visit = life.visit(life.person())
    found = [visit.post("/take-with-me/").status_code for _ in range(31)]
    assert (found[0], found[-1]) == (200, 429)


def test_the_account_is_in_the_whole_copy(lived):
    life, citizen, _ = lived
    life.given(citizen, valid_until=life.now() + timedelta(days=5))
    whole = data(taken(life.visit(citizen)), "data.json")
    assert whole["account"]["name"] == "Sample Citizen"
    assert whole["acts_for_you"][0]["who"] == "Sample Helper"
    assert [each["act"] for each in whole["done_for_you"]] == ["mandate.accept"]

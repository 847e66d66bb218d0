"""Notes, messages, documents and outcomes by the local API and the commands, for agency and citizen alike."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from tests.flow.api.kit import Caller
from tests.flow.api.test_commands import Terminal
from tests.flow.api.test_story import ACTOR, consented, open_case, record_request
from tests.flow.exchange.world import AGREEMENT, DEBT, PORTAL, World

PAPER = b"%PDF a lease of many pages " * 1000
WHO = {"actor": ACTOR, "reason": {"code": "plan"}}


def paper(**changed: object) -> dict[str, object]:
    return {
        "title": "Lease",
        "name": "bail – Lilas.pdf",
        "media_type": "application/pdf",
        "data": base64.b64encode(PAPER).decode(),
        **changed,
    }


def ids(caller: Caller, case: str, what: str) -> list[str]:
    return [each["id"] for each in caller.get(f"/v1/cases/{case}/{what}")["statements"]]


def test_both_sides_write_by_the_same_addresses(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    debt.post(f"/v1/cases/{case}/notes", {"text": "The plan is ready."})
    portal.post(f"/v1/cases/{case}/messages", {"text": "Why did you look?", "kind": "question"})
    world.settle()
    (note,) = ids(portal, case, "notes")
    shown = portal.post(f"/v1/records/{note}/read", status=200)
    assert shown["content"] == {"text": "The plan is ready."}
    (question,) = ids(debt, case, "messages")
    debt.post(f"/v1/cases/{case}/messages", {"text": "For your plan.", "answers": question})
    debt.post(f"/v1/cases/{case}/outcomes", {"outcome": "got_help"})
    world.settle()
    (claimed,) = ids(portal, case, "outcomes")
    dispute = {"outcome": "no_help", "answers": claimed, "agrees": False}
    portal.post(f"/v1/cases/{case}/outcomes", dispute)
    world.settle()
    assert len(ids(debt, case, "outcomes")) == 2
    assert len(ids(portal, case, "messages")) == 2
    assert debt.get("/v1/queue")["failed"] == []
    assert portal.get("/v1/queue")["aside"] == []


def test_a_file_comes_back_as_it_was_and_the_citizen_is_told_who_opened_it(
    world: World, debt: Caller, portal: Caller
):
    case = open_case(world, debt, portal)
    portal.post(f"/v1/cases/{case}/documents", paper())
    world.settle()
    (document,) = ids(debt, case, "documents")
    path = f"/v1/documents/{document}/read"
    assert debt.refused("POST", path) == (422, "reason_missing")
    answer = debt.ask("POST", path, WHO)
    assert (answer.status_code, answer.data) == (200, PAPER)
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].endswith("bail%20%E2%80%93%20Lilas.pdf")
    world.settle()
    (view,) = portal.get(f"/v1/cases/{case}/views")["views"]
    assert (view["viewed"], view["member"]) == (document, DEBT)
    assert portal.ask("POST", path, {}).data == PAPER
    assert len(portal.get(f"/v1/cases/{case}/views")["views"]) == 1


def test_a_file_is_larger_than_other_bodies_and_has_its_own_limit(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    large = base64.b64encode(b"x" * 3_000_000).decode()
    debt.post(f"/v1/cases/{case}/documents", paper(data=large))
    too_large = base64.b64encode(b"x" * (25 * 1024 * 1024)).decode()
    path = f"/v1/cases/{case}/documents"
    assert debt.refused("POST", path, paper(data=too_large)) == (413, "too_large")
    assert debt.refused("POST", path, paper(data=large * 10)) == (413, "too_large")
    for data in ("", "not base64!", "QQ"):
        assert debt.refused("POST", path, paper(data=data)) == (422, "invalid")
    assert debt.refused("POST", path, paper(name="../lease.pdf")) == (422, "invalid")
    assert debt.refused("POST", f"/v1/cases/{case}/notes", {"text": "x" * 2_000_000}) == (413, "too_large")


def test_the_same_key_shares_once(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    for path, body in (
        (f"/v1/cases/{case}/notes", {"text": "Once."}),
        (f"/v1/cases/{case}/documents", paper()),
    ):
        first = debt.post(path, body, key=f"k-{path}")
        assert debt.post(path, body, key=f"k-{path}") == first
    assert [len(ids(debt, case, what)) for what in ("notes", "documents")] == [1, 1]


def test_another_agency_gets_nothing_without_a_basis_that_covers_it(
    world: World, debt: Caller, housing: Caller, portal: Caller
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    path, body = f"/v1/cases/{case}/notes", {"text": "Psst.", "to": [DEBT]}
    assert housing.refused("POST", path, body) == (403, "agreement_does_not_cover")
    by_consent = {**body, "authority": {"basis": "consent", "consent": consent}}
    assert housing.refused("POST", path, by_consent) == (422, "invalid")
    whole = {**by_consent, "agreement": AGREEMENT, "purpose": "debt-plan"}
    assert housing.refused("POST", path, whole) == (403, "agreement_does_not_cover")
    assert housing.get("/v1/queue")["waiting"] == []


def test_the_citizen_contests_a_record_and_its_source_corrects_it(
    world: World, debt: Caller, housing: Caller, portal: Caller
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    debt.post(f"/v1/cases/{case}/record-requests", record_request(consent))
    world.settle()
    said = debt.get(f"/v1/cases/{case}")["statements"]
    (record,) = [each["id"] for each in said if each["schema"] == "housing.tenancy/1"]
    portal.post(f"/v1/records/{record}/contest", {"text": "The rent is 500.", "fields": ["rent"]})
    world.settle()
    assert debt.post(f"/v1/records/{record}/read", WHO, status=200)["contested"]
    said = housing.get(f"/v1/cases/{case}")["statements"]
    (contest,) = [each["id"] for each in said if each["type"] == "record.contest/1"]
    right = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
    housing.post(f"/v1/records/{record}/correct", {"record": right, "settles": contest})
    world.settle()
    assert not debt.post(f"/v1/records/{record}/read", WHO, status=200)["contested"]
    said = debt.get(f"/v1/cases/{case}")["statements"]
    (corrected,) = [each["id"] for each in said if each["type"] == "record.correct/1"]
    shown = debt.post(f"/v1/records/{corrected}/read", WHO, status=200)
    assert shown["content"]["record"] == right


def test_by_commands_alone(world: World, debt: Caller, portal: Caller, tmp_path: Path):
    case = open_case(world, debt, portal)
    agency, citizen = Terminal(world, DEBT, "charity"), Terminal(world, PORTAL, "portal")
    agency.ok("case", "note", case, given="The plan is ready.\r\nCome on Monday.\n")
    citizen.ok("message", case, "--kind", "question", "--subject", "Visit", given="Why?", group="portal")
    file = tmp_path / "lease.pdf"
    file.write_bytes(PAPER)
    citizen.ok("document", "add", case, str(file), group="portal")
    world.settle()
    (question,) = ids(debt, case, "messages")
    agency.ok("case", "message", case, "--answers", question, given="For your plan.")
    agency.ok("case", "outcome", case, "--result", "got_help", given="")
    world.settle()
    (claimed,) = ids(portal, case, "outcomes")
    citizen.ok(
        "outcome",
        case,
        "--result",
        "some_help",
        "--answers",
        claimed,
        "--disagrees",
        given="",
        group="portal",
    )
    world.settle()
    (document,) = ids(debt, case, "documents")
    assert document in agency.ok("case", "document", "list", case)
    target = tmp_path / "got.pdf"
    agency.ok("case", "document", "get", document, str(target), "--by", "worker-7")
    assert target.read_bytes() == PAPER
    assert agency.run("case", "document", "get", document, str(target)).exit_code == 2
    (note,) = ids(portal, case, "notes")
    shown = portal.post(f"/v1/records/{note}/read", status=200)
    assert shown["content"]["text"] == "The plan is ready.\nCome on Monday."
    refused = agency.run("case", "note", case, "--to", "city-housing", given="Psst.")
    assert (refused.exit_code, "agreement_does_not_cover" in refused.stderr) == (1, True)


def test_contesting_and_correcting_by_commands(
    world: World, debt: Caller, housing: Caller, portal: Caller, tmp_path: Path
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    debt.post(f"/v1/cases/{case}/record-requests", record_request(consent))
    world.settle()
    said = debt.get(f"/v1/cases/{case}")["statements"]
    (record,) = [each["id"] for each in said if each["schema"] == "housing.tenancy/1"]
    citizen = Terminal(world, PORTAL, "portal")
    citizen.ok("contest", record, "--field", "rent", given="The rent is 500.", group="portal")
    world.settle()
    source = Terminal(world, "city-housing", "public")
    file = tmp_path / "right.json"
    file.write_text(json.dumps({"rent": {"amount": 50000, "currency": "EUR"}}))
    source.ok("records", "correct", record, str(file))
    world.settle()
    said = debt.get(f"/v1/cases/{case}")["statements"]
    assert [each["contested"] for each in said if each["id"] == record] == [
        True
    ]  # nothing says it is settled
    assert [each["issuer"] for each in said if each["type"] == "record.correct/1"] == ["city-housing"]


def test_the_evidence_of_a_case_with_shared_work_holds(
    world: World, debt: Caller, portal: Caller, tmp_path: Path
):
    case = open_case(world, debt, portal)
    debt.post(f"/v1/cases/{case}/notes", {"text": "The plan is ready."})
    portal.post(f"/v1/cases/{case}/documents", paper())
    world.settle()
    world.settle()
    answer = portal.ask("POST", f"/v1/cases/{case}/evidence", {"with_contents": True})
    (tmp_path / "case.jsonl").write_bytes(answer.data)
    report = verify(tmp_path / "case.jsonl", Trust.of_keys(world.pinned))
    assert report.holds, report.findings
    assert report.counts["releases"] == 2

"""A whole case by the local API alone: open, invite, join, ask, grant, request, read, withdraw, prove."""

from __future__ import annotations

from pathlib import Path

from connectors.evidence.verify.flow import verify
from connectors.evidence.verify.trust import Trust
from schemas import instant
from tests.flow.api.kit import Caller
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PORTAL, World, terms

WHY = {"en": "For your plan.", "fr": "Pour le plan."}
ACTOR = {"pseudonym": "worker-7", "role": "adviser"}


def open_case(world: World, debt: Caller, portal: Caller) -> str:
    """Open a case in which the citizen sits."""
    case = str(debt.post("/v1/cases", {"language": "fr"}, status=201)["case"])
    invitee = {"kind": "citizen", "portal": PORTAL}
    made = debt.post(f"/v1/cases/{case}/invitations", {"invitee": invitee}, status=201)
    world.settle()
    assert portal.post("/v1/invitations/join", {"code": made["code"]}, status=201) == {"case": case}
    world.settle()
    return case


def consented(world: World, debt: Caller, portal: Caller, case: str) -> str:
    """Ask for a consent and have it granted; the source is invited by it."""
    debt.post(f"/v1/cases/{case}/consent-requests", {"terms": terms(world.clock()), "why": WHY})
    world.settle()
    (asked,) = portal.get(f"/v1/cases/{case}/consent-requests")["requests"]
    now = instant.format(world.clock())
    decision = {"shown_at": now, "acr": "substantial", "auth_time": now}
    portal.post(f"/v1/consent-requests/{asked['id']}/grant", decision)
    world.settle()
    (consent,) = debt.get(f"/v1/cases/{case}/consents")["consents"]
    invitee = {"kind": "agency", "member": HOUSING, "consent": consent["id"]}
    debt.post(f"/v1/cases/{case}/invitations", {"invitee": invitee}, status=201)
    world.settle()
    return str(consent["id"])


def record_request(consent: str) -> dict[str, object]:
    return {
        "source": HOUSING,
        "categories": [{"category": "housing", "fields": ["landlord", "rent"]}],
        "identify": {"family_name": "Martin", "birth_date": "1990-04-01"},
        "why": {"en": "To check the rent."},
        "authority": {"basis": "consent", "consent": consent},
        "agreement": AGREEMENT,
        "purpose": "debt-plan",
    }


def test_a_whole_case_by_the_local_api(
    world: World, debt: Caller, housing: Caller, portal: Caller, tmp_path: Path
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    debt.post(f"/v1/cases/{case}/record-requests", record_request(consent))
    world.settle()

    said = debt.get(f"/v1/cases/{case}")["statements"]
    (record,) = [each for each in said if each["schema"] == "housing.tenancy/1"]
    assert CANARY not in str(said)
    body = {"actor": ACTOR, "reason": {"code": "plan"}}
    shown = debt.post(f"/v1/records/{record['id']}/read", body, status=200)
    assert CANARY in shown["content"]["landlord"]
    world.settle()
    (view,) = portal.get(f"/v1/cases/{case}/views")["views"]
    assert (view["viewed"], view["member"], view["actor"]) == (record["id"], DEBT, ACTOR)

    portal.post(f"/v1/consents/{consent}/withdraw")
    world.settle()
    erasures = portal.get(f"/v1/cases/{case}/erasures")["erasures"]
    held = {(each["member"], each["kind"]) for each in erasures}
    assert held == {(DEBT, "record.release"), (HOUSING, "record.request")}
    assert all(each["confirmed_at"] for each in erasures)
    assert debt.refused("POST", f"/v1/records/{record['id']}/read", body) == (410, "already_erased")
    assert debt.get(f"/v1/cases/{case}/consents")["consents"][0]["status"] == "withdrawn"

    answer = portal.ask("POST", f"/v1/cases/{case}/evidence", {"with_contents": False})
    (tmp_path / "case.jsonl").write_bytes(answer.data)
    report = verify(tmp_path / "case.jsonl", Trust.of_keys(world.pinned))
    assert report.holds
    assert CANARY.encode() not in answer.data


def test_the_citizen_reads_without_a_reason_and_nobody_is_told(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    debt.post(f"/v1/cases/{case}/record-requests", record_request(consent))
    world.settle()
    said = portal.get(f"/v1/cases/{case}")["statements"]
    (record,) = [each for each in said if each["schema"] == "housing.tenancy/1"]
    shown = portal.post(f"/v1/records/{record['id']}/read", status=200)
    assert CANARY in shown["content"]["landlord"]
    world.settle()
    assert portal.get(f"/v1/cases/{case}/views")["views"] == []


def test_a_refused_request_for_consent_is_answered_once(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    debt.post(f"/v1/cases/{case}/consent-requests", {"terms": terms(world.clock()), "why": WHY})
    world.settle()
    (asked,) = portal.get(f"/v1/cases/{case}/consent-requests")["requests"]
    portal.post(f"/v1/consent-requests/{asked['id']}/refuse")
    world.settle()
    (asked,) = debt.get(f"/v1/cases/{case}/consent-requests")["requests"]
    assert asked["state"] == "refused"
    refused = portal.refused("POST", f"/v1/consent-requests/{asked['id']}/refuse")
    assert refused == (409, "already_decided")


def test_status_queue_alarms_keys_and_agreements_answer(world: World, debt: Caller):
    assert debt.get("/v1/status")["member"] == DEBT
    assert debt.get("/v1/queue")["failed"] == []
    assert debt.get("/v1/alarms") == {"alarms": []}
    assert {key["use"] for key in debt.get("/v1/keys")["keys"]} == {"sign", "seal"}
    (agreement,) = debt.get("/v1/agreements")["agreements"]
    assert (agreement["ref"], agreement["status"]) == (AGREEMENT, "in_force")
    assert debt.get(f"/v1/agreements/{AGREEMENT}")["document"]["id"] == "winter-support"


def test_keys_rotate_by_the_api(world: World, debt: Caller):
    made = debt.post("/v1/keys/rotate")["keys"]
    world.settle()
    announced = {key["kid"]: key["announced"] for key in debt.get("/v1/keys")["keys"]}
    assert all(announced[key["kid"]] for key in made)


def test_a_waiting_message_can_be_tried_again_or_given_up(world: World, debt: Caller):
    debt.post("/v1/cases", {}, status=201)
    (waiting,) = debt.get("/v1/queue")["waiting"]
    assert debt.post(f"/v1/queue/{waiting['id']}/retry") == {"message": waiting["id"]}
    debt.post(f"/v1/queue/{waiting['id']}/drop", status=204)
    assert debt.get("/v1/queue")["waiting"] == []


def test_a_system_is_listed_and_tried(housing: Caller):
    assert [each["categories"] for each in housing.get("/v1/systems")["systems"]] == [["housing"]]
    tried = housing.post("/v1/systems/register/try", status=200)
    assert (tried["passed"], tried["person_found"]) == (True, True)


def test_health_and_counters_are_open_and_say_nothing_about_cases(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    stranger = Caller(debt.app, token=None)
    assert stranger.get("/healthz") == {"status": "alive"}
    assert stranger.get("/readyz") == {"status": "ready"}
    debt.get(f"/v1/cases/{case}")
    counters = stranger.ask("GET", "/metrics").text
    assert 'route="/v1/cases/<case>"' in counters
    assert case not in counters

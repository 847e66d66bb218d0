"""What the local API does not take: strange bodies, reading without a reason, the other side's work, a used
key.
"""

from __future__ import annotations

import json

import pytest

from tests.flow.api.kit import TOKEN, Caller
from tests.flow.api.test_story import consented, open_case, record_request
from tests.flow.exchange.world import PORTAL, World

CASES = "/v1/cases"


# --- bodies -----------------------------------------------------------------------------------------


def raw(caller: Caller, data: bytes, content_type: str = "application/json") -> tuple[int, str]:
    """Send bytes as they are."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = caller.app.test_client().post(CASES, data=data, content_type=content_type, headers=headers)
    assert answer.json is not None
    return answer.status_code, answer.json["code"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{", (400, "malformed")),
        (b"[]", (400, "malformed")),
        (b'{"language":"en","language":"fr"}', (400, "duplicate_name")),
        (b'{"language":"en","extra":1}', (422, "invalid")),
        (b'{"language":"de"}', (422, "invalid")),
        (b'{"language":1.5}', (400, "not_interoperable")),
        (b"[" * 100, (400, "too_deep")),
        (b'{"language":"' + b"x" * 2_000_000 + b'"}', (413, "too_large")),
    ],
)
def test_a_body_that_is_not_as_described_is_refused(debt: Caller, data: bytes, expected: tuple[int, str]):
    assert raw(debt, data) == expected


def test_a_body_of_another_kind_is_refused(debt: Caller):
    assert raw(debt, b"language=en", "application/x-www-form-urlencoded") == (415, "wrong_content_type")


def test_a_query_that_nobody_asked_for_is_refused(debt: Caller):
    assert debt.refused("GET", "/v1/cases?name=Camille") == (422, "invalid")


def test_a_method_that_the_address_does_not_take_is_refused(debt: Caller):
    answer = debt.ask("PUT", CASES, {})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_case_of_others_does_not_exist_here(debt: Caller):
    assert debt.refused("GET", "/v1/cases/00000000-0000-4000-8000-000000000000") == (404, "not_here")


# --- reasons, roles ---------------------------------------------------------------------------------


def test_a_record_is_not_read_without_a_reason(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    debt.post(f"/v1/cases/{case}/record-requests", record_request(consent))
    world.settle()
    said = debt.get(f"/v1/cases/{case}")["statements"]
    (record,) = [each for each in said if each["schema"] == "housing.tenancy/1"]
    read = f"/v1/records/{record['id']}/read"
    who = {"actor": {"pseudonym": "worker-7", "role": "adviser"}}
    assert debt.refused("POST", read) == (422, "reason_missing")
    assert debt.refused("POST", read, who) == (422, "reason_missing")
    assert debt.refused("POST", read, {"reason": {"code": "plan"}}) == (422, "reason_missing")
    assert debt.refused("POST", read, {**who, "reason": {"code": "Because I can"}}) == (422, "invalid")
    world.settle()
    assert portal.get(f"/v1/cases/{case}/views")["views"] == []


@pytest.mark.parametrize("verb", ["withdraw", "suspend", "resume"])
def test_an_agency_does_not_decide_for_the_citizen(debt: Caller, verb: str):
    path = f"/v1/consents/00000000-0000-4000-8000-000000000000/{verb}"
    assert debt.refused("POST", path) == (403, "not_a_portal")


def test_a_portal_does_not_do_an_agencys_work(portal: Caller):
    assert portal.refused("GET", "/v1/requests") == (403, "not_an_agency")
    assert portal.refused("POST", CASES) == (403, "not_an_agency")


def test_a_wrong_code_takes_no_seat(portal: Caller):
    assert portal.refused("POST", "/v1/invitations/join", {"code": "AAAAA-AAAAA-AAAAA-AAAAA"}) == (
        403,
        "wrong_code",
    )


def test_a_consent_that_covers_less_is_refused_before_anything_is_sent(
    world: World, debt: Caller, portal: Caller
):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    asked = {**record_request(consent), "purpose": "curiosity"}
    status, code = debt.refused("POST", f"/v1/cases/{case}/record-requests", asked)
    assert (status, code) == (403, "agreement_does_not_cover")
    assert debt.get("/v1/queue")["waiting"] == []


def test_a_citizens_decision_is_not_given_up_by_an_operator(world: World, debt: Caller, portal: Caller):
    case = open_case(world, debt, portal)
    consent = consented(world, debt, portal, case)
    message = portal.post(f"/v1/consents/{consent}/withdraw")["message"]
    assert portal.refused("POST", f"/v1/queue/{message}/drop") == (403, "not_permitted")


# --- Idempotency-Key --------------------------------------------------------------------------------


def test_the_same_key_does_it_once_and_gives_the_same_reply(debt: Caller):
    first = debt.post(CASES, {}, status=201, key="k-1")
    again = debt.post(CASES, {}, status=201, key="k-1")
    assert first == again
    assert len(debt.get(CASES)["cases"]) == 1
    assert debt.post(CASES, {}, status=201, key="k-2") != first


def test_the_same_key_for_another_request_is_refused(debt: Caller):
    debt.post(CASES, {"language": "en"}, status=201, key="k-1")
    assert debt.refused("POST", CASES, {"language": "fr"}, key="k-1") == (409, "key_reused")


def test_a_refusal_leaves_the_key_free(portal: Caller):
    path = "/v1/invitations/join"
    body = {"code": "AAAAA-AAAAA-AAAAA-AAAAA"}
    assert portal.refused("POST", path, body, key="k-1") == (403, "wrong_code")
    assert portal.refused("POST", path, body, key="k-1") == (403, "wrong_code")


def test_a_reply_with_a_secret_is_not_given_twice_and_nothing_is_done_twice(world: World, debt: Caller):
    case = debt.post(CASES, {}, status=201)["case"]
    path, body = f"/v1/cases/{case}/invitations", {"invitee": {"kind": "citizen", "portal": PORTAL}}
    assert "code" in debt.post(path, body, status=201, key="k-1")
    assert debt.refused("POST", path, body, key="k-1") == (409, "key_reused")
    assert len(debt.get("/v1/invitations")["invitations"]) == 1


def test_what_was_begun_before_a_crash_is_not_done_again_in_silence(world: World, debt: Caller):
    from connectors.api.replies import Replies  # noqa: PLC0415 - only this test speaks to it directly

    connector = world.members["debt-advice"]
    asked = b"\n".join([b"POST", CASES.encode(), json.dumps({}).encode()])
    assert Replies(connector.database, "an-earlier-process").begin("k-1", asked, connector.clock()) is None
    assert debt.refused("POST", CASES, {}, key="k-1") == (409, "outcome_unknown")


def test_an_endless_key_is_refused(debt: Caller):
    assert debt.refused("POST", CASES, {}, key="k" * 201) == (400, "malformed")

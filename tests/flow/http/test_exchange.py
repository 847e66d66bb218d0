"""What a member does at the edge, from the first message to its acknowledgement, proofs checked."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, event

from coordinator.app import create_app
from coordinator.database.engine import writing
from coordinator.database.tables import log_heads
from coordinator.http.edge import edge
from schemas import head, instant, log, receipt
from schemas.keys import SigningKey, VerifyingKey
from schemas.log import leaf_hash
from schemas.wire import canonical, unb64u
from tests.flow.http.kit import Clock, Party


def proposal(*parties: Party, version: int = 1) -> dict[str, Any]:
    """Write an agreement between these members."""
    ids = [party.id for party in parties]
    now = parties[0].clock()
    return {
        "id": "housing-pilot",
        "version": version,
        "title": {"en": "Housing pilot", "fr": "Projet pilote logement"},
        "parties": [{"member": party.id, "kid": party.sign.kid} for party in parties],
        "purposes": [
            {"code": "housing-support", "text": {"en": "Support", "fr": "Aide"}, "basis": "consent"},
        ],
        "flows": [
            {
                "source": ids[0],
                "recipient": ids[1],
                "purpose": "housing-support",
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": ["rent"],
            }
        ],
        "identify_with": ["family_name"],
        "clauses": [],
        "proof": {},
        "data_life_max_days": 30,
        "consent_head_max_age_s": 86400,
        "valid_from": instant.format(now - timedelta(days=1)),
        "valid_until": instant.format(now + timedelta(days=300)),
    }


@pytest.fixture
def proposed(housing: Party, clinic: Party) -> bytes:
    """A message for the clinic: an agreement that housing proposes."""
    said = housing.message(
        "agreement.propose/1", to=[clinic.id], body={"agreement": proposal(housing, clinic)}
    )
    answer = housing.post(said)
    assert answer.status_code == 201, answer.text
    return said


def keys_of(app: Flask) -> tuple[dict[str, VerifyingKey], VerifyingKey, str]:
    said = app.test_client().get("/v1/keys").get_json()
    return (
        {each["kid"]: VerifyingKey.from_jwk(each["jwk"]) for each in said["coordinator"]},
        VerifyingKey.from_jwk(said["log"]),
        said["origin"],
    )


def test_an_admitted_message_gets_a_receipt_and_the_same_one_again(app, housing, clinic):
    raw = housing.message(
        "agreement.propose/1", to=[clinic.id], body={"agreement": proposal(housing, clinic)}
    )
    first, second = housing.post(raw), housing.post(raw)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.get_json()["receipt"] == second.get_json()["receipt"]
    keys, _, _ = keys_of(app)
    checked = receipt.check(
        first.get_json()["receipt"].encode(),
        lambda kid, _payload: keys[kid],
        id=json.loads(_payload(raw))["id"],
        sha256=hashlib.sha256(raw).digest(),
    )
    assert checked.admitted_at == housing.clock()


def _payload(raw: bytes) -> bytes:

    return unb64u(raw.split(b".")[1].decode())


def test_a_batch_answers_each_message_by_itself(housing, clinic, proposed):
    again = housing.message(
        "agreement.propose/1", to=[clinic.id], body={"agreement": proposal(housing, clinic, version=2)}
    )
    texts = [proposed.decode(), "rubbish", again.decode(), "é"]
    said = housing.client.post("/v1/messages/batch", json={"messages": texts})
    assert said.status_code == 200, said.text
    kinds = ["problem" if "problem" in each else "receipt" for each in said.get_json()["results"]]
    assert kinds == ["receipt", "problem", "receipt", "problem"]
    assert said.get_json()["results"][1]["problem"]["status"] == 400


def test_an_enrolment_has_an_address_of_its_own(app, clock):
    party = Party("city-housing", app, clock)
    raw = party.enrolment(party.invite())
    one = party.post(raw)
    batch = party.client.post("/v1/messages/batch", json={"messages": [raw.decode()]})
    assert (one.status_code, one.get_json()["code"]) == (422, "invalid")
    assert batch.get_json()["results"][0]["problem"]["code"] == "invalid"
    said = party.client.post("/v1/members", data=raw, content_type="application/jose")
    assert said.status_code == 201, said.text
    assert party.client.post("/v1/members", data=raw, content_type="application/jose").status_code == 200


def test_a_mailbox_gives_messages_with_proofs_that_hold(app, housing, clinic, proposed):
    page = clinic.ask("GET", "/v1/mailbox?after=-1".partition("?")[0], query_string="after=-1").json
    (letter,) = page["messages"]
    assert letter["message"].encode() == proposed
    keys, log_key, origin = keys_of(app)
    checked = receipt.check(
        letter["receipt"].encode(),
        lambda kid, _payload: keys[kid],
        id=json.loads(_payload(proposed))["id"],
        sha256=hashlib.sha256(proposed).digest(),
    )
    checkpoint = log.verify_checkpoint(page["checkpoint"], origin, log_key)
    proof = [bytes.fromhex(node) for node in letter["inclusion"]]
    log.verify_inclusion(
        leaf_hash(checked.commitment), letter["index"], checkpoint.size, proof, checkpoint.root
    )
    shown = head.check(page["head"].encode(), lambda kid, _payload: keys[kid], member=clinic.id)
    assert (shown.last, shown.size, shown.root) == (letter["index"], checkpoint.size, checkpoint.root)
    assert page["next"] == letter["index"]


def test_what_was_acknowledged_is_not_given_again_unless_it_is_asked_for(clinic, proposed):
    assert proposed
    first = clinic.ask("GET", "/v1/mailbox").get_json()["messages"]
    assert clinic.ask("GET", "/v1/mailbox").get_json()["messages"] == first
    assert clinic.ask("POST", "/v1/mailbox/ack", json={"index": first[0]["index"]}).status_code == 204
    assert clinic.ask("GET", "/v1/mailbox").get_json()["messages"] == []
    assert clinic.ask("GET", "/v1/mailbox", query_string="after=-1").get_json()["messages"] == first


def test_nobody_collects_for_somebody_else(housing, proposed):
    assert proposed
    assert housing.ask("GET", "/v1/mailbox", query_string="after=-1").get_json()["messages"] == []


def test_a_waiting_mailbox_answers_as_soon_as_something_comes(app, housing, clinic):
    found: list[dict[str, Any]] = []
    headers = clinic.headers("GET", "/v1/mailbox")

    def wait() -> None:
        found.append(clinic.client.get("/v1/mailbox?wait=20", headers=headers).json)

    waiting = threading.Thread(target=wait)
    began = time.monotonic()
    waiting.start()
    time.sleep(0.3)
    raw = housing.message(
        "agreement.propose/1", to=[clinic.id], body={"agreement": proposal(housing, clinic)}
    )
    assert housing.post(raw).status_code == 201
    waiting.join(timeout=15)
    assert time.monotonic() - began < 10
    assert found[0]["messages"][0]["message"].encode() == raw


class Borrowed:
    """Which thread holds how many connections: on PostgreSQL the coordinator's own threads hold some too."""

    def __init__(self, engine: Engine) -> None:
        self.held: Counter[int] = Counter()
        event.listen(engine, "checkout", lambda *_: self._change(1))
        event.listen(engine, "checkin", lambda *_: self._change(-1))

    def _change(self, by: int) -> None:
        self.held[threading.get_ident()] += by

    def nothing_for_a_while(self, thread: threading.Thread) -> bool:
        """Say whether the thread lives through half a second without a connection."""
        samples = []
        for _ in range(25):
            time.sleep(0.02)
            samples.append(self.held[thread.ident or 0])
        return thread.is_alive() and not any(samples)


def test_a_waiting_mailbox_holds_no_database_connection(app, clinic):
    headers = clinic.headers("GET", "/v1/mailbox")
    borrowed = Borrowed(edge(app).coordinator.engine)
    waiting = threading.Thread(target=lambda: clinic.client.get("/v1/mailbox?wait=20", headers=headers))
    waiting.start()
    try:
        assert any(borrowed.nothing_for_a_while(waiting) for _ in range(20))
        assert waiting.ident in borrowed.held  # it had some, to look
    finally:
        edge(app).coordinator.stop_waiting()
        waiting.join(timeout=20)
    assert not waiting.is_alive()


def test_the_directory_gives_the_messages_that_prove_it(app, housing, clinic):
    listed = app.test_client().get("/v1/members").get_json()["members"]
    assert [member["id"] for member in listed] == ["city-housing", "north-clinic"]
    one = app.test_client().get(f"/v1/members/{housing.id}").json
    assert one == listed[0]
    assert {key["use"] for key in one["keys"]} == {"sign", "seal"}
    assert len(one["messages"]) == 1
    assert json.loads(_payload(one["messages"][0]["message"].encode()))["type"] == "member.enrol/1"
    assert clinic.id not in json.dumps(one)


def test_an_agreement_is_in_force_when_both_have_signed(app, housing, clinic, proposed):

    assert proposed
    document = proposal(housing, clinic)
    digest = hashlib.sha256(canonical(document)).hexdigest()
    for party, other in ((housing, clinic), (clinic, housing)):
        body = {"agreement": "housing-pilot@1", "sha256": digest}
        said = party.post(party.message("agreement.sign/1", to=[other.id], body=body))
        assert said.status_code == 201, said.text
    shown = app.test_client().get("/v1/agreements/housing-pilot@1").json
    assert shown["status"] == "in_force"
    assert shown["document"] == document
    assert len(shown["messages"]) == 3
    assert app.test_client().get("/v1/agreements").get_json()["agreements"] == [shown]


def test_a_case_is_read_by_its_seats(housing, clinic):
    case = "018f0000-0000-4000-8000-00000000000a"
    said = housing.post(housing.message("case.open/1", to=["citizen"], case=case, body={"language": "en"}))
    assert said.status_code == 201, said.text
    shown = housing.ask("GET", f"/v1/cases/{case}").json
    assert (shown["case"], shown["status"]) == (case, "open")
    assert [seat["member"] for seat in shown["seats"]] == [housing.id]
    assert housing.ask("GET", f"/v1/cases/{case}/consents").json == {"consents": []}
    assert clinic.ask("GET", f"/v1/cases/{case}").status_code == 404


def test_an_attachment_is_kept_once_and_given_back(housing):
    blob = b"sealed" * 50_000
    path = f"/v1/attachments/{hashlib.sha256(blob).hexdigest()}"
    kind = "application/octet-stream"
    assert housing.ask("PUT", path, data=blob, content_type=kind).status_code == 201
    assert housing.ask("PUT", path, data=blob, content_type=kind).status_code == 204
    said = housing.ask("GET", path)
    assert said.data == blob
    assert said.content_type == kind
    assert said.headers["Cache-Control"] == "no-store"


def test_the_log_is_served_at_both_addresses_and_its_parts_fit(app, proposed):
    assert proposed
    client = app.test_client()
    _, log_key, origin = keys_of(app)
    note = client.get("/checkpoint")
    assert note.text == client.get("/v1/log/checkpoint").text
    assert note.headers["Cache-Control"] == "public, max-age=1"
    checkpoint = log.verify_checkpoint(note.text, origin, log_key)
    width = checkpoint.size
    for prefix in ("/v1/log", ""):
        tile = client.get(f"{prefix}/{log.tile_path(0, 0, width)}")
        entries = client.get(f"{prefix}/{log.entries_path(0, width)}")
        assert "immutable" in tile.headers["Cache-Control"]
        leaves = [leaf_hash(entry) for entry in log.unpack_bundle(entries.data, width)]
        assert b"".join(leaves) == tile.data
        assert log.tree_root(leaves) == checkpoint.root
    said = client.get(f"/v1/log/proof?index=0&size={width}").json
    log.verify_inclusion(
        leaves[0], 0, width, [bytes.fromhex(node) for node in said["proof"]], checkpoint.root
    )
    said = client.get(f"/v1/log/consistency?old=1&new={width}").json
    proof = [bytes.fromhex(node) for node in said["proof"]]
    log.verify_consistency(1, leaves[0], width, checkpoint.root, proof)


@pytest.mark.parametrize(
    "path", ["/tile/0/999", "/tile/9/000", "/tile/x", "/tile/0/000.p/256", "/v1/log/tile/../x"]
)
def test_a_tile_that_is_not_there_is_a_problem(app, path):
    said = app.test_client().get(path)
    assert said.status_code in {400, 404}
    assert said.content_type == "application/problem+json"


def test_a_fresh_key_signs_in_after_it_was_added(housing, clock):
    fresh = SigningKey.generate()
    body = {
        "add": [
            {
                "use": "sign",
                "jwk": fresh.public.jwk,
                "valid_from": instant.format(clock()),
                "valid_until": instant.format(clock() + timedelta(days=30)),
            }
        ],
        "end": [],
    }
    assert housing.ask_token(assertion=housing.assertion(key=fresh)).status_code == 401
    assert housing.post(housing.message("member.keys/1", body=body)).status_code == 201
    assert housing.ask_token(assertion=housing.assertion(key=fresh)).status_code == 200


def test_health_and_readiness_say_why_not(app):
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"ready": True, "reasons": []}
    edge(app).coordinator.stop_waiting()
    said = client.get("/readyz")
    assert said.status_code == 503
    assert "stopping" in said.get_json()["reasons"]


def test_readiness_names_a_log_that_went_back(app, housing, tmp_path):

    assert app.test_client().get("/checkpoint").status_code == 200
    with writing(edge(app).coordinator.engine) as connection:
        connection.execute(delete(log_heads))
    said = app.test_client().get("/readyz")
    assert said.status_code == 503
    assert said.get_json()["reasons"] == ["log_behind"]


def test_a_process_that_was_not_started_is_not_ready(app, clock: Clock):
    other = create_app(edge(app).config, now=clock)
    edge(app).coordinator.stop()
    said = other.test_client().get("/readyz")
    assert said.status_code == 503
    assert "committer_stopped" in said.get_json()["reasons"]
    edge(other).coordinator.engine.dispose()

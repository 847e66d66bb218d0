"""P4, W8, W12: every member at every place of every other: nothing of theirs, and no sign that it exists."""

from __future__ import annotations

import hashlib
import itertools
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.flow.http.kit import Clock, Party

KINDS = ["public", "charity", "company", "portal", "oversight"]


@pytest.fixture
def parties(app: Flask, clock: Clock) -> list[Party]:
    return [Party(f"member-{kind}", app, clock, kind=kind).enrol() for kind in KINDS]


def _shape(said: TestResponse) -> tuple[int, dict[str, object]]:
    """Give an answer without the name that was asked for, which may be the only difference."""
    assert said.status_code == 404
    problem = said.get_json()
    return said.status_code, {
        name: value for name, value in problem.items() if name not in {"case", "sha256"}
    }


def _own_case(party: Party) -> str:
    case = str(uuid4())
    said = party.post(party.message("case.open/1", to=["citizen"], case=case, body={"language": "en"}))
    assert said.status_code == 201, said.text
    return case


def test_no_name_of_another_moves_a_member_to_their_mailbox(parties: list[Party]):
    """Only the token says whose mailbox is asked for; a parameter or header that names one is refused or
    nothing.
    """
    for mine, other in itertools.permutations(parties, 2):
        path = "/v1/mailbox"
        plain = mine.client.get(path, headers=mine.headers("GET", path)).get_json()
        for query in (f"member={other.id}", f"id={other.id}", f"for={other.id}&after=-1"):
            said = mine.client.get(f"{path}?{query}", headers=mine.headers("GET", path))
            assert said.status_code in {400, 422}
        named = mine.client.get(
            path, headers={**mine.headers("GET", path), "X-Member": other.id, "From": other.id}
        ).get_json()
        assert named["messages"] == plain["messages"] == []


def test_a_case_and_its_consents_do_not_exist_for_whoever_has_no_seat(parties: list[Party]):
    cases = {
        party.id: _own_case(party) for party in parties if party.kind in {"public", "charity", "company"}
    }
    for party in parties:
        nowhere = [party.ask("GET", f"/v1/cases/{uuid4()}{rest}") for rest in ("", "/consents")]
        for owner, case in cases.items():
            if owner == party.id:
                continue
            for rest, unknown in zip(("", "/consents"), nowhere, strict=True):
                said = party.ask("GET", f"/v1/cases/{case}{rest}")
                assert _shape(said) == _shape(unknown)


def test_a_blob_is_for_who_sent_or_received_its_message(parties: list[Party]):
    for number, owner in enumerate(parties):
        blob = b"sealed %d" % number
        path = f"/v1/attachments/{hashlib.sha256(blob).hexdigest()}"
        put = owner.ask("PUT", path, data=blob, content_type="application/octet-stream")
        assert put.status_code == 201
        for other in parties:
            if other is not owner:
                unknown = other.ask("GET", "/v1/attachments/" + "0" * 64)
                said = other.ask("GET", path)
                assert _shape(said) == _shape(unknown)


def test_nobody_acknowledges_for_another(parties: list[Party]):
    mine, other = parties[0], parties[1]
    said = mine.ask("POST", "/v1/mailbox/ack", json={"index": 0, "member": other.id})
    assert said.status_code in {400, 422}


def test_nobody_speaks_for_another(parties: list[Party]):
    """A message in the name of one, signed with the key of another."""
    for mine, other in itertools.permutations(parties, 2):
        impostor = Party(other.id, mine.app, mine.clock, kind=other.kind, sign=mine.sign)
        said = impostor.post(impostor.message("member.leave/1", body={}))
        assert said.status_code == 403
        assert said.get_json()["code"] == "unknown_key"

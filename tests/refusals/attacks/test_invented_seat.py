"""A coordinator that invents the citizen: a seat with keys of its own, and the consent that goes with it.

It can enrol members of its own, sign receipts for anything, and give each agency another answer about who
sits in a case. What must not come of it: a record, or a request that names a person, sealed for its key.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from connectors.exchange import runner, seats
from connectors.exchange.acts import cases as acts
from connectors.exchange.acts import records
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.rejecting import read_claims
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases, consents, tables
from coordinator.register.said import content
from schemas import instant, message, receipt, seal
from schemas.keys import SealingKey
from schemas.messages import joining
from schemas.messages.envelope import Authority, compose
from schemas.wire import unb64u
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import admit_anything, aside, coordinator_key, kinds, lie

INVENTED, ATTESTER = "other-portal", "other-charity"


class Invented:
    """A portal of the coordinator's own, and the key for which it would like everything to be sealed."""

    def __init__(self, exchange: World) -> None:
        self.exchange = exchange
        self.portal: Connector = exchange.enrol(INVENTED, "portal")
        self.key = SealingKey.generate()

    def proof(
        self, kind: str, case: str, *, to: str = "citizen", by: Connector | None = None, **body: Any
    ) -> dict[str, Any]:
        """Say something as the portal or another, with the coordinator's real receipt for it."""
        now, sender = self.exchange.clock(), by or self.portal
        key = sender.keyring.signing_key(now)
        payload = compose(type=kind, sender=sender.id, to=[to], at=now, case=case, body=body)
        raw = message.sign(payload, key)
        verified = message.verify(raw, lambda _kid, _payload: key.public)
        promise = receipt.issue(
            id=payload["id"],
            sha256=verified.sha256,
            salt=bytes(16),
            admitted_at=now,
            key=coordinator_key(self.exchange),
        )
        return {"message": raw.decode(), "receipt": promise.decode(), "index": 1}

    def alone(self, case: str) -> dict[str, Any]:
        """Answer that the citizen came alone, through this portal."""
        auth_time = instant.format(self.exchange.clock())
        seat = {"sealing": dict(self.key.public.jwk), "passkeys": []}
        opened = self.proof("case.open/1", case, language="en", seat=seat, acr="high", auth_time=auth_time)
        return self._answer(case, INVENTED, [opened])

    def attested(self, case: str) -> dict[str, Any]:
        """Answer that an agency, of the coordinator's own too, has met this citizen and attested the seat."""
        agency = self.exchange.members.get(ATTESTER) or self.exchange.enrol(ATTESTER, "charity")
        code = joining.new_code()
        invitee = {"kind": "citizen", "portal": INVENTED, "commitment": joining.commitment(code)}
        opened = self.proof("case.open/1", case, by=agency, language="en")
        invite = self.proof("case.invite/1", case, by=agency, to=INVENTED, invitee=invitee)
        invitation, kid = _id(invite), self.key.kid
        bound = joining.join_proof(code, invitation=invitation, sealing_kid=kid, passkey_kids=[])
        seat = {"sealing": dict(self.key.public.jwk), "passkeys": []}
        join = self.proof("case.join/1", case, to=ATTESTER, invitation=invitation, seat=seat, proof=bound)
        attest = self.proof(
            "case.attest/1", case, by=agency, join=_id(join), sealing=kid, passkeys=[], method="code"
        )
        return self._answer(case, ATTESTER, [opened, invite, join, attest])

    def _answer(self, case: str, opened_by: str, messages: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "case": case,
            "opened_by": opened_by,
            "status": "open",
            "seats": [
                {"kind": "citizen", "member": INVENTED, "status": "active", "messages": messages},
                {"kind": "agency", "member": DEBT, "status": "active", "messages": []},
                {"kind": "agency", "member": HOUSING, "status": "active", "messages": []},
            ],
        }

    def grant(self, case: str, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        """Bring a consent under the very id that the others know."""
        now = self.exchange.clock()
        with monkeypatch.context() as lenient:
            admit_anything(lenient, "consent.grant/1")
            signed = sign_open(
                self.portal,
                now,
                type="consent.grant/1",
                to=[DEBT, HOUSING],
                case=case,
                re=document["request"],
                body={"consent": document},
            )
            with self.portal.database.writing() as connection:
                post(connection, signed, now)
            runner.sync_once(self.portal)
            runner.sync_once(self.exchange.members[HOUSING])

    def opens(self, release: Any) -> list[str]:
        """Try the key on every seal of a message; give what it opens."""
        opened = []
        kid = json.loads(_decoded(release.raw.split(b".")[0]))["kid"]
        for each in content(release.raw)["sealed"]:
            if seal.recipient_kid(each["jwe"]) == self.key.kid:
                plain = seal.open_sealed(each["jwe"], keys={self.key.kid: self.key}, sender_kid=kid)
                opened.append(_decoded(plain.split(b".")[1]).decode())
        return opened


def _id(entry: dict[str, Any]) -> str:
    return str(content(entry["message"].encode())["id"])


def _decoded(part: bytes) -> bytes:
    return unb64u(part.decode())


def _without_grants_of(portal: str, page: dict[str, Any]) -> dict[str, Any]:
    claims = [(each, read_claims(each["message"].encode())) for each in page["messages"]]
    kept = [each for each, said in claims if (said.type, said.sender) != ("consent.grant/1", portal)]
    return {**page, "messages": kept}


@pytest.mark.parametrize("story", ["alone", "attested"])
def test_a_seat_that_the_coordinator_invented_gets_no_copy_of_a_record(
    exchange: World, monkeypatch: pytest.MonkeyPatch, story: str
):
    """The case, the asking agency, its request and the citizen are real; only housing is told of another
    citizen, before it knows the real one, and the real citizen's consent is replaced under its own id.
    """
    exchange.agreed()
    case = exchange.case()
    invented = Invented(exchange)
    lie(exchange, HOUSING, "/v1/mailbox?", lambda page: _without_grants_of(PORTAL, page))
    consent = exchange.consent(case)
    with exchange.members[PORTAL].database.reading() as connection:
        row = consents.find(connection, consent)
        assert row is not None
    invented.grant(case, row.document, monkeypatch)

    shown = getattr(invented, story)(case)

    def answers(request: requests.PreparedRequest, body: bytes) -> bytes:
        url = request.url or ""
        if "/v1/mailbox?" in url:
            return json.dumps(_without_grants_of(PORTAL, json.loads(body))).encode()
        if url.endswith(f"/v1/cases/{case}") and "code" not in json.loads(body):
            return json.dumps(shown).encode()
        return body

    exchange.lines[HOUSING].change = answers
    exchange.invite_source(case, consent)
    exchange.request(case, consent)
    exchange.settle()
    with exchange.members[HOUSING].database.reading() as connection:
        out = [each for each in connection.execute(tables.outbox.select()) if each.raw is not None]
    releases = [each for each in out if each.type == "record.release/1"]
    assert [text for each in releases for text in invented.opens(each) if CANARY in text] == []
    assert ("record.request/1", "rejected", "not_attested") in aside(exchange, HOUSING)


def test_a_seat_that_is_pinned_is_not_replaced_by_an_invented_one(exchange: World):
    case, _ = exchange.everything()
    invented = Invented(exchange)
    housing = exchange.members[HOUSING]
    with housing.database.reading() as connection:
        before = cases.citizen_seat(connection, case)
    lie(exchange, HOUSING, f"/v1/cases/{case}", lambda _answer: invented.alone(case))
    seats.learn(housing, case)
    with housing.database.reading() as connection:
        assert cases.citizen_seat(connection, case) == before
    assert kinds(exchange, HOUSING) == ["keys_swapped"]


def test_a_consent_that_only_the_coordinator_vouches_for_does_not_exist(
    exchange: World, monkeypatch: pytest.MonkeyPatch
):
    """The invented portal brings a consent in a case whose citizen housing knows."""
    case, consent = exchange.everything()
    invented = Invented(exchange)
    with exchange.members[PORTAL].database.reading() as connection:
        row = consents.find(connection, consent)
        assert row is not None
    wider = {**row.document, "id": "11111111-1111-4111-8111-111111111111", "data_life": {"days": 180}}
    invented.grant(case, wider, monkeypatch)
    assert ("consent.grant/1", "rejected", "not_your_turn") in aside(exchange, HOUSING)
    with exchange.members[HOUSING].database.reading() as connection:
        assert consents.find(connection, wider["id"]) is None


def test_a_citizen_whom_nobody_knows_gets_no_record_by_the_rules_that_are_shipped(exchange: World):
    """A portal of the coordinator's own opens a case, invites housing, and asks for somebody's record as if
    that person had come alone. Whether such seats are answered is each agency's policy; by default, no.
    """
    exchange.agencies()
    invented = Invented(exchange).portal
    case = acts.open_case_for_citizen(invented, acts.SignIn(acr="high", auth_time=exchange.clock()))
    exchange.settle()
    acts.invite_agency(invented, case, HOUSING, Authority("seat"))
    exchange.settle()
    records.request_records(
        invented,
        case,
        source=HOUSING,
        categories={"housing": ["landlord", "rent"]},
        identify={"family_name": "Martin", "birth_date": "1990-04-01"},
        why={"en": "To see."},
        authority=Authority("seat"),
    )
    exchange.settle()
    with exchange.members[HOUSING].database.reading() as connection:
        out = list(connection.execute(tables.outbox.select()))
    assert [each.type for each in out if each.type.startswith("record.")] == ["record.decline/1"]

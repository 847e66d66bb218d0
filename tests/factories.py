"""A small world for tests: members, an agreement, a case with a joined citizen, a consent, and messages.

Everything is said with real, signed messages to a real coordinator. `World.message(type, …)` has defaults
for all that a test does not care about; `World.send` admits and gives the answer; `World.must` insists on a
receipt.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from coordinator.intake.flow import Admitted
from coordinator.register.codes import issue_code
from coordinator.service import Coordinator
from schemas import instant
from schemas.agreement import agreement_sha256
from schemas.consent import terms_of
from schemas.errors import Refusal
from schemas.keys import SealingKey, SealingPublicKey
from schemas.message import sign
from schemas.messages.envelope import Attachment, Authority, Sealed, Withheld, compose, new_id
from schemas.messages.joining import commitment, join_proof, new_code
from schemas.messages.member_v1 import code_proof
from schemas.passkey import PasskeyKey
from schemas.seal import open_sealed, seal
from schemas.statement import attest
from schemas.wire import b64u
from tests import documents
from tests.actors import Actor, CaseOfWorld, Clock, Settings, found_coordinator, id_of
from tests.documents import (
    AGREEMENT,
    CLAUSE,
    CONSENT_PURPOSE,
    EMERGENCY_PURPOSE,
    HOUSING_FIELDS,
    OFFICER,
    START,
    STATUTE_PURPOSE,
    WITHHOLDING_CLAUSE,
)
from tests.placed import with_places


class World:
    """Three agencies, a portal and an overseer around one coordinator."""

    def __init__(self, coordinator: Coordinator, clock: Clock) -> None:
        """Begin with nobody enrolled; `make_world` does the rest."""
        self.coordinator = coordinator
        self.clock = clock
        self.housing = Actor("town-housing", "public")
        self.benefits = Actor("benefits-office", "public")
        self.debts = Actor("debt-advice", "charity")
        self.portal = Actor("citizen-portal", "portal")
        self.overseer = Actor("watchdog", "oversight")
        self.actors = {
            each.id: each for each in (self.housing, self.benefits, self.debts, self.portal, self.overseer)
        }
        self.seats: dict[str, CaseOfWorld] = {}
        self.case = self.consent = ""

    def stop(self) -> None:
        """Stop the coordinator."""
        self.coordinator.stop()

    # --- saying things ---------------------------------------------------------------------------------

    def payload(self, type: str, sender: Actor | None = None, **fields: Any) -> dict[str, Any]:
        """Compose a message's payload; what is not given is what a lawful message of this type has."""
        sender = sender or self.housing
        defaults: dict[str, Any] = {
            "type": type,
            "sender": sender.id,
            "at": self.clock(),
            "to": ["coordinator"],
        }
        if not type.startswith(("member.", "agreement.")):
            defaults |= {"case": self.case, "to": ["citizen"]}
        return compose(**(defaults | fields))

    def message(self, type: str, sender: Actor | None = None, **fields: Any) -> bytes:
        """Compose and sign a message."""
        sender = sender or self.housing
        return sign(self.payload(type, sender, **fields), sender.sign)

    def send(self, *raw: bytes) -> Admitted | Refusal:
        """Hand messages over as one batch; give the last answer."""
        return self._said(*raw)[-1]

    def must(self, *raw: bytes) -> Admitted:
        """Hand messages over; each must be admitted."""
        for answer in self._said(*raw):
            if isinstance(answer, Refusal):
                raise answer
            last = answer
        return last

    def _said(self, *raw: bytes) -> Sequence[Admitted | Refusal]:
        return with_places(self.coordinator, raw, self.coordinator.admit_batch(raw))

    def refused(self, *raw: bytes) -> Refusal:
        """Hand messages over; the last must be refused."""
        answer = self.send(*raw)
        assert isinstance(answer, Refusal), "it was admitted"
        return answer

    # --- members ---------------------------------------------------------------------------------------

    def enrolment(self, actor: Actor, *, code: str | None = None, **fields: Any) -> bytes:
        """Write the message with which an actor enrols; without `code` the operator issues one."""
        if code is None:
            code = self.coordinator.committer.run(
                lambda connection: issue_code(connection, member=actor.id, kind=actor.kind, now=self.clock())
            )
        jwe = self.coordinator.challenge(actor.seal.public.jwk)
        answer = open_sealed(
            jwe, keys={actor.seal.public.kid: actor.seal}, sender_kid=self.coordinator.key.kid
        )
        body = {
            "member": {"id": actor.id, "kind": actor.kind, "name": actor.id.title()},
            "keys": {
                "sign": actor.sign.public.jwk,
                "seal": actor.seal.public.jwk,
                "valid_from": instant.format(self.clock() - timedelta(days=1)),
                "valid_until": instant.format(self.clock() + timedelta(days=365)),
            },
            "code_proof": code_proof(code, sign_kid=actor.sign.kid, seal_kid=actor.seal.public.kid),
            "challenge": b64u(answer),
        }
        return self.message("member.enrol/1", actor, **({"body": body} | fields))

    def enrol(self, actor: Actor) -> Actor:
        """Let an actor take part."""
        self.must(self.enrolment(actor))
        self.actors[actor.id] = actor
        return actor

    # --- agreements ------------------------------------------------------------------------------------

    def agreement_document(self, **changed: Any) -> dict[str, Any]:
        """Write an agreement between the three agencies."""
        return documents.agreement_document(self, **changed)

    def propose(self, document: Mapping[str, Any], sender: Actor | None = None, **fields: Any) -> bytes:
        """Write a proposal to all other parties."""
        sender = sender or self.housing
        to = [party["member"] for party in document["parties"] if party["member"] != sender.id]
        return self.message(
            "agreement.propose/1", sender, **({"to": to, "body": {"agreement": document}} | fields)
        )

    def sign_agreement(self, document: Mapping[str, Any], sender: Actor, **fields: Any) -> bytes:
        """Write a party's signature under an agreement."""
        to = [party["member"] for party in document["parties"] if party["member"] != sender.id]
        ref = f"{document['id']}@{document['version']}"
        body = {"agreement": ref, "sha256": agreement_sha256(document)}
        return self.message("agreement.sign/1", sender, **({"to": to, "body": body} | fields))

    def agree(self, document: Mapping[str, Any] | None = None) -> str:
        """Bring an agreement into force."""
        document = document or self.agreement_document()
        self.must(self.propose(document))
        for party in document["parties"]:
            self.must(self.sign_agreement(document, self.actors[party["member"]]))
        return f"{document['id']}@{document['version']}"

    # --- cases -----------------------------------------------------------------------------------------

    def open_case(self, sender: Actor | None = None) -> str:
        """Let an agency open a case, in which there is no citizen yet; it becomes the world's case."""
        self.case = str(uuid.uuid4())
        self.must(self.message("case.open/1", sender, body={"language": "en"}))
        return self.case

    def invite_citizen(self, code: str, sender: Actor | None = None, **fields: Any) -> bytes:
        """Write the invitation of the citizen."""
        invitee = {"kind": "citizen", "portal": self.portal.id, "commitment": commitment(code)}
        return self.message(
            "case.invite/1", sender, **({"to": [self.portal.id], "body": {"invitee": invitee}} | fields)
        )

    def citizen_join(
        self,
        invitation: str,
        code: str,
        seat: SealingKey,
        passkeys: Sequence[Mapping[str, Any]] = (),
        **fields: Any,
    ) -> bytes:
        """Write the citizen's answer, through the portal."""
        kids = [PasskeyKey.from_jwk(passkey["jwk"]).kid for passkey in passkeys]
        proof = join_proof(code, invitation=invitation, sealing_kid=seat.public.kid, passkey_kids=kids)
        body = {
            "invitation": invitation,
            "seat": {"sealing": seat.public.jwk, "passkeys": [dict(each) for each in passkeys]},
            "proof": proof,
        }
        defaults = {"to": [self.housing.id], "body": body}
        return self.message("case.join/1", self.portal, **(defaults | fields))

    def attest(self, join: str, seat: SealingKey, passkeys: Sequence[str] = (), **fields: Any) -> bytes:
        """Write the attestation of the agency that invited."""
        body = {"join": join, "sealing": seat.public.kid, "passkeys": list(passkeys), "method": "code"}
        return self.message("case.attest/1", **({"body": body} | fields))

    def citizen_joins(self, passkeys: Sequence[Mapping[str, Any]] = ()) -> CaseOfWorld:
        """Invite the citizen into the world's case, let them join, attest their keys."""
        code, seat = new_code(), SealingKey.generate()
        invite = self.invite_citizen(code)
        self.must(invite)
        join = self.citizen_join(id_of(invite), code, seat, passkeys)
        self.must(join)
        self.must(self.attest(id_of(join), seat, [PasskeyKey.from_jwk(each["jwk"]).kid for each in passkeys]))
        found = CaseOfWorld(self.case, seat, self.portal.id)
        self.seats[self.case] = found
        return found

    def invite_agency(self, agency: Actor, sender: Actor | None = None, **fields: Any) -> bytes:
        """Write the invitation of an agency, by the citizen unless another sender is given."""
        sender = sender or self.portal
        to = [agency.id] if sender is self.portal else [agency.id, "citizen"]
        body = {"invitee": {"kind": "agency", "member": agency.id}}
        defaults = {"to": to, "body": body, "authority": Authority("seat")}
        return self.message("case.invite/1", sender, **(defaults | fields))

    def agency_joins(self, agency: Actor) -> None:
        """Let the citizen invite an agency, which accepts."""
        invite = self.invite_agency(agency)
        self.must(invite)
        self.must(self.message("case.join/1", agency, body={"invitation": id_of(invite)}))

    # --- consents --------------------------------------------------------------------------------------

    def consent_document(self, **changed: Any) -> dict[str, Any]:
        """Write a consent: housing may give benefits the tenancy."""
        return documents.consent_document(self, **changed)

    def grant(self, document: Mapping[str, Any] | None = None, **fields: Any) -> bytes:
        """Write the citizen's grant."""
        document = document or self.consent_document()
        to = sorted({*document["sources"], *document["recipients"]})
        defaults = {"to": to, "re": document["request"], "body": {"consent": document}}
        return self.message("consent.grant/1", self.portal, **(defaults | fields))

    def granted(self, **changed: Any) -> str:
        """Let the citizen consent; give the consent's id."""
        document = self.consent_document(**changed)
        self.must(self.grant(document))
        self.consent = document["id"]
        return self.consent

    def decide(self, verb: str, consent: str | None = None, **fields: Any) -> bytes:
        """Write `withdraw`, `suspend` or `resume`."""
        defaults = {
            "to": sorted([self.housing.id, self.benefits.id]),
            "body": {"consent": consent or self.consent},
        }
        return self.message(f"consent.{verb}/1", self.portal, **(defaults | fields))

    def ask_consent(self, sender: Actor | None = None, **changed: Any) -> bytes:
        """Write an agency's request for the world's usual consent."""
        terms = terms_of(self.consent_document(**changed))
        why = {"en": "So that we can help.", "fr": "Pour vous aider."}
        return self.message("consent.request/1", sender or self.benefits, body={"terms": terms, "why": why})

    # --- records ---------------------------------------------------------------------------------------

    def sealing_key(self, recipient: str, case: str | None = None) -> SealingPublicKey:
        """Give the key for which something is sealed for a recipient."""
        if recipient == "citizen":
            return self.seats[case or self.case].seat.public
        return self.actors[recipient].seal.public

    def sealed(
        self,
        content: Mapping[str, Any],
        to: Sequence[str],
        sender: Actor,
        schema: str,
        case: str | None = None,
    ) -> list[Sealed]:
        """Attest content and seal it for each recipient."""
        statement = attest(
            content,
            id=str(uuid.uuid4()),
            iss=sender.id,
            case=case or self.case,
            schema=schema,
            at=self.clock(),
            key=sender.sign,
        ).encode()
        return [
            Sealed(each, seal(statement, to=self.sealing_key(each, case), sender_kid=sender.sign.kid))
            for each in to
        ]

    def release(self, sender: Actor | None = None, to: Sequence[str] | None = None, **fields: Any) -> bytes:
        """Write a release of the tenancy from housing to benefits and the citizen, by the world's consent."""
        sender = sender or self.housing
        to = list(to) if to is not None else [self.benefits.id, "citizen"]
        schema = fields.get("schema", "housing.tenancy/1")
        case = fields.get("case", self.case)
        defaults = {
            "to": to,
            "authority": Authority("consent", self.consent),
            "agreement": AGREEMENT,
            "purpose": CONSENT_PURPOSE,
            "categories": [schema.split(".")[0]],
            "schema": schema,
        }
        if "sealed" not in fields:
            defaults["sealed"] = self.sealed({"tenure": "social"}, to, sender, schema, case)
        return self.message("record.release/1", sender, **(defaults | fields))

    def request(self, sender: Actor | None = None, to: Sequence[str] | None = None, **fields: Any) -> bytes:
        """Write a request of benefits for the tenancy, by the world's consent."""
        sender = sender or self.benefits
        to = list(to) if to is not None else [self.housing.id, "citizen"]
        defaults = {
            "to": to,
            "authority": Authority("consent", self.consent),
            "agreement": AGREEMENT,
            "purpose": CONSENT_PURPOSE,
            "categories": ["housing"],
            "schema": "record.request/1",
        }
        if "sealed" not in fields:
            content = {
                "categories": [{"category": "housing", "fields": list(HOUSING_FIELDS)}],
                "identify": {"family_name": "Example"},
                "why": {"en": "To help."},
            }
            defaults["sealed"] = self.sealed(content, to, sender, "record.request/1")
        return self.message("record.request/1", sender, **(defaults | fields))

    def emergency(self, sender: Actor | None = None, **fields: Any) -> bytes:
        """Write the opening of an emergency by benefits."""
        sender = sender or self.benefits
        body = {
            "reason": "danger_to_life",
            "categories": ["housing"],
            "until": instant.format(self.clock() + timedelta(hours=6)),
            "second_person": "colleague-7",
            "notice": {"kind": "at_once"},
        } | fields.pop("body", {})
        defaults = {"to": ["citizen"], "agreement": AGREEMENT, "purpose": EMERGENCY_PURPOSE, "body": body}
        return self.message("access.emergency/1", sender, **(defaults | fields))

    def review(
        self, emergency: bytes, *, reviewer: str = "head-of-unit", sender: Actor | None = None
    ) -> bytes:
        """Write the review of an emergency by benefits."""
        body = {"emergency": id_of(emergency), "outcome": "justified", "reviewer": reviewer}
        return self.message("access.emergency.review/1", sender or self.benefits, body=body)


def make_world(folder: Path, url: str, *, clock: Clock | None = None, consent: bool = True) -> World:
    """Found a coordinator in a folder, with everything up to a case of three seats and a consent.

    `url` names its database, without a row in it. Call `stop` when done.
    """
    clock = clock or Clock()
    world = World(found_coordinator(folder, url, clock=clock), clock)
    for actor in list(world.actors.values()):
        world.enrol(actor)
    world.agree()
    world.open_case()
    world.citizen_joins()
    world.agency_joins(world.benefits)
    if consent:
        world.granted()
    return world


__all__ = [
    "AGREEMENT",
    "CLAUSE",
    "CONSENT_PURPOSE",
    "EMERGENCY_PURPOSE",
    "OFFICER",
    "START",
    "STATUTE_PURPOSE",
    "WITHHOLDING_CLAUSE",
    "Actor",
    "Attachment",
    "Authority",
    "CaseOfWorld",
    "Clock",
    "Settings",
    "Withheld",
    "World",
    "found_coordinator",
    "id_of",
    "make_world",
    "new_id",
]

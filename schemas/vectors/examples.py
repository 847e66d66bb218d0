"""One good document and one good message of every kind, at fixed times and under known keys.

Readable on purpose: this is what an implementer looks at first. The seals are frozen bytes
(`frozen_seals.json`), because sealing draws fresh randomness each time.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas.agreement import agreement_sha256
from schemas.consent_proof import consent_challenge
from schemas.messages.joining import commitment, join_proof
from schemas.messages.member_v1 import code_proof
from schemas.passkey import passkey_kid
from schemas.vectors import example_coordination, example_records, example_seat_keys
from schemas.vectors.assertion import assertion, signs_es256
from schemas.vectors.known_keys import SEALING, SIGNING, es256_jwk
from schemas.wire import b64u

AT = "2026-11-23T05:00:00.000Z"
UNTIL = "2026-11-24T05:00:00.000Z"
NEXT_YEAR = "2027-11-23T05:00:00.000Z"
CASE = "5b1c8e5e-3f0a-4c1d-9a55-0c4c8a1b2d01"
OTHER_CASE = "5b1c8e5e-3f0a-4c1d-9a55-0c4c8a1b2d02"
CONSENT = "9d3f2c1a-7c44-4a0e-8b7e-6f1d2e3c4b01"
STATEMENT = "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc01"
CODE = "ABCDE-FGHJK-MNPQR-STUVW"
AGREEMENT = "winter-support@1"
RP_ID = "portal.example"
ORIGIN = "https://portal.example"
NORTH, SOUTH, PORTAL, CITIZEN = "north-office", "south-agency", "citizens-portal", "citizen"

Json = dict[str, Any]


def message_id(number: int) -> str:
    """Give the UUIDv7 of a fixed moment with a number that tells the examples apart."""
    return f"019aaf2a-5680-7000-8000-{number:012x}"


def agreement() -> Json:
    """Give an agreement of two agencies and a portal on help in winter."""
    law = {"en": "Duty to prevent evictions", "fr": "Prévention des expulsions"}
    housing = ["living_situation", "rent", "arrears", "arrears_months"]
    parties = (NORTH, SOUTH, PORTAL)
    return {
        "id": "winter-support",
        "version": 1,
        "title": _RENT_HELP,
        "parties": [{"member": each, "kid": SIGNING[each].kid} for each in parties],
        "purposes": [
            {"code": "rent-help", "text": _RENT_HELP, "basis": "consent"},
            {"code": "prevent-eviction", "text": law, "basis": "statute", "clause": "ccapex"},
            {"code": "danger", "text": {"en": "Danger to life", "fr": "Danger vital"}, "basis": "emergency"},
        ],
        "flows": [
            _flow(NORTH, SOUTH, "rent-help", "housing.tenancy/1", housing),
            _flow(NORTH, SOUTH, "rent-help", "debts.bills/1", ["debts", "total"]),
            _flow(NORTH, SOUTH, "prevent-eviction", "housing.tenancy/1", ["eviction_stage", "eviction_date"]),
            _flow(NORTH, SOUTH, "danger", "identity.contact/1", ["phones", "address"]),
        ],
        "identify_with": ["family_name", "birth_date"],
        "clauses": [
            {"id": "ccapex", "law": "Loi 90-449 art. 7-2", "title": law, "url": _LAW, "withhold": True},
        ],
        "emergency": {"categories": ["identity"], "max_hours": 24, "officers": ["duty-officer"]},
        "proof": {"debts": "passkey"},
        "data_life_max_days": 365,
        "consent_head_max_age_s": 86400,
        "valid_from": "2026-11-01T00:00:00.000Z",
        "valid_until": "2028-11-01T00:00:00.000Z",
    }


_RENT_HELP = {"en": "Help with rent in winter", "fr": "Aide au loyer en hiver"}
_LAW = "https://www.legifrance.gouv.fr/loda/id/JORFTEXT000000159413"


def _flow(source: str, recipient: str, purpose: str, schema: str, fields: list[str]) -> Json:
    category = schema.split(".", maxsplit=1)[0]
    return {
        "source": source,
        "recipient": recipient,
        "purpose": purpose,
        "category": category,
        "schema": schema,
        "fields": fields,
    }


def terms() -> Json:
    """Give what one agency asks the citizen for."""
    return {
        "schema": "consent/1",
        "case": CASE,
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "fr", "version": "3", "sha256": hashlib.sha256(b"notice 3").hexdigest()},
        "purpose": {"code": "rent-help", "text": _RENT_HELP},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [NORTH],
        "recipients": [SOUTH],
        "data": [
            _data("housing.tenancy/1", ["living_situation", "rent", "arrears"], "needed"),
            _data("debts.bills/1", ["total"], "optional"),
        ],
        "data_period": {"from": "2026-01-01", "to": "2026-11-30"},
        "fetch": "repeated",
        "frequency": {"count": 2, "per": "month"},
        "data_life": {"days": 180},
        "identify_with": ["family_name", "birth_date"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": {
            "en": "Nothing changes for you; you can bring the papers yourself.",
            "fr": "Rien ne change pour vous ; vous pourrez apporter les papiers vous-même.",
        },
        "valid_until": "2027-05-23T05:00:00.000Z",
        "review_due": "2027-02-23T05:00:00.000Z",
        "withdrawal": {
            "url": "https://portal.example/consents",
            "other_channels": [{"en": "Counter, 2 rue du Parc", "fr": "Guichet, 2 rue du Parc"}],
        },
        "rights_url": "https://portal.example/rights",
        "authority": "CNIL",
        "jurisdiction": "FR",
        "controllers": [
            {"member": NORTH, "name": "Office du Nord"},
            {"member": SOUTH, "name": "Agence du Sud"},
        ],
        "nonce": b64u(bytes(range(16))),
    }


def _data(schema: str, fields: list[str], necessity: str) -> Json:
    category = schema.split(".", maxsplit=1)[0]
    return {
        "category": category,
        "schema": schema,
        "fields": fields,
        "necessity": necessity,
        "special": False,
    }


def consent(sign: Callable[[bytes], bytes] = signs_es256) -> Json:
    """Give the consent that answers the terms, with both kinds of proof."""
    asked = terms()
    document = {
        **asked,
        "id": CONSENT,
        "request": message_id(14),
        "notice": {**asked["notice"], "shown_at": "2026-11-23T04:58:00.000Z"},
        "valid_from": "2026-11-23T04:59:30.000Z",
        "actor": {"kind": "citizen"},
    }
    signed = assertion(consent_challenge(document), rp_id=RP_ID, origin=ORIGIN, sign=sign)
    portal = {"kind": "portal", "acr": "eidas-substantial", "auth_time": "2026-11-23T04:55:00.000Z"}
    return {**document, "proof": [portal, signed]}


def seat() -> Json:
    """Give the keys of the citizen's seat."""
    passkey = {
        "credential": b64u(b"credential-1"),
        "jwk": es256_jwk(),
        "rp_id": RP_ID,
        "origins": [ORIGIN],
    }
    return {"sealing": SEALING[CITIZEN].public.jwk, "passkeys": [passkey]}


def records() -> dict[str, Json]:
    """Give one record of every schema."""
    return example_records.records()


def contents() -> dict[str, Json]:
    """Give one content for every schema of a statement, records included."""
    return {
        **records(),
        **example_coordination.contents(),
        "record.request/1": {
            "categories": [{"category": "housing", "fields": ["rent", "arrears"]}],
            "identify": {"family_name": "Martin", "birth_date": "1988-04-02"},
            "why": {"fr": "Pour préparer votre aide."},
        },
        "record.contest/1": {
            "statement": STATEMENT,
            "text": "J’ai payé le mois d’octobre.",
            "fields": ["arrears"],
        },
        "record.correct/1": {
            "statement": STATEMENT,
            "record": {"arrears": {"amount": 61500, "currency": "EUR"}},
            "settles": "3c9e1f77-52aa-4b1e-9d10-aa11bb22cc02",
        },
        "access.viewed/1": {
            "statement": STATEMENT,
            "at": AT,
            "actor": {"pseudonym": "worker-17", "role": "case worker"},
            "reason": {"code": "case_work"},
            "automatic": False,
        },
    }


def bodies() -> dict[str, Json]:
    """Give one body for every open type."""
    enrolling = SIGNING[NORTH].public, SEALING[NORTH].public
    validity = {"valid_from": AT, "valid_until": NEXT_YEAR}
    invitation = message_id(8)
    proof = join_proof(
        CODE,
        invitation=invitation,
        sealing_kid=SEALING[CITIZEN].kid,
        passkey_kids=[passkey_kid(es256_jwk())],
    )
    return {
        "member.enrol/1": {
            "member": {"id": NORTH, "kind": "public", "name": "Office du Nord", "country": "FR"},
            "keys": {"sign": enrolling[0].jwk, "seal": enrolling[1].jwk, **validity},
            "code_proof": code_proof(CODE, sign_kid=enrolling[0].kid, seal_kid=enrolling[1].kid),
            "challenge": b64u(bytes(32)),
        },
        "member.keys/1": {
            "add": [{"use": "sign", "jwk": SIGNING["stranger"].public.jwk, **validity}],
            "end": [{"kid": SIGNING[NORTH].kid, "at": NEXT_YEAR}],
        },
        "member.leave/1": {"reason": "The office is closed."},
        "agreement.propose/1": {"agreement": agreement()},
        "agreement.sign/1": {"agreement": AGREEMENT, "sha256": agreement_sha256(agreement())},
        "agreement.retire/1": {"agreement": AGREEMENT, "reason": "Replaced by version 2."},
        "case.open/1": {"language": "fr"},
        "case.invite/1": {"invitee": {"kind": "citizen", "portal": PORTAL, "commitment": commitment(CODE)}},
        "case.join/1": {"invitation": invitation, "seat": seat(), "proof": proof},
        "case.attest/1": {
            "join": message_id(9),
            "sealing": SEALING[CITIZEN].kid,
            "passkeys": [passkey_kid(es256_jwk())],
            "method": "in_person",
        },
        "case.leave/1": {"member": SOUTH},
        "case.close/1": {"outcome": "housed"},
        "case.reopen/1": {"reason": "New arrears."},
        "consent.request/1": {
            "terms": terms(),
            "why": {"en": "To help with the rent.", "fr": "Pour aider à payer le loyer."},
        },
        "consent.grant/1": {"consent": consent()},
        "consent.refuse/1": {},
        "consent.withdraw/1": {"consent": CONSENT},
        "consent.suspend/1": {"consent": CONSENT},
        "consent.resume/1": {"consent": CONSENT},
        "consent.offer/1": {"terms": {**terms(), "fetch": "once", "frequency": None, "preview": True}},
        "record.pass/1": {"release": message_id(21), "decision": "pass"},
        "case.keys/1": example_seat_keys.body(case=CASE, at=AT),
        "record.decline/1": {"reason": "not_held", "categories": ["housing"]},
        "record.erased/1": {
            "messages": [{"id": message_id(21), "sha256": hashlib.sha256(b"a message").hexdigest()}],
            "why": "withdrawn",
            "at": AT,
        },
        "access.emergency/1": {
            "reason": "danger_to_life",
            "categories": ["identity"],
            "until": "2026-11-23T15:00:00.000Z",
            "second_person": "worker-18",
            "notice": {"kind": "at_once"},
        },
        "access.emergency.review/1": {
            "emergency": message_id(27),
            "outcome": "justified",
            "reviewer": "duty-officer",
        },
        "message.reject/1": {"message": message_id(21), "reason": "statement_mismatch"},
        "delivery.withdrawn/1": {"message": message_id(21), "consent": CONSENT, "why": "withdrawn"},
        "delivery.delayed/1": {"message": "eyJ4Ijow.eyJ4Ijow.AAAA", "receipt": "eyJ4Ijow.eyJ4Ijow.AAAA"},
    }


BY_CONSENT = {"basis": "consent", "consent": CONSENT}
BY_SEAT = {"basis": "seat"}
_MOVES = {"authority": BY_CONSENT, "agreement": AGREEMENT, "purpose": "rent-help", "categories": ["housing"]}

_ENVELOPES: dict[str, Json] = {
    "member.enrol/1": {"from": NORTH, "to": ["coordinator"]},
    "member.keys/1": {"from": NORTH, "to": ["coordinator"]},
    "member.leave/1": {"from": NORTH, "to": ["coordinator"]},
    "agreement.propose/1": {"from": NORTH, "to": [SOUTH, PORTAL]},
    "agreement.sign/1": {"from": SOUTH, "to": [NORTH, PORTAL]},
    "agreement.retire/1": {"from": SOUTH, "to": [NORTH, PORTAL]},
    "case.open/1": {"from": NORTH, "to": ["coordinator"]},
    "case.invite/1": {"from": NORTH, "to": [PORTAL]},
    "case.join/1": {"from": PORTAL, "to": [NORTH], "re": message_id(8)},
    "case.attest/1": {"from": NORTH, "to": [CITIZEN], "re": message_id(9)},
    "case.leave/1": {"from": PORTAL, "to": [NORTH, SOUTH]},
    "case.close/1": {"from": NORTH, "to": [SOUTH, CITIZEN]},
    "case.reopen/1": {"from": NORTH, "to": [SOUTH, CITIZEN]},
    "consent.request/1": {"from": SOUTH, "to": [CITIZEN]},
    "consent.grant/1": {"from": PORTAL, "to": [NORTH, SOUTH], "re": message_id(14)},
    "consent.refuse/1": {"from": PORTAL, "to": [NORTH, SOUTH], "re": message_id(14)},
    "consent.withdraw/1": {"from": PORTAL, "to": [NORTH, SOUTH]},
    "consent.suspend/1": {"from": PORTAL, "to": [NORTH, SOUTH]},
    "consent.resume/1": {"from": PORTAL, "to": [NORTH, SOUTH]},
    "record.request/1": {"from": SOUTH, "to": [NORTH, CITIZEN], **_MOVES, "schema": "record.request/1"},
    "record.release/1": {
        "from": NORTH,
        "to": [SOUTH, CITIZEN],
        "re": message_id(20),
        **_MOVES,
        "schema": "housing.tenancy/1",
    },
    "record.decline/1": {"from": NORTH, "to": [SOUTH, CITIZEN], "re": message_id(20)},
    "record.contest/1": {"from": PORTAL, "to": [NORTH], "authority": BY_SEAT, "schema": "record.contest/1"},
    "record.correct/1": {"from": NORTH, "to": [SOUTH, CITIZEN], **_MOVES, "schema": "record.correct/1"},
    "record.erased/1": {"from": SOUTH, "to": [NORTH, CITIZEN]},
    "access.viewed/1": {"from": SOUTH, "to": [CITIZEN], "authority": BY_SEAT, "schema": "access.viewed/1"},
    "access.emergency/1": {"from": SOUTH, "to": [CITIZEN], "agreement": AGREEMENT, "purpose": "danger"},
    "access.emergency.review/1": {"from": SOUTH, "to": [CITIZEN]},
    "message.reject/1": {"from": SOUTH, "to": [NORTH, CITIZEN]},
    "delivery.withdrawn/1": {"from": "coordinator", "to": [NORTH, CITIZEN]},
    "delivery.delayed/1": {"from": "coordinator", "to": [CITIZEN]},
    **example_coordination.envelopes(),
    "consent.offer/1": {"from": PORTAL, "to": [SOUTH], "re": message_id(14)},
    "record.pass/1": {"from": PORTAL, "to": [NORTH], "re": message_id(21)},
    "case.keys/1": {"from": PORTAL, "to": [NORTH]},
}
_WITHOUT_CASE = ("member.", "agreement.")
_SEALS_FILE = Path(__file__).with_name("frozen_seals.json")


def payload(type_name: str) -> Json:
    """Give the payload of a good message of this type."""
    number = list(_ENVELOPES).index(type_name) + 1
    found: Json = {"id": message_id(number), "type": type_name, "at": AT, "until": UNTIL}
    if not type_name.startswith(_WITHOUT_CASE):
        found["case"] = CASE
    found.update(copy.deepcopy(_ENVELOPES[type_name]))
    if "schema" in found:
        found["sealed"] = [{"to": to, "jwe": seals()[type_name][to]} for to in found["to"]]
    else:
        found["body"] = bodies()[type_name]
    return found


def payloads() -> dict[str, Json]:
    """Give the payload of one good message of every type."""
    return {type_name: payload(type_name) for type_name in _ENVELOPES}


def sealed_types() -> dict[str, Json]:
    """Give the envelopes of the sealed types, without what is sealed."""
    return {name: envelope for name, envelope in _ENVELOPES.items() if "schema" in envelope}


def seals() -> dict[str, dict[str, str]]:
    """Read the frozen seals: type → recipient → JWE compact."""
    found: dict[str, dict[str, str]] = json.loads(_SEALS_FILE.read_text("utf-8"))
    return found

"""The documents that the world of `factories` signs: an agreement between its agencies, and a consent."""

from __future__ import annotations

import hashlib
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from schemas import instant
from schemas.records import fields_of
from schemas.wire import b64u

if TYPE_CHECKING:
    from tests.factories import Actor, World

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AGREEMENT = "winter-support@1"
_WORDS = {"en": "Helping through the winter.", "fr": "Aider pendant l’hiver."}
_BY_POST = {"en": "by post", "fr": "par courrier"}
CONSENT_PURPOSE, STATUTE_PURPOSE, EMERGENCY_PURPOSE = "support", "arrears", "danger"
CLAUSE, WITHHOLDING_CLAUSE = "l123-4", "l226-2"
OFFICER = "duty-officer"
HOUSING_FIELDS = tuple(fields_of("housing.tenancy/1"))[:4]
BENEFIT_FIELDS = tuple(fields_of("benefits.entitlements/1"))[:3]


def agreement_document(world: World, **changed: Any) -> dict[str, Any]:
    """Write an agreement between the three agencies."""
    housing, benefits, debts = world.housing, world.benefits, world.debts

    def flow(source: Actor, recipient: Actor, purpose: str, schema: str) -> dict[str, Any]:
        fields = HOUSING_FIELDS if schema.startswith("housing") else BENEFIT_FIELDS
        return {
            "source": source.id,
            "recipient": recipient.id,
            "purpose": purpose,
            "category": schema.split(".", maxsplit=1)[0],
            "schema": schema,
            "fields": list(fields),
        }

    law = {"law": "CASF", "title": _WORDS, "url": "https://law.example/l"}
    document = {
        "id": "winter-support",
        "version": 1,
        "title": _WORDS,
        "parties": [{"member": each.id, "kid": each.sign.kid} for each in (housing, benefits, debts)],
        "purposes": [
            {"code": CONSENT_PURPOSE, "text": _WORDS, "basis": "consent"},
            {"code": STATUTE_PURPOSE, "text": _WORDS, "basis": "statute", "clause": CLAUSE},
            {"code": EMERGENCY_PURPOSE, "text": _WORDS, "basis": "emergency"},
        ],
        "flows": [
            flow(housing, benefits, CONSENT_PURPOSE, "housing.tenancy/1"),
            flow(benefits, housing, CONSENT_PURPOSE, "benefits.entitlements/1"),
            flow(housing, debts, CONSENT_PURPOSE, "housing.tenancy/1"),
            flow(housing, debts, STATUTE_PURPOSE, "housing.tenancy/1"),
            flow(housing, benefits, STATUTE_PURPOSE, "housing.tenancy/1"),
            flow(housing, benefits, EMERGENCY_PURPOSE, "housing.tenancy/1"),
        ],
        "identify_with": ["family_name", "birth_date"],
        "clauses": [
            {"id": CLAUSE, "withhold": False, **law},
            {"id": WITHHOLDING_CLAUSE, "withhold": True, **law},
        ],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": [OFFICER]},
        "proof": {},
        "data_life_max_days": 180,
        "consent_head_max_age_s": 3600,
        "valid_from": instant.format(START - timedelta(days=1)),
        "valid_until": instant.format(START + timedelta(days=730)),
    }
    return document | changed


def consent_document(world: World, **changed: Any) -> dict[str, Any]:
    """Write a consent by which housing may give benefits the tenancy."""
    now = world.clock()
    document: dict[str, Any] = {
        "schema": "consent/1",
        "id": str(uuid.uuid4()),
        "case": world.case,
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {
            "language": "en",
            "version": "1",
            "sha256": hashlib.sha256(b"notice").hexdigest(),
            "shown_at": instant.format(now - timedelta(minutes=1)),
        },
        "purpose": {"code": CONSENT_PURPOSE, "text": _WORDS},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [world.housing.id],
        "recipients": [world.benefits.id],
        "data": [
            {
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": list(HOUSING_FIELDS),
                "necessity": "needed",
                "special": False,
            }
        ],
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 1000, "per": "day"},
        "data_life": {"days": 90},
        "identify_with": ["family_name"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": {"en": "You send them yourself.", "fr": "Vous les envoyez vous-même."},
        "valid_from": instant.format(now),
        "valid_until": instant.format(now + timedelta(days=180)),
        "review_due": None,
        "withdrawal": {"url": "https://portal.example/consents", "other_channels": [_BY_POST]},
        "rights_url": "https://portal.example/rights",
        "authority": "Data protection authority",
        "jurisdiction": "FR",
        "controllers": [{"member": world.benefits.id, "name": "Benefits Office"}],
        "actor": {"kind": "citizen"},
        "nonce": b64u(os.urandom(16)),
        "proof": [{"kind": "portal", "acr": "substantial", "auth_time": instant.format(now)}],
    }
    return document | changed

"""What is agreed and asked in the exchange's tests: an agreement of two agencies, and the terms of a consent.

Each is lawful as it is; `changed` puts other values in place of the usual ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import Letter
from schemas import instant
from schemas.messages.envelope import Authority

URL = "https://accord.example.org"
AGREEMENT = "winter-support@1"
HOUSING, DEBT = "city-housing", "debt-advice"


def record_letter(case: str, consent: str, content: Mapping[str, Any], **changed: Any) -> Letter:
    """Write a release of the tenancy, from housing to debt advice and the citizen, by a consent."""
    letter = Letter(
        type="record.release/1",
        schema="housing.tenancy/1",
        content=dict(content),
        case=case,
        to=(DEBT, "citizen"),
        authority=Authority("consent", consent),
        agreement=AGREEMENT,
        purpose="debt-plan",
        categories=("housing",),
    )
    return replace(letter, **changed)


def agreement_document(members: Mapping[str, Connector], now: datetime, **changed: Any) -> dict[str, Any]:
    parties = [
        {"member": each.id, "kid": each.keyring.entries[0].kid}
        for each in members.values()
        if each.kind != "portal"
    ]
    return {
        "id": "winter-support",
        "version": 1,
        "title": {"en": "Winter support", "fr": "Aide hivernale"},
        "parties": parties,
        "purposes": [
            {"code": "debt-plan", "text": {"en": "Debt plan", "fr": "Plan de dettes"}, "basis": "consent"}
        ],
        "flows": [
            {
                "source": HOUSING,
                "recipient": DEBT,
                "purpose": "debt-plan",
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": ["landlord", "rent"],
            }
        ],
        "identify_with": ["family_name", "given_name", "birth_date"],
        "clauses": [],
        "proof": {},
        "data_life_max_days": 180,
        "consent_head_max_age_s": 86_400,
        "valid_from": instant.format(now - timedelta(days=1)),
        "valid_until": instant.format(now + timedelta(days=365)),
        **changed,
    }


def terms(now: datetime, **changed: Any) -> dict[str, Any]:
    return {
        "agreement": AGREEMENT,
        "supersedes": None,
        "request_group": None,
        "request": None,
        "notice": {"language": "en", "version": "1", "sha256": "0" * 64},
        "purpose": {"code": "debt-plan", "text": "To make a plan for your debts."},
        "lawful_basis": "consent",
        "explicit": True,
        "sources": [HOUSING],
        "recipients": [DEBT],
        "data": [
            {
                "category": "housing",
                "schema": "housing.tenancy/1",
                "fields": ["landlord", "rent"],
                "necessity": "needed",
                "special": False,
            }
        ],
        "data_period": None,
        "fetch": "repeated",
        "frequency": {"count": 10, "per": "day"},
        "data_life": {"days": 90},
        "identify_with": ["family_name", "birth_date"],
        "on_withdrawal": {"erased": True, "kept": [], "why": None},
        "consequence_of_refusal": "We ask you for papers instead.",
        "valid_until": instant.format(now + timedelta(days=90)),
        "review_due": None,
        "withdrawal": {"url": f"{URL}/withdraw", "other_channels": ["By phone"]},
        "rights_url": f"{URL}/rights",
        "authority": "CNIL",
        "jurisdiction": "FR",
        "controllers": [{"member": DEBT, "name": "Debt Advice"}],
        **changed,
    }

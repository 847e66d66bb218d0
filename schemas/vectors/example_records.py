"""One good record of every schema, for `examples`: a made-up household in need of help with the rent."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def records() -> dict[str, Json]:
    """Give one record of every schema."""
    euro = "EUR"
    return {
        "identity.contact/1": {
            "given_names": ["Amina"],
            "family_name": "Martin",
            "birth_date": "1988-04-02",
            "birth_date_quality": "1",
            "address": {"line": "12 rue des Lilas", "city": "Lille", "postal_code": "59000", "country": "FR"},
            "phones": [{"number": "+33320000000", "shared": True}],
            "preferred_channel": "sms",
        },
        "household.members/1": {
            "size": 3,
            "single_parent": True,
            "members": [{"relation": "child", "birth_date": "2019-09-01", "dependent": True}],
        },
        "housing.tenancy/1": {
            "living_situation": "410",
            "rent": {"amount": 61500, "currency": euro},
            "arrears": {"amount": 123000, "currency": euro},
        },
        "income.sources/1": {
            "sources": [{"kind": "1", "amount": {"amount": 98000, "currency": euro}, "period": "month"}],
            "without_resources": False,
        },
        "benefits.entitlements/1": {
            "entitlements": [
                {"scheme": "rsa", "state": "open_suspended", "suspension_reason": "declaration_missing"}
            ],
        },
        "employment.situation/1": {
            "status": "looking",
            "project": {"occupation": "K1304", "mobility_radius_km": 15},
        },
        "debts.bills/1": {
            "debts": [
                {"kind": "energy", "outstanding": {"amount": 42000, "currency": euro}, "stage": "reminder"}
            ],
            "total": {"amount": 42000, "currency": euro},
        },
        "needs.expressed/1": {
            "needs": [{"theme": "logement-hebergement", "words": "Garder mon logement", "urgency": "soon"}],
            "what_matters": "Rester dans le quartier pour l’école.",
        },
    }

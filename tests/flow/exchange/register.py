"""The records of the housing agency in the exchange's tests: one made-up person, known by a canary."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.systems.memory import InsecureStandIn, MemoryPerson, MemorySource
from connectors.systems.source import Source

CANARY = "CANARY-Rue-des-Lilas-17"
IDENTITY = {"family_name": "Martin", "given_name": "Camille", "birth_date": "1990-04-01"}


def housing_records(people: Sequence[Mapping[str, Any]] | None = None) -> Source:
    """Make the housing agency's register with one person in it, or with those given."""
    found = people if people is not None else [{"identity": IDENTITY, "records": {"housing": tenancy()}}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsecureStandIn)
        return MemorySource(
            "register", [MemoryPerson(**each) for each in found], {"housing": "housing.tenancy/1"}
        )


def tenancy() -> dict[str, Any]:
    return {
        "landlord": f"{CANARY} Habitat Nord",
        "rent": {"amount": 61200, "currency": "EUR"},
        "tenure": "private",
    }

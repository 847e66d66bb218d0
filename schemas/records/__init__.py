"""What agencies share with each other: the record schemas by name, their fields and labels.

A name is `<category>.<schema>/<version>`; a published version never changes. Nothing is looked up here but
the schemas themselves: which of them may flow between whom is the agreement's business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from schemas.errors import Invalid, UnknownSchema
from schemas.messages.reading import read
from schemas.records.benefits_v1 import BenefitEntitlements
from schemas.records.coordination_v1 import CoordinationShared
from schemas.records.debts_v1 import DebtsAndBills
from schemas.records.employment_v1 import EmploymentSituation
from schemas.records.household_v1 import HouseholdMembers
from schemas.records.housing_v1 import HousingTenancy
from schemas.records.identity_v1 import IdentityContact
from schemas.records.income_v1 import IncomeSources
from schemas.records.needs_v1 import NeedsExpressed
from schemas.records.record import RecordSchema

RECORDS: Mapping[str, RecordSchema] = {
    "identity.contact/1": IdentityContact(),
    "household.members/1": HouseholdMembers(),
    "housing.tenancy/1": HousingTenancy(),
    "income.sources/1": IncomeSources(),
    "benefits.entitlements/1": BenefitEntitlements(),
    "employment.situation/1": EmploymentSituation(),
    "debts.bills/1": DebtsAndBills(),
    "needs.expressed/1": NeedsExpressed(),
}

SHAREABLE: Mapping[str, RecordSchema] = {**RECORDS, "coordination.shared/1": CoordinationShared()}
"""What flows and consents may name: the records, and the parts of shared work."""

CATEGORIES: Mapping[str, tuple[str, str]] = {
    "identity": ("identity and contact", "identité et coordonnées"),
    "household": ("household", "foyer"),
    "housing": ("housing", "logement"),
    "income": ("income", "ressources"),
    "benefits": ("benefits", "prestations"),
    "employment": ("employment", "emploi"),
    "debts": ("debts and bills", "dettes et factures"),
    "needs": ("what the person says they need", "besoins exprimés par la personne"),
    "coordination": ("coordination of the case", "coordination du dossier"),
}
"""Category → what people call it, in English and in French."""


def schema_for(name: str) -> RecordSchema:
    """Give the schema of a record; raise UnknownSchema."""
    schema = RECORDS.get(name)
    if schema is None:
        raise UnknownSchema
    return schema


def category_of(name: str) -> str:
    """Give the category of a schema's name: what stands before the first dot."""
    return name.split(".", 1)[0]


def fields_of(name: str) -> tuple[str, ...]:
    """Give the names of the fields that a flow or consent of this schema can have; raise UnknownSchema."""
    return tuple(_shareable(name).fields)


def _shareable(name: str) -> RecordSchema:
    schema = SHAREABLE.get(name)
    if schema is None:
        raise UnknownSchema
    return schema


def label_of(name: str, field: str, language: str) -> str:
    """Give what people call a field, in `en` or `fr`."""
    known = _shareable(name).fields.get(field)
    if known is None:
        raise Invalid(f"{name} has no such field.", path=name)
    label: str = known.metadata["x-label"][language]
    return label


def standard_of(name: str, field: str) -> str:
    """Name the public standard that a field follows."""
    known = _shareable(name).fields.get(field)
    if known is None:
        raise Invalid(f"{name} has no such field.", path=name)
    standard: str = known.metadata["x-standard"]
    return standard


def validate(name: str, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the record back if it fits its schema; raise Invalid or UnknownSchema."""
    read(schema_for(name), record, what="record")
    return record


def keep_only(name: str, record: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Drop every field that is not named; raise Invalid if nothing is left or a name is not the schema's."""
    unknown = set(fields) - set(fields_of(name))
    if unknown:
        raise Invalid(f"{name} has not all of the fields that are to be kept.", path=name)
    kept = {field: value for field, value in record.items() if field in fields}
    if not kept:
        raise Invalid(f"Nothing of this {name} is named by agreement and consent.", path=name)
    return kept

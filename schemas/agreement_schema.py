"""The definition of the agreement's document, in marshmallow; the values are in `agreement`.

From here the JSON Schema is made. What one part of the document says about another is checked here, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.messages import fields as words
from schemas.messages.fields import InBothLanguagesSchema, Several, Spelled, Strict
from schemas.records import CATEGORIES, SHAREABLE, category_of, fields_of

BASES = ("consent", "statute", "emergency")
PROOFS = ("portal", "passkey")
LONGEST_EMERGENCY_HOURS = 24


class Link(Spelled):
    """An address that a person can open."""

    # Plain http on the reader's own machine only, for a demonstration.
    spelling = re.compile(r"(?:https://|http://(?:localhost|127\.0\.0\.1)[:/])[^\s<>\"\\]{1,500}", re.ASCII)
    says = "Takes an https address."


class AgreementId(Spelled):
    """An agreement, in whatever version."""

    spelling = re.compile(r"[a-z][a-z0-9-]{1,63}", re.ASCII)
    says = "Takes an agreement's id: a lower-case letter, then 1 to 63 letters, digits or hyphens."


class _PartySchema(Strict):
    member = words.MemberId(required=True)
    kid = words.Thumbprint(required=True)


class _PurposeSchema(Strict):
    code = words.Code(required=True)
    text = fields.Nested(InBothLanguagesSchema, required=True)
    basis = words.Choice(*BASES, required=True)
    clause = words.Code()

    @validates_schema
    def names_its_clause(self, data: Mapping[str, Any], **_: Any) -> None:
        """A statute names its law; consent and emergency do not hide behind one."""
        if (data["basis"] == "statute") is not ("clause" in data):
            raise ValidationError("A purpose by statute, and no other, names its clause.", "clause")


class _FlowSchema(Strict):
    source = words.MemberId(required=True)
    recipient = words.MemberId(required=True)
    purpose = words.Code(required=True)
    category = words.Choice(*CATEGORIES, required=True)
    schema = words.Choice(*SHAREABLE, required=True)
    field_names = Several(words.Code(), most=64, required=True, data_key="fields")

    @validates_schema
    def goes_somewhere_and_has_its_fields(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse a flow to oneself and fields that no record of the schema has."""
        if data["source"] == data["recipient"]:
            raise ValidationError("A flow goes to another member.", "recipient")
        check_fields(data)


def check_fields(data: Mapping[str, Any]) -> None:
    """Raise ValidationError unless category and fields are those of the schema."""
    if category_of(data["schema"]) != data["category"]:
        raise ValidationError("The schema is of another category.", "schema")
    if not set(data["field_names"]) <= set(fields_of(data["schema"])):
        raise ValidationError("The schema has no such field.", "fields")


class _ClauseSchema(Strict):
    id = words.Code(required=True)
    law = words.Text(required=True)
    title = fields.Nested(InBothLanguagesSchema, required=True)
    url = Link(required=True)
    withhold = words.Flag(required=True)


class _EmergencySchema(Strict):
    categories = Several(words.Choice(*CATEGORIES), most=16, required=True)
    max_hours = words.Whole(least=1, most=LONGEST_EMERGENCY_HOURS, required=True)
    officers = Several(words.Pseudonym(), most=16, required=True)


class _ProofByCategory(words.Checked[dict[str, str]]):
    """Category → the proof that a consent needs for it."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as an object of the two kinds of proof."""
        kind = {"type": "string", "enum": list(PROOFS)}
        kinds = dict.fromkeys(CATEGORIES, kind)
        kwargs["metadata"] = {"type": "object", "properties": kinds, "additionalProperties": False}
        super().__init__(**kwargs)

    def take(self, value: Any) -> dict[str, str]:
        """Refuse unknown categories and kinds of proof."""
        if type(value) is not dict or not value.keys() <= CATEGORIES.keys():
            raise ValidationError("Takes categories.")
        if not all(type(each) is str and each in PROOFS for each in value.values()):
            raise ValidationError(f"Takes one of {', '.join(PROOFS)}.")
        return value


class AgreementSchema(Strict):
    """The document that every party signs."""

    id = AgreementId(required=True)
    version = words.Whole(least=1, most=999_999, required=True)
    title = fields.Nested(InBothLanguagesSchema, required=True)
    parties = Several(fields.Nested(_PartySchema), fewest=2, most=64, required=True)
    purposes = Several(fields.Nested(_PurposeSchema), most=64, required=True)
    flows = Several(fields.Nested(_FlowSchema), fewest=0, most=256, required=True)
    identify_with = Several(words.Code(), fewest=0, most=16, required=True)
    clauses = Several(fields.Nested(_ClauseSchema), fewest=0, most=64, required=True)
    emergency = fields.Nested(_EmergencySchema)
    proof = _ProofByCategory(required=True)
    preview = Several(words.Choice(*CATEGORIES), most=16)
    data_life_max_days = words.Whole(least=1, most=3660, required=True)
    consent_head_max_age_s = words.Whole(least=60, most=7 * 86_400)
    valid_from = words.Instant(required=True)
    valid_until = words.Instant(required=True)

    @validates_schema
    def hangs_together(self, data: Mapping[str, Any], **_: Any) -> None:
        """Check what one part of the document says about another.

        1. one entry for each party, purpose, clause and flow
        2. flows are between parties and for purposes of this agreement
        3. clauses that purposes name are there
        4. an emergency purpose says what may be opened, for how long, and who answers for it
        """
        if data["valid_from"] >= data["valid_until"]:
            raise ValidationError("An agreement ends after it starts.", "valid_until")
        members = _once(data["parties"], "member", "parties")
        purposes = _once(data["purposes"], "code", "purposes")
        clauses = _once(data["clauses"], "id", "clauses")
        for purpose in purposes.values():
            if purpose.get("clause") not in {None, *clauses}:
                raise ValidationError("A purpose names a clause that is not there.", "purposes")
            if purpose["basis"] == "emergency" and "emergency" not in data:
                raise ValidationError("An agreement on emergencies says what they open.", "emergency")
        _check_flows(data, members, purposes)


def _once(entries: Iterable[Mapping[str, Any]], name: str, where: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if entry[name] in found:
            raise ValidationError(f"Two entries have the same {name}.", where)
        found[entry[name]] = entry
    return found


def _check_flows(data: Mapping[str, Any], members: Collection[str], purposes: Mapping[str, Any]) -> None:
    seen = set()
    for flow in data["flows"]:
        if flow["source"] not in members or flow["recipient"] not in members:
            raise ValidationError("A flow is between parties of the agreement.", "flows")
        if flow["purpose"] not in purposes:
            raise ValidationError("A flow is for a purpose of the agreement.", "flows")
        if purposes[flow["purpose"]]["basis"] == "emergency":
            _check_emergency_flow(flow, data["emergency"])
        seen.add(flow_key(flow))
    if len(seen) != len(data["flows"]):
        raise ValidationError("Two flows are for the same parties, purpose and category.", "flows")


def _check_emergency_flow(flow: Mapping[str, Any], emergency: Mapping[str, Any]) -> None:
    if flow["category"] not in emergency["categories"]:
        raise ValidationError("A flow in an emergency is within the emergency's categories.", "flows")


def flow_key(flow: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Give what tells one flow of an agreement from another."""
    return flow["source"], flow["recipient"], flow["purpose"], flow["category"]

"""The agreement: which member may give which fields to which other, for which purpose, on which basis.

Takes the document that all parties sign and gives values with look-ups that raise when nothing is agreed.
Whether enough parties signed, and which version is in force, the register knows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from schemas.errors import (
    AgreementDoesNotCover,
    AgreementNotInForce,
    BasisSwapped,
    Invalid,
    NoStatute,
    PreviewDemanded,
    WithholdingNotAllowed,
)
from schemas.messages import fields as words
from schemas.messages.fields import InBothLanguagesSchema, Several, Spelled, Strict
from schemas.messages.reading import read
from schemas.records import CATEGORIES, SHAREABLE, category_of, fields_of
from schemas.wire import canonical

BASES = ("consent", "statute", "emergency")
PROOFS = ("portal", "passkey")
LONGEST_EMERGENCY_HOURS = 24
HEAD_MAX_AGE_S = 86_400
"""How old the head of consents may be at which a connector still releases, unless an agreement says less."""


@dataclass(frozen=True, slots=True)
class Party:
    """A member that signs, pinned by the thumbprint of its first signing key."""

    member: str
    kid: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is used for, and the one legal basis of that."""

    code: str
    text: Mapping[str, str]
    basis: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class Flow:
    """One permitted direction: these fields of this schema, for this purpose, on this basis."""

    source: str
    recipient: str
    purpose: str
    category: str
    schema: str
    fields: tuple[str, ...]
    basis: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class Clause:
    """A law that permits or demands something; `withhold` lets the citizen be told later."""

    id: str
    law: str
    title: Mapping[str, str]
    url: str
    withhold: bool


@dataclass(frozen=True, slots=True)
class EmergencyRule:
    """What may be opened without a decision of the citizen, for how long, and who answers for it."""

    categories: tuple[str, ...]
    max_hours: int
    officers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version of an agreement; `document` is what was signed."""

    id: str
    version: int
    title: Mapping[str, str]
    parties: tuple[Party, ...]
    purposes: Mapping[str, Purpose]
    flows: Mapping[tuple[str, str, str, str], Flow]
    identify_with: tuple[str, ...]
    clauses: Mapping[str, Clause]
    emergency: EmergencyRule | None
    proof: Mapping[str, str]
    preview: frozenset[str]
    data_life_max_days: int
    consent_head_max_age_s: int
    valid_from: datetime
    valid_until: datetime
    document: Mapping[str, Any]

    @property
    def ref(self) -> str:
        """How messages and consents name this version."""
        return f"{self.id}@{self.version}"

    def members(self) -> frozenset[str]:
        """Give the parties."""
        return frozenset(party.member for party in self.parties)

    def flows_for(self, source: str, recipient: str, purpose: str, category: str) -> Flow:
        """Give the flow, with its fields and basis; raise AgreementDoesNotCover."""
        flow = self.flows.get((source, recipient, purpose, category))
        if flow is None:
            raise AgreementDoesNotCover(
                agreement=self.ref, source=source, recipient=recipient, purpose=purpose, category=category
            )
        return flow

    def purpose(self, code: str) -> Purpose:
        """Give a purpose; raise AgreementDoesNotCover."""
        purpose = self.purposes.get(code)
        if purpose is None:
            raise AgreementDoesNotCover(
                "The agreement has no such purpose.", agreement=self.ref, purpose=code
            )
        return purpose

    def clause(self, code: str) -> Clause:
        """Give a clause; raise NoStatute."""
        clause = self.clauses.get(code)
        if clause is None:
            raise NoStatute(agreement=self.ref, clause=code)
        return clause

    def required_proof(self, category: str) -> str:
        """Say which proof of the citizen's decision this category needs: `portal` or `passkey`."""
        return self.proof.get(category, "portal")

    def check_preview(self, categories: Iterable[str]) -> None:
        """Raise PreviewDemanded if the citizen has to see one of these before it is passed on."""
        demanded = self.preview & frozenset(categories)
        if demanded:
            raise PreviewDemanded(agreement=self.ref, category=min(demanded))

    def check_in_force(self, at: datetime) -> None:
        """Raise AgreementNotInForce outside of the agreed time; whether it was signed the register knows."""
        if not self.valid_from <= at < self.valid_until:
            raise AgreementNotInForce(
                "The agreement starts later or has ended.",
                agreement=self.ref,
                valid_from=self.document["valid_from"],
                valid_until=self.document["valid_until"],
            )

    def check_identifying(self, attributes: Iterable[str]) -> None:
        """Raise AgreementDoesNotCover if a request would show a source more about the person than agreed."""
        if not set(attributes) <= set(self.identify_with):
            raise AgreementDoesNotCover(
                "The agreement does not let people be found by this.", agreement=self.ref
            )

    def check_withholding(self, ground: str) -> None:
        """Raise WithholdingNotAllowed unless the clause lets the citizen be told later."""
        clause = self.clauses.get(ground)
        if clause is None or not clause.withhold:
            raise WithholdingNotAllowed(agreement=self.ref, clause=ground)


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
        seen.add(_key(flow))
    if len(seen) != len(data["flows"]):
        raise ValidationError("Two flows are for the same parties, purpose and category.", "flows")


def _check_emergency_flow(flow: Mapping[str, Any], emergency: Mapping[str, Any]) -> None:
    if flow["category"] not in emergency["categories"]:
        raise ValidationError("A flow in an emergency is within the emergency's categories.", "flows")


def _key(flow: Mapping[str, Any]) -> tuple[str, str, str, str]:
    return flow["source"], flow["recipient"], flow["purpose"], flow["category"]


_SCHEMA = AgreementSchema()


def load_agreement(document: Mapping[str, Any]) -> Agreement:
    """Check a document and give the agreement; raise Invalid."""
    found = read(_SCHEMA, document, what="agreement")
    purposes = {each["code"]: Purpose(**{"clause": None, **each}) for each in found["purposes"]}
    emergency = found.get("emergency")
    return Agreement(
        id=found["id"],
        version=found["version"],
        title=found["title"],
        parties=tuple(Party(**each) for each in found["parties"]),
        purposes=purposes,
        flows={_key(each): _flow(each, purposes[each["purpose"]]) for each in found["flows"]},
        identify_with=tuple(found["identify_with"]),
        clauses={each["id"]: Clause(**each) for each in found["clauses"]},
        emergency=_emergency(emergency) if emergency else None,
        proof=found["proof"],
        preview=frozenset(found.get("preview", ())),
        data_life_max_days=found["data_life_max_days"],
        consent_head_max_age_s=found.get("consent_head_max_age_s", HEAD_MAX_AGE_S),
        valid_from=found["valid_from"],
        valid_until=found["valid_until"],
        document=document,
    )


def _flow(found: Mapping[str, Any], purpose: Purpose) -> Flow:
    names = tuple(found["field_names"])
    rest = {name: value for name, value in found.items() if name != "field_names"}
    return Flow(**rest, fields=names, basis=purpose.basis, clause=purpose.clause)


def _emergency(found: Mapping[str, Any]) -> EmergencyRule:
    return EmergencyRule(tuple(found["categories"]), found["max_hours"], tuple(found["officers"]))


def agreement_sha256(document: Mapping[str, Any]) -> str:
    """Give the digest that `agreement.sign` names: of the canonical document (RFC 8785), in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def basis_unchanged(old: Agreement, new: Agreement) -> None:
    """Raise BasisSwapped if a purpose that both versions have rests on another basis in the new one.

    Who asked for consent cannot say later that the law had allowed it all along (EDPB 05/2020 §§ 120–123).
    """
    if old.id != new.id:
        raise Invalid("These are not two versions of one agreement.", path="agreement.id")
    for code, purpose in new.purposes.items():
        before = old.purposes.get(code)
        if before is not None and before.basis != purpose.basis:
            raise BasisSwapped(agreement=new.ref, purpose=code, was=before.basis)

"""The agreement: which member may give which fields to which other, for which purpose, on which basis.

Takes the document that all parties sign and gives values with look-ups that raise when nothing is agreed.
Whether enough parties signed, and which version is in force, the register knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.agreement_schema import AgreementSchema, flow_key
from schemas.errors import (
    AgreementDoesNotCover,
    AgreementNotInForce,
    BasisSwapped,
    Invalid,
    NoStatute,
    PreviewDemanded,
    WithholdingNotAllowed,
)
from schemas.messages.reading import read
from schemas.wire import canonical

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

    def check_purpose_text(self, code: str, text: Mapping[str, str]) -> None:
        """Raise AgreementDoesNotCover if a consent says what it is for in other words than the agreement.

        The purpose is what all parties signed, not what one of them writes to the person (GDPR art. 5.1.b).
        """
        if self.purpose(code).text != text:
            raise AgreementDoesNotCover(
                "The agreement says otherwise what this purpose is.",
                agreement=self.ref,
                purpose=code,
                remedy="Say it in the agreement's own words, in each language.",
            )

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
        flows={flow_key(each): _flow(each, purposes[each["purpose"]]) for each in found["flows"]},
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

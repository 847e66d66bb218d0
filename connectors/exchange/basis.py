"""By what right data moves, judged by this connector itself: agreement, then consent, statute or emergency.

Used before we release, and again when we receive: the coordinator judges too, but neither side relies on it.
Gives what may move, field by field, or raises the refusal that names what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.exchange import agreements
from connectors.exchange.connector import Connector
from connectors.exchange.errors import SeatNotKnown
from connectors.exchange.parsed import consent_of
from connectors.exchange.store import access, cases, consents
from schemas.agreement import Agreement, Flow
from schemas.consent import Consent, check_granted, covers
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    Invalid,
    NoEmergency,
    NoSeat,
    NoStatute,
    UnknownConsent,
)
from schemas.instant import from_ms
from schemas.messages.envelope import Authority
from schemas.records import RECORDS, category_of, fields_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May `categories` move from source to recipient in a case, on this authority, at this time?"""

    case: str
    source: str
    recipient: str
    authority: Authority
    agreement: str | None
    purpose: str | None
    categories: Collection[str]
    at: datetime
    corrects: str | None = None
    """The release that this puts right, which moved on the very same authority; None for what is new."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One category that may move: its schema and the fields that both agreement and consent name."""

    schema: str
    fields: frozenset[str]
    special: bool


@dataclass(frozen=True, slots=True)
class Permitted:
    """What may move, and on what it rests; `life` is how long the recipient may keep it."""

    categories: Mapping[str, Allowed]
    agreement: Agreement | None
    consent: Consent | None
    life: timedelta | None


def permitted(connector: Connector, connection: Connection, question: Question) -> Permitted:
    """Answer the question; raise NotPermitted.

    1. an agreement in force names the flow of every category for this purpose, on exactly this basis
    2. the basis holds: the consent is granted and covers; the clause is the purpose's; the emergency is open
    3. of each category only the fields remain that everything names
    """
    if question.authority.basis == "seat":
        return _by_seat(connection, question)
    agreement = agreements.in_force(connector, connection, question.agreement or "", question.at)
    flows = [_flow(agreement, question, category) for category in question.categories]
    if question.authority.basis == "consent":
        return _by_consent(connection, question, agreement, flows)
    if question.authority.basis == "statute":
        _check_statute(question, agreement)
    else:
        _check_emergency(connection, question)
    allowed = {flow.category: Allowed(flow.schema, frozenset(flow.fields), special=False) for flow in flows}
    return Permitted(allowed, agreement, None, timedelta(days=agreement.data_life_max_days))


def _flow(agreement: Agreement, question: Question, category: str) -> Flow:
    flow = agreement.flows_for(question.source, question.recipient, question.purpose or "", category)
    if flow.basis != question.authority.basis:
        raise AgreementDoesNotCover(
            f"The agreement lets this flow on the basis of {flow.basis} only.",
            agreement=agreement.ref,
            purpose=flow.purpose,
            basis=question.authority.basis,
        )
    return flow


def _by_consent(
    connection: Connection, question: Question, agreement: Agreement, flows: list[Flow]
) -> Permitted:
    row = consents.find(connection, question.authority.id or "")
    if row is None or row.case != question.case:
        raise UnknownConsent(consent=question.authority.id or "", case=question.case)
    if not row.proven:
        raise SeatNotKnown("The consent's proof cannot be checked until the citizen's seat is known here.")
    check_granted(row.id, row.status)
    consent = consent_of(row)
    data = covers(
        consent,
        source=question.source,
        recipient=question.recipient,
        purpose=question.purpose or "",
        categories=tuple(question.categories),
        agreement=agreement.ref,
        at=question.at,
    )
    allowed = {}
    for flow, named in zip(flows, data, strict=True):
        if flow.schema != named.schema:
            raise ConsentDoesNotCover("It names another schema.", consent=consent.id, category=flow.category)
        allowed[flow.category] = Allowed(
            flow.schema, frozenset(flow.fields) & frozenset(named.fields), named.special
        )
    return Permitted(allowed, agreement, consent, consent.data_life)


def _check_statute(question: Question, agreement: Agreement) -> None:
    clause = question.authority.id or ""
    agreement.clause(clause)
    if agreement.purpose(question.purpose or "").clause != clause:
        raise NoStatute("The purpose does not rest on this clause.", agreement=agreement.ref, clause=clause)


def _check_emergency(connection: Connection, question: Question) -> None:
    row = access.emergency(connection, question.authority.id or "")
    if row is None or row.case != question.case or row.member != question.recipient:
        raise NoEmergency(case=question.case)
    # Whoever got it in time is told what was wrong in it, whenever that is found out (GDPR art. 19).
    if question.corrects is None and not from_ms(row.at) <= question.at < from_ms(row.until):
        raise NoEmergency("The emergency is over.", emergency=row.id)
    if not set(question.categories) <= set(row.body["categories"]):
        raise NoEmergency("The emergency does not name these categories.", emergency=row.id)


def _by_seat(connection: Connection, question: Question) -> Permitted:
    """Between the citizen and an agency their seats are enough: it is the citizen's own data."""
    seat = cases.citizen_seat(connection, question.case)
    if seat is None or seat.member not in {question.source, question.recipient}:
        raise NoSeat("Between agencies nothing moves on a seat alone.", case=question.case)
    allowed = {category: _own_data(category) for category in question.categories}
    return Permitted(allowed, None, None, None)


def _own_data(category: str) -> Allowed:
    for schema in RECORDS:
        if category_of(schema) == category:
            return Allowed(schema, frozenset(fields_of(schema)), special=False)
    raise Invalid("There is no record of this category.", path="categories")

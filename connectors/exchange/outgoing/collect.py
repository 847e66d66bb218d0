"""Finds the person in the agency's own systems and reads the record; asks the local policy before anything
is read.

Exactly one match goes on by itself. None or several are declined without saying more about anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.asked import Asked
from connectors.exchange.outgoing.period import within
from connectors.exchange.store import consents, contests
from connectors.policy.question import Allow, AskAPerson, Deny, Match, Proof, ReleaseQuestion
from connectors.systems.faults import NotEnoughToIdentify
from connectors.systems.source import PersonKey, Source
from schemas.consent_proof import PasskeyProof, PortalProof


@dataclass(frozen=True, slots=True)
class Found:
    """One person in one system."""

    source: Source
    person: PersonKey


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of one category: a record, or the reason why there is none (a code of `record.decline`)."""

    category: str
    record: Mapping[str, Any] | None
    reason: str | None = None
    rule: str | None = None
    contested: tuple[str, ...] = ()
    """What we released of it before that the citizen contests, and we have not settled."""


def collect(
    connector: Connector, connection: Connection, asked: Asked, category: str, now: datetime
) -> Collected:
    """Find, ask the policy, read; nothing of the person is read before the policy has allowed it."""
    found = _find(connector, asked, category)
    if isinstance(found, Collected):
        return found
    decision, fields = allowed_by_policy(connector, connection, asked, category, now)
    if isinstance(decision, Deny):
        return Collected(category, None, "local_policy", decision.rule)
    if isinstance(decision, AskAPerson) and asked.approved_by is None:
        return Collected(category, None, "needs_a_person", decision.rule)
    consent = asked.allowed.consent
    whole = found.source.read(found.person, category, sorted(fields)) or {}
    record = within(whole, consent.data_period if consent else None, now.astimezone().date())
    if not record:
        return Collected(category, None, "not_held")
    contested = contests.of_ours(connection, asked.case, category)
    return Collected(category, record, rule=decision.rule, contested=contested)


def _find(connector: Connector, asked: Asked, category: str) -> Found | Collected:
    """Give the one person whom all attributes fit, or the reason why there is not exactly one."""
    holders = [each for each in connector.sources.values() if category in each.describe().categories]
    if not holders:
        return Collected(category, None, "not_held")
    try:
        found = [Found(source, person) for source in holders for person in source.find(asked.identify)]
    except NotEnoughToIdentify:
        found = []
    if len(found) > 1:
        return Collected(category, None, "more_than_one_match")
    return found[0] if found else Collected(category, None, "no_match")


def allowed_by_policy(
    connector: Connector, connection: Connection, asked: Asked, category: str, now: datetime
) -> tuple[Allow | AskAPerson | Deny, frozenset[str]]:
    """Put the question to the agency's own rules; a rule may also take single fields out."""
    proof, acr = _proof(asked)
    fields = asked.categories[category] & asked.allowed.categories[category].fields
    question = ReleaseQuestion(
        agency=connector.id,
        requester=asked.sender,
        requester_kind=_kind(connector, asked),
        purpose=asked.purpose or "",
        category=category,
        fields=fields,
        basis=asked.authority.basis,  # type: ignore[arg-type]  # the envelope's schema allows these four only
        proof=proof,
        acr=acr,
        match=_match(asked),
        special=asked.allowed.categories[category].special,
        first_time=_first_time(connection, asked, category),
        agreement=asked.agreement or "",
        hour=now.astimezone().hour,
    )
    return connector.policy.narrow(question)


def _kind(connector: Connector, asked: Asked) -> Any:
    kind = connector.directory.member(asked.sender).kind
    return "citizen" if kind == "portal" else kind


def _match(asked: Asked) -> Match:
    return "chosen_by_person" if asked.approved_by else "exact_one"


def _proof(asked: Asked) -> tuple[Proof, str]:
    consent = asked.allowed.consent
    if consent is None:
        return "none", ""
    acr = next((each.acr for each in consent.proof if isinstance(each, PortalProof)), "")
    return ("passkey" if any(isinstance(each, PasskeyProof) for each in consent.proof) else "portal"), acr


def _first_time(connection: Connection, asked: Asked, category: str) -> bool:
    consent = asked.allowed.consent
    return consent is None or not consents.used_at(connection, consent.id, category, asked.sender)

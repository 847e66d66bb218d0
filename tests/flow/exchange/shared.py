"""A case in which the agencies may share parts of their work, for tests of notes, messages, documents,
outcomes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from connectors.exchange.acts.coordination import Basis
from connectors.exchange.connector import Connector
from connectors.exchange.store import alarms, inbox, outbox, statements
from connectors.exchange.stored import read_payload
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, PURPOSE_TEXT, World

NOTES_AND_FILES = ["notes", "documents"]
CLAUSE = {
    "id": "housing-act-7",
    "law": "Housing Act",
    "title": {"en": "Eviction notices", "fr": "Avis d’expulsion"},
    "url": "https://law.example.org/7",
    "withhold": False,
}


def flow(purpose: str, fields: list[str], **changed: Any) -> dict[str, Any]:
    return {
        "source": HOUSING,
        "recipient": DEBT,
        "purpose": purpose,
        "category": "coordination",
        "schema": "coordination.shared/1",
        "fields": fields,
        **changed,
    }


def tenancy_flow() -> dict[str, Any]:
    return flow(
        "debt-plan",
        ["landlord", "rent"],
        category="housing",
        schema="housing.tenancy/1",
    )


def data(fields: list[str]) -> list[dict[str, Any]]:
    shared = {
        "category": "coordination",
        "schema": "coordination.shared/1",
        "fields": fields,
        "necessity": "needed",
        "special": False,
    }
    return [shared]


def shared_case(world: World, *, agreed: list[str] | None = None, consented: list[str] | None = None) -> str:
    """Make a case of all three whose consent opens parts of the shared work; gives case and consent."""
    agreed = agreed or ["notes", "messages", "documents"]
    agreement = {
        "purposes": [
            {"code": "debt-plan", "text": PURPOSE_TEXT, "basis": "consent"},
            {
                "code": "eviction",
                "text": {"en": "Eviction", "fr": "Expulsion"},
                "basis": "statute",
                "clause": "housing-act-7",
            },
        ],
        "clauses": [CLAUSE],
        "flows": [tenancy_flow(), flow("debt-plan", agreed), flow("eviction", ["notes"])],
    }
    case, consent = world.everything(
        agreement=agreement, consent={"data": data(consented or NOTES_AND_FILES)}
    )
    return f"{case} {consent}"


def by_consent(consent: str) -> Basis:
    return Basis(authority=Authority("consent", consent), agreement=AGREEMENT, purpose="debt-plan")


def by_clause() -> Basis:
    return Basis(authority=Authority("statute", "housing-act-7"), agreement=AGREEMENT, purpose="eviction")


def said(connector: Connector, case: str, kind: str) -> list[Row[Any]]:
    """Give the statements of one type that a connector has of a case."""
    with connector.database.reading() as connection:
        return [row for row in statements.of_case(connection, case) if row.type == kind]


def words(row: Row[Any]) -> dict[str, Any]:
    """Give what a statement says."""
    content: dict[str, Any] = read_payload(row.plaintext)["content"]
    return content


def nothing_amiss(world: World) -> None:
    for member in world.members.values():
        with member.database.reading() as connection:
            assert [(row.type, row.problem) for row in outbox.failed(connection)] == []
            assert [(row.type, row.reason) for row in inbox.aside(connection)] == []
            assert alarms.open_alarms(connection) == []

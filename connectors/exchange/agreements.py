"""Agreements, believed only when every party's signature was checked here against its pinned first key.

The document names the first key of each party; by signing it, our agency vouches for these keys to itself. So
a key that the coordinator slips in is found out before anything is sealed to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from connectors.exchange.connector import Connector
from connectors.exchange.errors import UnreadableAnswer
from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements
from schemas import message
from schemas.agreement import Agreement, agreement_sha256, load_agreement
from schemas.errors import AgreementNotInForce, NotAParty, UnknownAgreement, Unverified
from schemas.messages import envelope
from schemas.messages.envelope import Message

PROPOSE, SIGN, RETIRE = "agreement.propose/1", "agreement.sign/1", "agreement.retire/1"


def learn(connector: Connector, ref: str) -> None:
    """Fetch an agreement and keep it with what its signatures prove; raise Unverified otherwise."""
    answer = connector.coordinator.agreement(ref)
    try:
        document, raws = answer["document"], [_raw(item) for item in answer["messages"]]
        status = str(answer["status"])
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableAnswer("The agreement's entry is not as agreed.") from error
    agreement = load_agreement(document)
    if agreement.ref != ref:
        raise Unverified("The coordinator gave another agreement than the one that was asked for.")
    messages = [envelope.load(message.verify(raw, connector.directory.key_for)) for raw in raws]
    signed = _signed_by(agreement, messages)
    for party in agreement.parties:
        connector.directory.check_first_key(party.member, party.kid)
    if not agreement.members() <= signed and status == "in_force":
        raise Unverified("The agreement is said to be in force, but not all parties have signed it.")
    with connector.database.writing() as connection:
        known = agreements.find(connection, ref)
        agreements.keep(
            connection,
            ref,
            document=document,
            sha256=agreement_sha256(document),
            status="retired" if known is not None and known.status == "retired" else status,
            signed_by_us=connector.id in signed,
            messages=[raw.decode() for raw in raws],
            now=connector.clock(),
        )


def _raw(item: str | Mapping[str, Any]) -> bytes:
    text = item if isinstance(item, str) else item["message"]
    return text.encode("ascii")


def _signed_by(agreement: Agreement, messages: list[Message]) -> set[str]:
    """Give the parties whose signature under exactly this document is among the messages."""
    digest = agreement_sha256(agreement.document)
    return {
        each.sender
        for each in messages
        if each.type == SIGN
        and each.body is not None
        and each.body["agreement"] == agreement.ref
        and each.body["sha256"] == digest
    }


def ref_in(incoming: Message) -> str | None:
    """Give the agreement that a message of the family speaks of."""
    body = incoming.body or {}
    if incoming.type == PROPOSE:
        return f"{body['agreement']['id']}@{body['agreement']['version']}"
    return str(body["agreement"]) if incoming.type in {SIGN, RETIRE} else None


def ensure(connector: Connector, ref: str) -> None:
    """Fetch an agreement that is not known here, or was not in force when it was last looked at."""
    with connector.database.reading() as connection:
        known = agreements.find(connection, ref)
    if known is None or known.status == "proposed":
        learn(connector, ref)


def known(connection: Connection, ref: str) -> Agreement:
    """Give an agreement as verified here; raise UnknownAgreement."""
    row = agreements.find(connection, ref)
    if row is None:
        raise UnknownAgreement(agreement=ref)
    return agreement_of(row)


def in_force(connector: Connector, connection: Connection, ref: str, at: datetime) -> Agreement:
    """Give an agreement that all have signed, we too, and that was in force at this instant."""
    row = agreements.find(connection, ref)
    if row is None:
        raise UnknownAgreement(agreement=ref)
    if row.status != "in_force":
        raise AgreementNotInForce(f"The agreement is {row.status}.", agreement=ref)
    if not row.signed_by_us and not connector.acts_for_citizens:
        raise NotAParty(agreement=ref)
    agreement = agreement_of(row)
    agreement.check_in_force(at)
    return agreement

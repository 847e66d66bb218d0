"""Proposing, signing and retiring agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.exchange import agreements as trust
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import agreements
from schemas.agreement import Agreement, agreement_sha256, load_agreement
from schemas.errors import NotAParty
from schemas.vague_purpose import check_concrete


def propose(connector: Connector, document: Mapping[str, Any]) -> str:
    """Propose an agreement and sign it; gives `id@version`. Raises Invalid when a purpose says nothing."""
    agreement = load_agreement(document)
    for purpose in agreement.purposes.values():
        check_concrete(purpose.text)
    now = connector.clock()
    to = _others(connector, agreement)
    proposal = sign_open(connector, now, type=trust.PROPOSE, to=to, body={"agreement": dict(document)})
    signature = sign_open(connector, now, type=trust.SIGN, to=to, body=_signature(agreement))
    with connector.database.writing() as connection:
        post(connection, proposal, now)
        post(connection, signature, now)
    return agreement.ref


def sign(connector: Connector, ref: str) -> str:
    """Sign an agreement that another party proposed, as it was fetched and checked here."""
    with connector.database.reading() as connection:
        known = agreements.find(connection, ref)
    if known is None:
        trust.learn(connector, ref)
    with connector.database.reading() as connection:
        agreement = trust.known(connection, ref)
    now = connector.clock()
    signed = sign_open(
        connector, now, type=trust.SIGN, to=_others(connector, agreement), body=_signature(agreement)
    )
    with connector.database.writing() as connection:
        return post(connection, signed, now)


def retire(connector: Connector, ref: str, reason: str) -> str:
    """Retire an agreement: what rests on it stops at once."""
    trust.ensure(connector, ref)
    with connector.database.reading() as connection:
        agreement = trust.known(connection, ref)
    now = connector.clock()
    body = {"agreement": ref, "reason": reason}
    signed = sign_open(connector, now, type=trust.RETIRE, to=_others(connector, agreement), body=body)
    with connector.database.writing() as connection:
        row = agreements.find(connection, ref)
        if row is not None:
            agreements.retired(connection, ref)
        return post(connection, signed, now)


def _others(connector: Connector, agreement: Agreement) -> Sequence[str]:
    others = [party.member for party in agreement.parties if party.member != connector.id]
    if len(others) == len(agreement.parties):
        raise NotAParty(agreement=agreement.ref)
    return others


def _signature(agreement: Agreement) -> dict[str, str]:
    return {"agreement": agreement.ref, "sha256": agreement_sha256(agreement.document)}

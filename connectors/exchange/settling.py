"""What follows here from the coordinator's answer to a message of ours, in that same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import own_payload
from connectors.exchange.store import cases, consents, requests
from connectors.exchange.store.outbox import Signed, Waiting
from connectors.exchange.store.tables import (
    attachments,
    consent_requests,
    emergencies,
    invitations,
    statements,
    uses,
)
from connectors.exchange.store.tables import consents as consent_rows
from schemas.errors import ConsentExists, KeyNotInForce, Refusal, TooOld
from schemas.keys import SealingPublicKey, VerifyingKey


def admitted(connector: Connector, connection: Connection, message: Waiting, answer: Admitted) -> None:
    """Follow up on an admitted message: announced keys come into use, our statements get their place."""
    if message.type == "member.keys/1":
        for added in own_payload(connector, message.raw)["body"].get("add", ()):
            kind = VerifyingKey if added["use"] == "sign" else SealingPublicKey
            connector.keyring.announced(kind.from_jwk(added["jwk"]).kid)
    if answer.index is None:
        return
    place(connection, message.id, answer.index)


def place(connection: Connection, message: str, index: int) -> None:
    """Write down at which index the log holds what we sent."""
    connection.execute(update(statements).where(statements.c.message == message).values(log_index=index))
    connection.execute(
        update(consent_rows)
        .where(consent_rows.c.grant_message == message)
        .values(granted_index=index, status_index=index)
    )


def refused(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> None:
    """Take back what was noted here in advance."""
    if message.type == "consent.grant/1" and not isinstance(answer, ConsentExists):
        payload = own_payload(connector, message.raw)
        consents.set_status(connection, payload["body"]["consent"]["id"], "invalidated", None, now)
        if payload.get("re"):
            _reopen(connection, payload["re"])
    elif message.type == "consent.refuse/1":
        _reopen(connection, own_payload(connector, message.raw)["re"])
    elif message.type in {"case.attest/1", "case.join/1"}:
        _invitation_failed(connector, connection, message)
    elif message.type in {"record.release/1", "record.decline/1"}:
        request = own_payload(connector, message.raw)["re"]
        # What only came too late is made anew, and judged anew, with keys and consents as they are then.
        again = isinstance(answer, (TooOld, KeyNotInForce)) and message.type == "record.release/1"
        state = "received" if again else "failed"
        requests.move(connection, request, state, since=("answered",), reason=answer.code, next_at=0)


def _reopen(connection: Connection, request: str) -> None:
    connection.execute(
        update(consent_requests).where(consent_requests.c.id == request).values(state="open", answer=None)
    )


def _invitation_failed(connector: Connector, connection: Connection, message: Waiting) -> None:
    body = own_payload(connector, message.raw)["body"]
    for row in cases.invitations_in(connection, "accepted", "joined"):
        if row.join_id in {body.get("join"), message.id} or row.id == body.get("invitation"):
            cases.move_invitation(connection, row.id, "needs_a_person")


def said_again(connection: Connection, old: Waiting, new: Signed) -> None:
    """Let what pointed at the message point at the one that replaces it."""
    connection.execute(
        update(consent_rows).where(consent_rows.c.grant_message == old.id).values(grant_message=new.id)
    )
    connection.execute(
        update(consent_requests).where(consent_requests.c.answer == old.id).values(answer=new.id)
    )
    connection.execute(update(statements).where(statements.c.message == old.id).values(message=new.id))
    connection.execute(update(uses).where(uses.c.message == old.id).values(message=new.id))
    connection.execute(update(attachments).where(attachments.c.message == old.id).values(message=new.id))
    connection.execute(update(invitations).where(invitations.c.join_id == old.id).values(join_id=new.id))
    for table in (invitations, emergencies, consent_requests):  # these are named by the message's id
        connection.execute(update(table).where(table.c.id == old.id).values(id=new.id))

"""What follows here from the coordinator's answer to a message of ours, in that same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from connectors.exchange.client import Admitted
from connectors.exchange.connector import Connector
from connectors.exchange.outgoing.compose import own_payload
from connectors.exchange.store import cases, cases_told, consents, offers, previews, requests
from connectors.exchange.store import seat_keys as key_rows
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
from schemas.errors import ConsentExists, KeyNotInForce, NoSeat, Refusal, TooOld
from schemas.keys import SealingPublicKey, VerifyingKey
from schemas.messages import case_v1


def admitted(connector: Connector, connection: Connection, message: Waiting, answer: Admitted) -> None:
    """Follow up on an admitted message: announced keys come into use, our statements get their place."""
    if message.type == "member.keys/1":
        for added in own_payload(connector, message.raw)["body"].get("add", ()):
            kind = VerifyingKey if added["use"] == "sign" else SealingPublicKey
            connector.keyring.announced(kind.from_jwk(added["jwk"]).kid)
    if message.type == "consent.request/1":
        consents.asked_at(connection, message.id, answer.receipt.admitted_at)
    elif message.type == "record.release/1":
        previews.went_on(connection, message.id)
    if answer.index is None:
        return
    place(connection, message.id, answer.index)


def place(connection: Connection, message: str, index: int) -> None:
    """Write down at which index the log holds what we sent."""
    connection.execute(_STATEMENT_PLACED, {"said_in": message, "place": index})
    key_rows.place(connection, message, index)
    connection.execute(_GRANT_PLACED, {"said_in": message, "place": index})


# For each message that was sent: written once, because building a statement takes as long as running it.
_STATEMENT_PLACED = (
    update(statements)
    .where(statements.c.message == bindparam("said_in"))
    .values(log_index=bindparam("place"))
)
_GRANT_PLACED = (
    update(consent_rows)
    .where(consent_rows.c.grant_message == bindparam("said_in"))
    .values(granted_index=bindparam("place"), status_index=bindparam("place"))
)


def refused(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal, now: datetime
) -> None:
    """Take back what was noted here in advance."""
    if message.type == "consent.grant/1" and not isinstance(answer, ConsentExists):
        payload = own_payload(connector, message.raw)
        consents.not_admitted(connection, payload["body"]["consent"]["id"], now)
        if payload.get("re"):
            _reopen(connection, payload["re"])
    elif message.type == "consent.refuse/1":
        _reopen(connection, own_payload(connector, message.raw)["re"])
    elif message.type in {"consent.offer/1", "consent.request/1"}:
        offers.refused(connection, message.id)
    elif message.type == "record.pass/1":
        previews.undecided(connection, message.id, answer.code)
    elif message.type == case_v1.KEYS or _attests_keys(connector, message):
        key_rows.forget(connection, message.id, connector.id)
    elif message.type in _ABOUT_SEATS:
        _about_seats_refused(connector, connection, message, answer)
    elif message.type in {"record.release/1", "record.decline/1"}:
        _answer_failed(connector, connection, message, answer)


_ABOUT_SEATS = frozenset({case_v1.ATTEST, case_v1.JOIN, case_v1.LEAVE, case_v1.CLOSE, case_v1.REOPEN})


def _about_seats_refused(
    connector: Connector, connection: Connection, message: Waiting, answer: Refusal
) -> None:
    if message.type == case_v1.LEAVE:
        _seat_stays(connector, connection, message, answer)
    elif message.type in {case_v1.CLOSE, case_v1.REOPEN}:
        cases_told.stand_as_told(connection, str(message.case))
    else:
        _invitation_failed(connector, connection, message)


def _seat_stays(connector: Connector, connection: Connection, message: Waiting, answer: Refusal) -> None:
    member = own_payload(connector, message.raw)["body"].get("member", connector.id)
    if isinstance(answer, NoSeat) and answer.facts.get("member") == member:
        return  # it was over already
    cases_told.sit_as_told(connection, str(message.case), member, connector.id)


def _answer_failed(connector: Connector, connection: Connection, message: Waiting, answer: Refusal) -> None:
    request = own_payload(connector, message.raw)["re"]
    # What only came too late is made anew, and judged anew, with keys and consents as they are then.
    again = isinstance(answer, (TooOld, KeyNotInForce)) and message.type == "record.release/1"
    if not previews.was_refused(connection, message.id, again=again, reason=answer.code):
        state = "received" if again else "failed"
        requests.move(connection, request, state, since=("answered",), reason=answer.code, next_at=0)


def _reopen(connection: Connection, request: str) -> None:
    connection.execute(
        update(consent_requests).where(consent_requests.c.id == request).values(state="open", answer=None)
    )


def _attests_keys(connector: Connector, message: Waiting) -> bool:
    return message.type == case_v1.ATTEST and "keys" in own_payload(connector, message.raw)["body"]


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
    key_rows.said_again(connection, old.id, new.id, new.raw)
    previews.said_again(connection, old.id, new.id)
    offers.said_again(connection, old.id, new.id)
    connection.execute(update(statements).where(statements.c.message == old.id).values(message=new.id))
    connection.execute(update(uses).where(uses.c.message == old.id).values(message=new.id))
    connection.execute(update(attachments).where(attachments.c.message == old.id).values(message=new.id))
    connection.execute(update(invitations).where(invitations.c.join_id == old.id).values(join_id=new.id))
    for table in (invitations, emergencies, consent_requests):  # these are named by the message's id
        connection.execute(update(table).where(table.c.id == old.id).values(id=new.id))

"""Who looked, emergencies, rejections of our messages, and what the coordinator says about deliveries."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, update

from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Authentic, Opened
from connectors.exchange.incoming.judge_record import RULES as OF_RECORDS
from connectors.exchange.incoming.keep import keep
from connectors.exchange.store import access, cases, consents, inbox, previews, requests
from connectors.exchange.store.tables import outbox
from connectors.exchange.stored import read_payload
from schemas import instant, message, receipt
from schemas.errors import Invalid, NoEmergency, NoSeat, NotYourTurn, UnknownRequest, WrongRecipients
from schemas.messages import envelope
from schemas.messages.delivery_v1 import DELAYED
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN

_EMERGENCY: Final = "access.emergency/1"
_REVIEW: Final = "access.emergency.review/1"
_LONGEST: Final = timedelta(hours=24)


def _viewed(connector: Connector, connection: Connection, opened: Opened) -> None:
    """The citizen is told who looked."""
    if opened.statement is None or not connector.acts_for_citizens:
        raise NotYourTurn("Who looked is told to the citizen alone.")
    content = opened.statement.content
    access.viewed(
        connection,
        opened.statement.id,
        case=opened.statement.case,
        viewed=content.get("statement") or content["message"],
        member=opened.message.sender,
        at=instant.parse(content["at"]),
        actor=content["actor"],
        reason=content["reason"],
        automatic=content["automatic"],
    )
    keep(connector, connection, opened, None)


def _emergency(connector: Connector, connection: Connection, opened: Opened) -> None:
    """An agency opens an emergency; it ends by itself, whatever it says."""
    loaded = opened.message
    case = loaded.case or ""
    if not connector.acts_for_citizens and cases.find(connection, case) is None:
        raise NoSeat("We have no seat in this case.", case=case)
    _keep_emergency(connection, loaded)


def _keep_emergency(connection: Connection, said: Message) -> None:
    body = said.body or {}
    until = min(instant.parse(body["until"]), said.at + _LONGEST)
    access.emergency_opened(
        connection, said.id, case=said.case or "", member=said.sender, body=body, at=said.at, until=until
    )


def _reviewed(connector: Connector, connection: Connection, opened: Opened) -> None:
    """An agency reviews its emergency; the citizen may not be told of that yet, and sees both on its date."""
    body = opened.message.body or {}
    row = access.emergency(connection, body["emergency"])
    if row is None and connector.acts_for_citizens:
        return
    if row is None or row.member != opened.message.sender:
        raise NoEmergency(emergency=body["emergency"])
    access.emergency_reviewed(connection, row.id, body["outcome"])


def _rejected(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """A receiver could not take a message of ours: kept beside it for the operator."""
    loaded, body = opened.message, opened.message.body or {}
    row = connection.execute(outbox.select().where(outbox.c.id == body["message"])).one_or_none()
    if row is None:
        return  # the citizen's copy, or a message that was re-signed: there is nothing of ours to mark
    if row.raw is not None and not _addressed(connection, row.raw, loaded.sender):
        raise UnknownRequest("It was not addressed to the one who rejects it.", message=row.id)
    problem = {"code": "rejected", "by": loaded.sender, "reason": body["reason"]}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(problem=problem))
    previews.word_rejected(connection, row.id, body["reason"])
    if row.type == "record.release/1" and row.raw is not None:
        request = read_payload(row.raw).get("re")
        if request:
            requests.move(connection, request, "failed", since=("answered",), reason=body["reason"])


def _addressed(connection: Connection, raw: bytes, member: str) -> bool:
    """Say whether a message of ours was for this member, or for the citizen whom it serves."""
    payload = read_payload(raw)
    if member in payload["to"]:
        return True
    seat = cases.citizen_seat(connection, payload.get("case", ""))
    return CITIZEN in payload["to"] and (seat is None or seat.member == member)


def _taken_back(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """The coordinator took a message of ours out of a mailbox because its consent had ended."""
    body = opened.message.body or {}
    problem = {"code": "withdrawn_from_mailbox", "reason": body["why"], "consent": body["consent"]}
    connection.execute(update(outbox).where(outbox.c.id == body["message"]).values(problem=problem))
    consents.never_used(connection, body["message"])


def _delayed(connector: Connector, connection: Connection, opened: Opened) -> None:
    """What was held back from the citizen is taken in as it would have been then.

    1. the agency signed it, with a key that was in force           (an emergency that nobody opened)
    2. the receipt is for it                                        (that was never admitted)
    3. it is of this case                                           (of another person)
    4. it is something that is held back                            (to say a thing in a round-about way)

    What a copy of a record says was sealed for others: that it went to them is all that is known here.
    """
    if not connector.acts_for_citizens:
        raise WrongRecipients("What was held back is told to the citizen.")
    body = opened.message.body or {}
    held = envelope.load(message.verify(body["message"].encode(), connector.directory.key_for))
    known = connector.coordinator.pinned.key_for
    promised = receipt.check(body["receipt"].encode(), known, id=held.id, sha256=held.sha256)
    connector.directory.member(held.sender).check_in_force(held.kid, held.at, promised.admitted_at)
    rule = None if held.case != opened.message.case else _TOLD_LATER.get(held.type)
    if rule is None and (held.case != opened.message.case or held.withheld is None):
        raise Invalid("What was held back is nothing of this case that can be.", path="body.message")
    if rule is not None:
        rule(connector, connection, Opened(Authentic(opened.arrival.index, held, promised), None))


def _emergency_told(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """Keep an emergency, with a review that was heard of before it."""
    held = opened.message
    _keep_emergency(connection, held)
    for review in inbox.of_type(connection, _REVIEW, str(held.case)):
        said = read_payload(review.raw)["body"]
        if (review.sender, said["emergency"]) == (held.sender, held.id):
            access.emergency_reviewed(connection, held.id, said["outcome"])


def _not_taken(_connector: Connector, _connection: Connection, _opened: Opened) -> None:
    """That others could not take a copy changes nothing at the citizen's."""


_TOLD_LATER: Final = {
    _EMERGENCY: _emergency_told,
    _REVIEW: _reviewed,
    "record.erased/1": OF_RECORDS["record.erased/1"],
    "message.reject/1": _not_taken,
}
"""What is open and held back, or speaks of what is; the coordinator says which of these it was."""

RULES = {
    "access.viewed/1": _viewed,
    _EMERGENCY: _emergency,
    _REVIEW: _reviewed,
    "message.reject/1": _rejected,
    "delivery.withdrawn/1": _taken_back,
    DELAYED: _delayed,
}

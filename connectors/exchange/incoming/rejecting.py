"""What is done with a message that cannot be accepted: kept aside, answered, and passed by.

The answer names a refusal's code and never what was inside. A bad receipt or proof is the coordinator's
fault, so it raises an alarm instead of an answer to the sender.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from connectors.exchange.client import Delivered
from connectors.exchange.connector import Connector
from connectors.exchange.errors import ReplayedMessage
from connectors.exchange.outgoing.compose import sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import alarms, cases, inbox
from connectors.exchange.store.inbox import Received
from schemas.errors import LogMismatch, ReceiptMismatch, Refusal
from schemas.messages.envelope import Message
from schemas.messages.fields import CITIZEN, COORDINATOR, MEMBER, UUID, UUID7
from schemas.wire import unb64u

REJECT: Final = "message.reject/1"
_COORDINATORS_FAULT: Final = (ReceiptMismatch, LogMismatch)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a message that was not accepted says about itself: good for an answer, not for belief."""

    id: str | None
    sender: str | None
    type: str
    case: str | None


def reject(connector: Connector, connection: Connection, delivered: Delivered, refusal: Refusal) -> bool:
    """Keep a message aside, answer it where there is someone to answer; say whether it is about a consent."""
    claimed = read_claims(delivered.message)
    now = connector.clock()
    answered = _answer(connector, connection, claimed, refusal)
    if isinstance(refusal, _COORDINATORS_FAULT):
        alarms.raise_alarm(connection, refusal.code, f"index {delivered.index}", refusal.detail, now)
    received = Received(
        index=delivered.index,
        id=_free_id(connection, claimed, delivered),
        sender=claimed.sender or "unknown",
        type=claimed.type,
        case=claimed.case,
        raw=delivered.message,
        sha256=hashlib.sha256(delivered.message).digest(),
        receipt=delivered.receipt,
    )
    inbox.put(connection, received, "rejected" if answered else "kept_aside", refusal.code, now)
    return claimed.type.startswith("consent.")


def _free_id(connection: Connection, claimed: Claimed, delivered: Delivered) -> str:
    """Give the claimed id unless it is taken: what was not verified must not occupy another message's id."""
    taken = claimed.id is None or inbox.has(connection, claimed.sender or "unknown", claimed.id)
    return f"index-{delivered.index}" if taken else str(claimed.id)


def _answer(connector: Connector, connection: Connection, claimed: Claimed, refusal: Refusal) -> bool:
    """Spool a `message.reject`; never for a rejection (two could go on for ever) or for the coordinator."""
    if isinstance(refusal, _COORDINATORS_FAULT) or claimed.type == REJECT:
        return False
    if claimed.id is None or claimed.sender in {None, COORDINATOR, connector.id}:
        return False
    to = _told(connector, connection, claimed)
    body = {"message": claimed.id, "reason": refusal.code}
    now = connector.clock()
    try:
        signed = sign_open(connector, now, type=REJECT, to=to, case=claimed.case, body=body, re=claimed.id)
    except Refusal:
        return False
    post(connection, signed, now)
    return True


def _told(connector: Connector, connection: Connection, claimed: Claimed) -> list[str]:
    sender = str(claimed.sender)
    if claimed.case is None or connector.acts_for_citizens:
        return [sender]
    seat = cases.citizen_seat(connection, claimed.case)
    if seat is None:
        return [sender]
    return [CITIZEN] if seat.member == sender else [sender, CITIZEN]


def replayed(connector: Connector, connection: Connection, index: int, loaded: Message) -> bool:
    """Note that the log gives a message again under another index, which an honest coordinator never does."""
    detail = f"{ReplayedMessage().detail} Message {loaded.id}, index {index}."
    alarms.raise_alarm(connection, ReplayedMessage.code, loaded.id, detail, connector.clock())
    return loaded.type.startswith("consent.")


def read_claims(raw: bytes) -> Claimed:
    """Read what the bytes say they are, each value only in its exact spelling."""
    try:
        payload = json.loads(unb64u(raw.split(b".")[1].decode("ascii")))
    except (ValueError, IndexError, Refusal):
        return Claimed(None, None, "unreadable", None)
    if not isinstance(payload, dict):
        return Claimed(None, None, "unreadable", None)
    texts = {name: value for name, value in payload.items() if isinstance(value, str)}
    kind = texts.get("type", "")
    return Claimed(
        id=texts["id"] if UUID7.fullmatch(texts.get("id", "")) else None,
        sender=texts["from"] if MEMBER.fullmatch(texts.get("from", "")) else None,
        type=kind if kind.isascii() and len(kind) <= 64 else "unreadable",  # noqa: PLR2004 - longer than any type
        case=texts["case"] if UUID.fullmatch(texts.get("case", "")) else None,
    )

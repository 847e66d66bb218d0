"""How seats are taken: accepting as an agency, and attesting a citizen's keys when the one-time code fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.exchange import seats
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import cases, inbox
from connectors.exchange.stored import read_payload
from schemas.errors import WrongCode
from schemas.keys import SealingPublicKey
from schemas.messages import case_v1, joining
from schemas.messages.envelope import Message
from schemas.passkey import PasskeyKey

_NOT_ATTESTED: Final = ("open", "joined", "needs_a_person")
"""States of an invitation in which no keys have been attested that came by it."""


def accept_as_agency(connector: Connector, connection: Connection, invitation: str, now: datetime) -> str:
    """Take the seat that an invitation offers us, once; gives the id of the message that says so."""
    row = _open_invitation(connection, invitation)
    inviter = cases.seat(connection, row.case, "citizen", row.inviter)
    to = [CITIZEN] if inviter is not None or _is_portal(connector, row.inviter) else [row.inviter, CITIZEN]
    signed = sign_open(
        connector, now, type=case_v1.JOIN, to=to, case=row.case, re=row.id, body={"invitation": row.id}
    )
    if not cases.take_invitation(connection, row.id, signed.id, state="accepted"):
        raise AlreadyDecided("Somebody else has accepted it meanwhile.", invitation=invitation)
    cases.keep_seat(connection, row.case, "agency", connector.id, status="active")
    return post(connection, signed, now)


def _is_portal(connector: Connector, member: str) -> bool:
    return connector.directory.member(member).kind == "portal"


def _open_invitation(connection: Connection, invitation: str) -> Row[Any]:
    row = cases.invitation(connection, invitation)
    if row is None or row.direction != "received":
        raise NotHere("We have no such invitation.", invitation=invitation)
    if row.state != "open":
        raise AlreadyDecided(invitation=invitation, state=row.state)
    return row


@dataclass(frozen=True, slots=True)
class Joining:
    """A citizen's keys as the portal brought them, for one invitation of ours."""

    invitation: Row[Any]
    id: str
    portal: str
    seat: Mapping[str, Any]
    raw: bytes

    @property
    def sealing_kid(self) -> str:
        """The thumbprint of the seat's sealing key."""
        return SealingPublicKey.from_jwk(self.seat["sealing"]).kid

    @property
    def passkey_kids(self) -> list[str]:
        """The thumbprints of the seat's passkeys."""
        return [PasskeyKey.from_jwk(each["jwk"]).kid for each in self.seat["passkeys"]]


def attest_if_code_fits(
    connector: Connector, connection: Connection, join: Message, invitation: Row[Any]
) -> None:
    """Attest the citizen's keys when they were bound with our code; otherwise a person of ours decides."""
    if invitation.state not in _NOT_ATTESTED:
        raise AlreadyDecided("Somebody has joined by this invitation before.", invitation=invitation.id)
    body = join.body or {}
    brought = Joining(invitation, join.id, join.sender, body["seat"], join.raw)
    try:
        joining.check_join_proof(
            body["proof"],
            invitation.code or "",
            invitation=invitation.id,
            sealing_kid=brought.sealing_kid,
            passkey_kids=brought.passkey_kids,
        )
    except WrongCode:
        cases.move_invitation(connection, invitation.id, "needs_a_person", join_id=join.id)
        return
    _attest(connector, connection, brought, "code")


def attest_in_person(connector: Connector, connection: Connection, invitation: str) -> str:
    """Attest a citizen's keys because one of us compared their thumbprints with the person."""
    row = cases.invitation(connection, invitation)
    if row is None or row.state != "needs_a_person" or row.join_id is None:
        raise NotHere("No citizen waits to be attested for this invitation.", invitation=invitation)
    received = inbox.find(connection, row.join_id)
    if received is None:
        raise NotHere("The message that brought the keys is not here.", invitation=invitation)
    seat = read_payload(received.raw)["body"]["seat"]
    brought = Joining(row, received.id, received.sender, seat, bytes(received.raw))
    return _attest(connector, connection, brought, "in_person")


def _attest(connector: Connector, connection: Connection, brought: Joining, method: str) -> str:
    """Pin the keys here and say so to the case, once; the code is forgotten."""
    now = connector.clock()
    case = brought.invitation.case
    body = {
        "join": brought.id,
        "sealing": brought.sealing_kid,
        "passkeys": brought.passkey_kids,
        "method": method,
    }
    signed = sign_open(connector, now, type=case_v1.ATTEST, to=[CITIZEN], case=case, re=brought.id, body=body)
    proven = seats.ProvenSeat(
        case=case,
        portal=brought.portal,
        sealing=brought.seat["sealing"],
        passkeys=brought.seat["passkeys"],
        join_id=brought.id,
        attested_by=connector.id,
        proof=(brought.raw.decode("ascii"), signed.raw.decode("ascii")),
    )
    invitation = brought.invitation.id
    if not cases.take_invitation(
        connection, invitation, brought.id, state="accepted", since=_NOT_ATTESTED, code=None
    ):
        raise AlreadyDecided("Somebody has attested the keys meanwhile.", invitation=invitation)
    seats.pin(connection, proven, now)
    return post(connection, signed, now)

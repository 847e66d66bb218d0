"""What the citizen has seen first goes on, or does not: judge again → seal the same statement → send.

Consent, head, policy and limits are those of the moment of passing, not of the day on which the record was
shown. Each step ends in one transaction that moves the preview on, so that a crash repeats and loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.backoff import delay
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlarmRaised, NotHere, SeatNotKnown
from connectors.exchange.outgoing.asked import Asked, judge_again
from connectors.exchange.outgoing.collect import allowed_by_policy
from connectors.exchange.outgoing.compose import CITIZEN, Attested, Letter, seal, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import consents, previews, requests, statements
from connectors.exchange.store.outbox import Signed
from connectors.policy.question import Allow, AskAPerson, Deny
from schemas import records, statement
from schemas.errors import CitizenNotJoined, Refusal, Unavailable
from schemas.instant import to_ms
from schemas.keys import VerifyingKey
from schemas.statement import Statement

STOPPED = "citizen_stopped"
"""The reason that the requester gets: the person did not pass it on, and nothing of why."""
_WAIT = (Unavailable, AlarmRaised, SeatNotKnown, CitizenNotJoined)
"""Reasons that pass by themselves or by an operator: what was passed on waits."""


@dataclass(frozen=True, slots=True)
class No:
    """Why something does not go on (a code of `record.decline`), and the local policy's rule behind it."""

    reason: str
    rule: str | None = None


def work(connector: Connector) -> int:
    """Do what the citizens have decided about previews; gives how many were settled."""
    now = connector.clock()
    with connector.database.reading() as connection:
        due = previews.due(connection, connector.id, now, connector.limits.requests_at_once)
    return sum((pass_on if row.state == "passed" else stop)(connector, row) for row in due)


def stop(connector: Connector, row: Row[Any]) -> bool:
    """Erase what was kept, and tell whoever asked that it does not come."""
    now = connector.clock()
    with connector.database.writing() as connection:
        if previews.move(connection, row.release, "declined", since=("stopped",)):
            previews.wipe(connection, row, STOPPED)
            decline(connector, connection, row, No(STOPPED), now)
            return True
    return False


def decline(connector: Connector, connection: Connection, row: Row[Any], no: No, now: datetime) -> None:
    """Answer the request for this category with a reason, to who asked and to the citizen."""
    body: dict[str, Any] = {"reason": no.reason, "categories": [row.category]}
    if no.rule is not None:
        body["rule"] = no.rule
    to = [row.recipient, CITIZEN]
    signed = sign_open(
        connector, now, type="record.decline/1", to=to, case=row.case, re=row.request, body=body
    )
    post(connection, signed, now)
    requests.declined(
        connection,
        signed.id,
        case=row.case,
        request=row.request,
        member=connector.id,
        reason=no.reason,
        categories=[row.category],
        rule=no.rule,
        now=now,
    )


def pass_on(connector: Connector, row: Row[Any]) -> bool:
    """Send what the citizen has passed on, if it may still go; say whether it is settled."""
    now = connector.clock()
    try:
        with connector.database.reading() as connection:
            asked = _judge(connector, connection, row, now)
            kept = _kept(connector, connection, row)
            decided = allowed_by_policy(connector, connection, asked, row.category, now)
        no = _says_no(decided, asked, kept)
        if no is not None:
            return _give_up(connector, row, no, now)
        return _send(connector, row, _seal_again(connector, asked, kept, now), now)
    except _WAIT as refusal:
        return _wait(connector, row, refusal, now)
    except Refusal as refusal:
        return _fail(connector, row, refusal, now)


def _judge(connector: Connector, connection: Connection, row: Row[Any], now: datetime) -> Asked:
    request = requests.find(connection, row.request)
    if request is None:
        raise NotHere("The request is not here any more.", request=row.request)
    return judge_again(connector, connection, request, now, passing=row.category)


def _kept(connector: Connector, connection: Connection, row: Row[Any]) -> Statement:
    """Give the statement that the citizen has seen, as we signed it then."""
    kept = statements.find(connection, row.statement)
    if kept is None or kept.plaintext is None:
        raise NotHere("The record was erased before it was passed on.", statement=row.statement)
    return statement.check(
        bytes(kept.plaintext), lambda kid, _: VerifyingKey.from_jwk(connector.keyring.public_jwk(kid))
    )


def _says_no(
    decided: tuple[Allow | AskAPerson | Deny, frozenset[str]], asked: Asked, kept: Statement
) -> No | None:
    """Read the agency's own rules, asked again: what may go now must be all of what was shown."""
    decision, fields = decided
    if isinstance(decision, Deny):
        return No("local_policy", decision.rule)
    if isinstance(decision, AskAPerson) and asked.approved_by is None:
        return No("needs_a_person", decision.rule)
    return None if frozenset(kept.content) <= fields else No("local_policy", decision.rule)


def _seal_again(connector: Connector, asked: Asked, kept: Statement, now: datetime) -> Signed:
    """Seal the statement that was shown for who asked, by the consent; the citizen gets it again with it."""
    letter = Letter(
        type="record.release/1",
        schema=kept.schema,
        content=kept.content,
        case=asked.case,
        to=(asked.sender, CITIZEN),
        authority=asked.authority,
        agreement=asked.agreement,
        purpose=asked.purpose,
        categories=(records.category_of(kept.schema),),
        re=asked.id,
    )
    return seal(connector, Attested(letter, kept, connector.keyring.signing_key(now)), now)[0]


def _send(connector: Connector, row: Row[Any], signed: Signed, now: datetime) -> bool:
    """Put it into the spool, if the citizen's word still stands and everything still permits it."""
    with connector.database.writing() as connection:
        if not previews.move(connection, row.release, "sent", since=("passed",), sent_as=signed.id):
            return False
        asked = _judge(connector, connection, row, now)  # a withdrawal may have been stored meanwhile
        post(connection, signed, now)
        previews.goes_on(
            connection,
            row,
            message=signed.id,
            basis=asked.authority.basis,
            agreement=asked.agreement,
            purpose=asked.purpose,
        )
        consents.used(
            connection,
            signed.id,
            consent=row.consent,
            category=row.category,
            recipient=asked.sender,
            now=now,
        )
    return True


def _wait(connector: Connector, row: Row[Any], refusal: Refusal, now: datetime) -> bool:
    later = to_ms(now + delay(row.attempts + 1))
    with connector.database.writing() as connection:
        previews.move(
            connection,
            row.release,
            row.state,
            since=(row.state,),
            reason=refusal.code,
            attempts=row.attempts + 1,
            next_at=later,
        )
    return False


def _give_up(connector: Connector, row: Row[Any], no: No, now: datetime) -> bool:
    with connector.database.writing() as connection:
        if previews.move(connection, row.release, "failed", since=("passed",), reason=no.reason):
            previews.wipe(connection, row, no.reason)
            decline(connector, connection, row, no, now)
    return True


def _fail(connector: Connector, row: Row[Any], refusal: Refusal, now: datetime) -> bool:
    """Say, by the reason's code, that what was passed on may not go any more; what was kept goes."""
    with connector.database.writing() as connection:
        if previews.move(connection, row.release, "failed", since=("passed",), reason=refusal.code):
            previews.wipe(connection, row, refusal.code)
            body = {"message": row.request, "reason": refusal.code}
            to = [row.recipient, CITIZEN]
            signed = sign_open(
                connector, now, type="message.reject/1", to=to, case=row.case, re=row.request, body=body
            )
            post(connection, signed, now)
    return True

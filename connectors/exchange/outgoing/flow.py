"""THE WAY OUT: judge → collect → minimise → attest → seal → send (by the spool).

Answers one request that was received: releases each category that may go, declines the others with a
reason, or waits. Everything that follows from one request is committed in one transaction with the
request's new state, so that a crash repeats nothing and loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from connectors.exchange.backoff import delay
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlarmRaised, AlreadyDecided, SeatNotKnown
from connectors.exchange.outgoing import passing, showing
from connectors.exchange.outgoing.asked import Asked, citizen_is_told, judge_again
from connectors.exchange.outgoing.collect import Collected, collect
from connectors.exchange.outgoing.compose import CITIZEN, Letter, attest, seal, sign_open
from connectors.exchange.outgoing.minimise import minimise
from connectors.exchange.spool import post
from connectors.exchange.store import consents, requests, statements
from connectors.exchange.store.outbox import Signed
from connectors.exchange.store.statements import Kept
from connectors.systems.faults import SystemFault
from schemas.errors import CitizenNotJoined, Invalid, Refusal, Unavailable
from schemas.instant import to_ms

_WAIT = (Unavailable, AlarmRaised, SeatNotKnown, CitizenNotJoined, SystemFault)
"""Reasons that pass by themselves or by an operator: the request waits, nothing is declined."""


@dataclass(frozen=True, slots=True)
class Declined:
    """Categories that are declined for one reason."""

    reason: str
    rule: str | None
    categories: tuple[str, ...]


@dataclass(slots=True)
class Answer:
    """What a request comes to, made before the transaction that commits it."""

    releases: list[tuple[Signed, Kept]] = field(default_factory=list)
    previews: list[tuple[Signed, Kept]] = field(default_factory=list)
    """What goes to the citizen alone first."""
    declines: list[tuple[Signed, Declined]] = field(default_factory=list)
    asks: list[Collected] = field(default_factory=list)
    rule: str | None = None
    """The rule of the local policy that decided, kept with the request for whoever asks why."""


def work(connector: Connector) -> int:
    """Answer every request that can be answered now, and do what citizens said of previews; give how many."""
    now = connector.clock()
    with connector.database.reading() as connection:
        due = requests.workable(connection, now, connector.limits.requests_at_once)
    return sum(release(connector, row) for row in due) + passing.work(connector)


def release(connector: Connector, row: Row[Any]) -> bool:
    """Answer one request, or note why it waits; say whether it was answered."""
    now = connector.clock()
    try:
        with connector.database.reading() as connection:
            asked = judge_again(connector, connection, row, now)
            collected = [
                _refused(row, category) or collect(connector, connection, asked, category, now)
                for category in asked.categories
            ]
            told = citizen_is_told(connector, connection, asked.case)
        answer = _prepare(connector, asked, collected, told=told, now=now)
        return send(connector, row, asked, answer, now)
    except _WAIT as refusal:
        _wait(connector, row, refusal, now)
        return False
    except Refusal as refusal:
        _fail(connector, row, refusal, now)
        return True


def _refused(row: Row[Any], category: str) -> Collected | None:
    """A person of the agency has said no."""
    return Collected(category, None, "local_policy", row.rule) if row.state == "denied" else None


def _prepare(
    connector: Connector, asked: Asked, collected: Sequence[Collected], *, told: bool, now: datetime
) -> Answer:
    answer = Answer()
    declined: dict[tuple[str, str | None], list[str]] = {}
    for each in collected:
        if each.record is not None:
            if showing.is_seen_first(asked):
                answer.previews.append(showing.show(connector, asked, each, now))
            else:
                answer.releases.append(_release(connector, asked, each, told=told, now=now))
            answer.rule = each.rule
        elif each.reason == "needs_a_person":
            answer.asks.append(each)
        else:
            declined.setdefault((str(each.reason), each.rule), []).append(each.category)
    for (reason, rule), categories in declined.items():
        what = Declined(reason, rule, tuple(categories))
        answer.declines.append((_decline(connector, asked, what, told=told, now=now), what))
    return answer


def _release(
    connector: Connector, asked: Asked, found: Collected, *, told: bool, now: datetime
) -> tuple[Signed, Kept]:
    """Drop what agreement, consent and request do not all name; then attest, seal and sign."""
    letter = Letter(
        type="record.release/1",
        schema=asked.allowed.categories[found.category].schema,
        content=minimise(asked, found.category, found.record or {}),
        case=asked.case,
        to=_readers(asked, told=told),
        authority=asked.authority,
        agreement=asked.agreement,
        purpose=asked.purpose,
        categories=(found.category,),
        re=asked.id,
        withheld=asked.withheld,
        contested=found.contested,
    )
    return seal(connector, attest(connector, letter, now), now)


def _readers(asked: Asked, *, told: bool) -> tuple[str, ...]:
    """Who gets the answer: the one who asked, and the citizen, who may be the one who asked."""
    if asked.authority.basis == "seat":
        return (CITIZEN,)
    return (asked.sender, CITIZEN) if told and asked.withheld is None else (asked.sender,)


def _decline(connector: Connector, asked: Asked, what: Declined, *, told: bool, now: datetime) -> Signed:
    body: dict[str, Any] = {"reason": what.reason, "categories": list(what.categories)}
    if what.rule is not None:
        body["rule"] = what.rule
    to = _readers(asked, told=told)
    return sign_open(connector, now, type="record.decline/1", to=to, case=asked.case, re=asked.id, body=body)


def send(connector: Connector, row: Row[Any], asked: Asked, answer: Answer, now: datetime) -> bool:
    """Put the answer into the spool, if the request is still in the state in which it was judged."""
    state = "needs_a_person" if answer.asks else "answered"
    rule = answer.asks[0].rule if answer.asks else answer.rule or row.rule
    with connector.database.writing() as connection:
        if not requests.move(connection, row.id, state, since=(row.state,), rule=rule, reason=None):
            return False
        judge_again(connector, connection, row, now)  # a withdrawal may have been stored meanwhile
        for shown in answer.previews:
            showing.spool(connection, asked, shown, now)
        for signed, kept in answer.releases:
            post(connection, signed, now)
            statements.put(connection, kept)
            if asked.allowed.consent is not None:
                category = kept.categories[0]
                consents.used(
                    connection,
                    signed.id,
                    consent=asked.allowed.consent.id,
                    category=category,
                    recipient=asked.sender,
                    now=now,
                )
        for signed, what in answer.declines:
            post(connection, signed, now)
            requests.declined(
                connection,
                signed.id,
                case=asked.case,
                request=asked.id,
                member=connector.id,
                reason=what.reason,
                categories=what.categories,
                rule=what.rule,
                now=now,
            )
    return True


def _wait(connector: Connector, row: Row[Any], refusal: Refusal, now: datetime) -> None:
    """Leave a request for later; an approved or denied one stays so."""
    state = "waiting" if row.state == "received" else row.state
    with connector.database.writing() as connection:
        requests.move(
            connection,
            row.id,
            state,
            since=(row.state,),
            reason=refusal.code,
            attempts=row.attempts + 1,
            next_at=to_ms(now + delay(row.attempts + 1)),
        )


def _fail(connector: Connector, row: Row[Any], refusal: Refusal, now: datetime) -> None:
    """Answer a request that may not be answered any more with a rejection that names the reason's code."""
    with connector.database.writing() as connection:
        if not requests.move(connection, row.id, "failed", since=(row.state,), reason=refusal.code):
            return
        to = [row.sender, CITIZEN] if citizen_is_told(connector, connection, row.case) else [row.sender]
        body = {"message": row.id, "reason": refusal.code}
        try:
            signed = sign_open(
                connector, now, type="message.reject/1", to=to, case=row.case, re=row.id, body=body
            )
        except Invalid:
            return
        post(connection, signed, now)


def decide(connector: Connector, request: str, *, yes: bool, by: str) -> None:
    """A person of the agency decides on a request that the policy left to them."""
    with connector.database.writing() as connection:
        moved = requests.move(
            connection,
            request,
            "approved" if yes else "denied",
            since=("needs_a_person",),
            decided_by=by,
            next_at=0,
        )
        if not moved:
            raise AlreadyDecided("No request of this id waits for a person.", request=request)

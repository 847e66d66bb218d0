"""A request that waits for an answer, as the way out sees it: read back from what was stored and judged
again now.

Judged at arrival at the coordinator's time, judged again here at ours: a consent may have been withdrawn
since, the head of consents may be too old, the limit of releases may be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.basis import Permitted, Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.errors import HeadTooOld, NotHere
from connectors.exchange.store import alarms, cases, consents, inbox, outbox, requests, statements
from connectors.exchange.stored import read_payload
from schemas.agreement import HEAD_MAX_AGE_S
from schemas.consent import allows_another_release
from schemas.errors import ConsentNotInForce
from schemas.instant import from_ms
from schemas.messages.envelope import Authority, Withheld

_NAMED_BY = {"consent": "consent", "statute": "clause", "emergency": "emergency"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is still permitted: who asks, for what, about whom, and what may go."""

    id: str
    case: str
    sender: str
    authority: Authority
    agreement: str | None
    purpose: str | None
    categories: Mapping[str, frozenset[str]]
    identify: Mapping[str, str]
    withheld: Withheld | None
    allowed: Permitted
    approved_by: str | None


def reread(connection: Connection, row: Row[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give envelope and content of a stored request; raise NotHere when it was erased meanwhile."""
    received = inbox.find(connection, row.id)
    statement = statements.find(connection, row.statement)
    if statement is not None and statement.erased_why in {"withdrawn", "superseded"}:
        ended = f"The consent was {statement.erased_why}."
        raise ConsentNotInForce(ended, consent=str(statement.consent))
    if received is None or statement is None or statement.plaintext is None:
        raise NotHere("The request was erased.", request=row.id)
    return read_payload(received.raw), read_payload(statement.plaintext)["content"]


def judge_again(
    connector: Connector, connection: Connection, row: Row[Any], now: datetime, *, passing: str | None = None
) -> Asked:
    """Judge a stored request now; `passing` is the one category that the citizen has seen and passed on.

    1. no alarm is open                                            (a coordinator that shows two histories)
    2. agreement and basis hold now                                (withdrawn since)
    3. the newest signed head is young enough, and we have everything it names
                                                                   (a withdrawal that is being held back)
    4. the limits that the citizen set allow another release
    """
    alarms.refuse_while_open(connection)
    envelope, content = reread(connection, row)
    question = Question(
        case=row.case,
        source=connector.id,
        recipient=row.sender,
        authority=read_authority(envelope["authority"]),
        agreement=envelope.get("agreement"),
        purpose=envelope.get("purpose"),
        categories=tuple(row.categories),
        at=now,
    )
    allowed = permitted(connector, connection, question)
    check_head(connection, allowed, now)
    asked = {each["category"]: frozenset(each["fields"]) for each in content["categories"]}
    open_categories = {passing: asked[passing]} if passing else _without_answered(connection, row.id, asked)
    for category in open_categories:
        _check_limits(connection, allowed, category, row.sender, now)
    return Asked(
        id=row.id,
        case=row.case,
        sender=row.sender,
        authority=question.authority,
        agreement=question.agreement,
        purpose=question.purpose,
        categories=open_categories,
        identify=content["identify"],
        withheld=read_withheld(envelope.get("withheld")),
        allowed=allowed,
        approved_by=row.decided_by if passing or row.state == "approved" else None,
    )


def read_authority(found: Mapping[str, str]) -> Authority:
    """Give the right that a stored envelope names, with the id of what it rests on."""
    basis = found["basis"]
    return Authority(basis, found.get(_NAMED_BY.get(basis, "id")))


def read_withheld(found: Mapping[str, str] | None) -> Withheld | None:
    """Give why and until when a stored envelope leaves the citizen out; None where it does not."""
    return None if found is None else Withheld(found["ground"], date.fromisoformat(found["review_on"]))


def check_head(connection: Connection, allowed: Permitted, now: datetime) -> None:
    """Raise HeadTooOld unless the coordinator's last word about consents is complete here and young enough.

    Age is counted by both clocks, and the greater counts: a replayed old head must not look young.
    """
    if allowed.consent is None:
        return
    cursor = inbox.position(connection)
    if cursor.head_at is None or cursor.head_seen_at is None:
        raise HeadTooOld("No head of consents was received yet.")
    if cursor.head_last_consent > cursor.consent_position:
        raise HeadTooOld("There are decisions about consents that we have not received yet.")
    most = timedelta(
        seconds=allowed.agreement.consent_head_max_age_s if allowed.agreement else HEAD_MAX_AGE_S
    )
    age = max(now - from_ms(cursor.head_at), now - from_ms(cursor.head_seen_at))
    if age > most:
        raise HeadTooOld(
            f"The last word about consents is {int(age.total_seconds())} s old; "
            f"the agreement allows {int(most.total_seconds())} s.",
            remedy="The release goes on by itself once the coordinator can be reached again.",
            age_s=int(age.total_seconds()),
        )


def _without_answered(
    connection: Connection, request: str, asked: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Leave out what was sent already, so that doing a request again after a crash or refusal repeats
    nothing.
    """
    done: set[str] = set()
    for statement in statements.answers_to(connection, request):
        sent = outbox.find(connection, statement.message)
        # A first look that was taken back is shown anew.
        stands = statement.state == "current" or statement.basis != "seat"
        if statement.mine and stands and sent is not None and sent.state in {"queued", "sent"}:
            done.update(statement.categories)
    for decline in requests.declines_of(connection, request):
        done.update(decline.categories)
    return {category: fields for category, fields in asked.items() if category not in done}


def _check_limits(
    connection: Connection, allowed: Permitted, category: str, recipient: str, now: datetime
) -> None:
    if allowed.consent is not None:
        before = consents.used_at(connection, allowed.consent.id, category, recipient)
        allows_another_release(allowed.consent, before, now)


def citizen_is_told(connector: Connector, connection: Connection, case: str) -> bool:
    """Say whether there is a citizen's seat, other than ours, to seal a copy for."""
    seat = cases.citizen_seat(connection, case)
    return seat is not None and seat.member != connector.id

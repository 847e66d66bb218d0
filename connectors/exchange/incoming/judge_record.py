"""Requests, records, corrections and erasures, judged by ourselves as if the coordinator had not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange.basis import Permitted, Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.incoming.judge_preview import check_passed_on, citizens_copy
from connectors.exchange.incoming.keep import keep
from connectors.exchange.store import (
    access,
    cases,
    contests,
    copies,
    inbox,
    outbox,
    previews,
    requests,
    statements,
)
from connectors.exchange.stored import read_payload
from schemas import instant, records
from schemas.consent import check_identifying
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    Invalid,
    NotAttested,
    NotYourTurn,
    StatementMismatch,
    UnknownRequest,
)
from schemas.messages.delivery_v1 import DELAYED
from schemas.messages.envelope import Authority, Message
from schemas.messages.fields import CITIZEN
from schemas.seal import recipient_kid
from schemas.statement import Statement


def _content(opened: Opened) -> Mapping[str, Any]:
    return _statement(opened).content


def _statement(opened: Opened) -> Statement:
    if opened.statement is None:
        raise TypeError("a sealed type always has its statement here")
    return opened.statement


def _question(opened: Opened, *, source: str, recipient: str) -> Question:
    loaded = opened.message
    return Question(
        case=loaded.case or "",
        source=source,
        recipient=recipient,
        authority=loaded.authority or Authority("seat"),
        agreement=loaded.agreement,
        purpose=loaded.purpose,
        categories=loaded.categories,
        at=opened.arrival.decided_at,
    )


def _requested(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Take a request on, to be answered by the way out.

    1. the basis that it names covers what it asks for, in our direction
    2. it shows no more about the person than agreement and consent let people be found by
    3. what is asked inside is what the envelope says outside
    4. the one who asks sealed the citizen's copy for the same seat that we know of: a coordinator that showed
       us a citizen of its own would otherwise get the copies of our answers
    """
    loaded, content = opened.message, _content(opened)
    if connector.acts_for_citizens:  # the citizen's copy: they see who asked whom for what
        keep(connector, connection, opened, None)
        return
    allowed = permitted(
        connector, connection, _question(opened, source=connector.id, recipient=loaded.sender)
    )
    _check_identifying(allowed, content["identify"])
    _check_same_citizen(connection, opened)
    asked = {each["category"]: each["fields"] for each in content["categories"]}
    if set(asked) != set(loaded.categories):
        raise Invalid("The categories inside are not those on the envelope.", path="message.categories")
    for category, fields in asked.items():
        _check_fields(fields, allowed, category)
    kept = keep(connector, connection, opened, allowed.life or timedelta(days=30))
    requests.received(
        connection,
        loaded.id,
        case=loaded.case or "",
        sender=loaded.sender,
        statement=kept.id,
        categories=list(asked),
        now=connector.clock(),
    )


def _check_same_citizen(connection: Connection, opened: Opened) -> None:
    pinned = cases.citizen_sealing_key(connection, opened.message.case or "")
    for copy in opened.message.sealed:
        if copy.to == CITIZEN and pinned is not None and recipient_kid(copy.jwe) != pinned.kid:
            raise NotAttested(
                "The one who asks knows another citizen's seat in this case than we do.",
                case=opened.message.case or "",
            )


def _check_identifying(allowed: Permitted, attributes: Collection[str]) -> None:
    if allowed.agreement is not None:
        allowed.agreement.check_identifying(attributes)
    if allowed.consent is not None:
        check_identifying(allowed.consent, attributes)


def _check_fields(fields: Collection[str], allowed: Permitted, category: str) -> None:
    """Raise unless agreement and consent name every field."""
    if not set(fields) <= allowed.categories[category].fields:
        if allowed.consent is not None:
            raise ConsentDoesNotCover(
                "It does not name all of these fields.", consent=allowed.consent.id, category=category
            )
        raise AgreementDoesNotCover("It does not name all of these fields.", category=category)


def _released(connector: Connector, connection: Connection, opened: Opened) -> None:
    """Take a record in: asked for by us, permitted, of the agreed schema, with no field too many.

    Where the citizen sees it first, it comes only after them, and to nobody else.
    """
    loaded = opened.message
    if connector.acts_for_citizens:
        citizens_copy(connector, connection, opened)
        return
    if loaded.re is not None:
        _check_asked(connection, loaded.re, loaded.sender)
    allowed = permitted(
        connector, connection, _question(opened, source=loaded.sender, recipient=connector.id)
    )
    if allowed.consent is not None and allowed.consent.preview:
        check_passed_on(connector, loaded)
    category = loaded.categories[0]
    if allowed.categories[category].schema != loaded.schema:
        raise AgreementDoesNotCover("The agreement names another schema for this.", category=category)
    _check_fields(_content(opened), allowed, category)
    keep(connector, connection, opened, allowed.life or timedelta(days=30))
    _mark(connection, opened)


def _mark(connection: Connection, opened: Opened) -> None:
    """Let the mark stand on a copy whose source says that the citizen contests an earlier one, or this one.

    A contest of what has just been passed on may be here before the record.
    """
    case, statement = opened.message.case or "", _statement(opened).id
    if _statement(opened).contested or contests.are_of(connection, case, statement):
        contests.mark(connection, _statement(opened).id, contested=True)


def _check_asked(connection: Connection, request: str, source: str) -> None:
    row = outbox.find(connection, request)
    asked = row is not None and row.type == "record.request/1"
    if not asked or row is None or (row.raw is not None and source not in read_payload(row.raw)["to"]):
        raise UnknownRequest(message=request)


def _declined(connector: Connector, connection: Connection, opened: Opened) -> None:
    """A source gives nothing, and says why."""
    loaded, body = opened.message, opened.message.body or {}
    request = loaded.re or ""
    if not connector.acts_for_citizens:
        _check_asked(connection, request, loaded.sender)
    requests.declined(
        connection,
        loaded.id,
        case=loaded.case or "",
        request=request,
        member=loaded.sender,
        reason=body["reason"],
        categories=body["categories"],
        rule=body.get("rule"),
        now=connector.clock(),
    )


def _contested(connector: Connector, connection: Connection, opened: Opened) -> None:
    """The citizen says that something is wrong: the mark travels with every later copy.

    What still waits for their word is shown to them anew with the mark in it: what goes on is exactly what
    they have seen, so that it could not be put there afterwards.
    """
    seat = cases.citizen_seat(connection, opened.message.case or "")
    if seat is None or seat.member != opened.message.sender:
        raise NotYourTurn("Only the citizen contests a record.")
    record = statements.find(connection, _content(opened)["statement"])
    if record is not None and record.case != opened.message.case:
        raise StatementMismatch("It is about a statement of another case.", member="statement")
    kept = keep(connector, connection, opened, None)
    contests.stands(connection, kept.id, _content(opened)["statement"])
    if record is not None and record.mine:
        previews.show_anew(connection, record.message, "contested")


def _corrected(connector: Connector, connection: Connection, opened: Opened) -> None:
    """The source gives a record in place of an earlier one of its own.

    What an agency has erased already comes back by no correction that crossed it: it goes again at once.
    """
    loaded, content = opened.message, _content(opened)
    earlier = statements.find(connection, content["statement"])
    if earlier is None and connector.acts_for_citizens and _was_held_back(connection, loaded):
        keep(connector, connection, opened, None)
        return
    if earlier is None or earlier.issuer != loaded.sender or earlier.case != loaded.case:
        raise StatementMismatch("It corrects a record that this source has not given us.")
    schema = _record_schema(connection, earlier)
    record = records.validate(schema, content["record"])
    life, gone = None, None
    if not connector.acts_for_citizens:
        question = _question(opened, source=loaded.sender, recipient=connector.id)
        allowed = permitted(
            connector, connection, replace(question, corrects=_moved_likewise(connection, loaded))
        )
        _check_fields(record, allowed, records.category_of(schema))
        life = allowed.life or timedelta(days=30)
        gone = _gone(connection, _released_as(connection, opened, earlier))
    kept = keep(connector, connection, opened, life)
    if content.get("settles"):
        _settled(connection, opened, earlier, content["settles"])
    if not connector.acts_for_citizens:
        _mark(connection, opened)
    if gone is not None and (row := statements.find(connection, kept.id)) is not None:
        statements.wipe(connection, row, gone)


def _was_held_back(connection: Connection, loaded: Message) -> bool:
    """Say whether it is of a record that went to others alone, and of which the citizen was told since."""
    told = (
        read_payload(row.raw)["body"]["message"]
        for row in inbox.of_type(connection, DELAYED, str(loaded.case))
    )
    held = (read_payload(raw.encode()) for raw in told)
    return any((each["id"], each["from"]) == (loaded.re, loaded.sender) for each in held)


def _moved_likewise(connection: Connection, loaded: Message) -> str | None:
    """Give the release that is corrected if we have it, and it moved on the very same authority."""
    release = inbox.find(connection, loaded.re or "")
    if release is None or release.raw is None or release.sender != loaded.sender:
        return None
    same = read_payload(release.raw).get("authority") == read_payload(loaded.raw).get("authority")
    return str(release.id) if same else None


def _gone(connection: Connection, release: Row[Any]) -> str | None:
    """Give why every version of a record was erased here; None while one is held."""
    found = copies.versions(connection, release)
    return None if any(each.state == "current" for each in found) else found[-1].erased_why


def _settled(connection: Connection, opened: Opened, earlier: Row[Any], settles: str) -> None:
    """Close the contest that a correction names; a source has the say over those of its own records alone.

    Who was not told of the contest (of another copy, or before they came) has the source's mark alone: it
    goes from every version of this copy once the source does not put it on any more.
    """
    contest = contests.find(connection, earlier.case, settles)
    if contest is not None:
        record = contests.about(connection, contest)
        if record is None or record.issuer == opened.message.sender:
            contests.settle(connection, contest)
    elif not _statement(opened).contested:
        for version in copies.versions(connection, _released_as(connection, opened, earlier)):
            contests.lift(connection, version.case, version.id)


def _released_as(connection: Connection, opened: Opened, earlier: Row[Any]) -> Row[Any]:
    """Give the release at the beginning of a chain of corrections, which each of their envelopes names."""
    release = statements.of_message(connection, opened.message.re or "")
    return release if release is not None and release.issuer == earlier.issuer else earlier


def _record_schema(connection: Connection, earlier: Any) -> str:
    """Give the schema of the record at the beginning of a chain of corrections."""
    seen: set[str] = set()
    while earlier is not None and earlier.type == "record.correct/1" and earlier.id not in seen:
        seen.add(earlier.id)
        if earlier.plaintext is None:
            break
        earlier = statements.find(connection, read_payload(earlier.plaintext)["content"]["statement"])
    if earlier is None or earlier.schema not in records.RECORDS:
        raise StatementMismatch("It corrects something that is no record.")
    return str(earlier.schema)


def _erased(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """A recipient signs that its copies are gone."""
    loaded, body = opened.message, opened.message.body or {}
    for each in body["messages"]:
        access.confirmed_erasure(
            connection,
            each["id"],
            member=loaded.sender,
            case=loaded.case or "",
            sha256=each["sha256"],
            why=body["why"],
            at=instant.parse(body["at"]),
            kept=body.get("kept"),
        )


RULES = {
    "record.request/1": _requested,
    "record.release/1": _released,
    "record.decline/1": _declined,
    "record.contest/1": _contested,
    "record.correct/1": _corrected,
    "record.erased/1": _erased,
}

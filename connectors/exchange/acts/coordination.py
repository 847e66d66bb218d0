"""Sharing in a case: notes, messages, documents, outcomes; for agency and citizen alike.

The citizen speaks to every agency of the case by their seat, an agency to the citizen by its own. From agency
to agency a `Basis` carries it, judged here as strictly as a release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.exchange import agreements
from connectors.exchange.acts.attachments import Attached, attach, fetch, keep_for
from connectors.exchange.basis import Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.exchange.outgoing.asked import check_head
from connectors.exchange.outgoing.compose import CITIZEN, Letter, seal_and_sign
from connectors.exchange.shared_work import (
    LIFE,
    check_answer,
    check_note_kind,
    check_of_case,
    check_part,
    check_reply,
)
from connectors.exchange.spool import post
from connectors.exchange.store import alarms, cases, statements
from connectors.exchange.stored import read_payload
from schemas.errors import AgreementDoesNotCover, TooLarge, UnknownType
from schemas.instant import to_ms
from schemas.messages.coordination_v1 import CATEGORY, DOCUMENT, MESSAGE, NOTE, OUTCOME, PARTS
from schemas.messages.envelope import Attachment, Authority, Withheld
from schemas.messages.envelope_schema import ATTACHMENT_BYTES

BY_SEAT: Final = Authority("seat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """By what right an agency shares with another: the authority, and what the agreement says of it.

    `withheld` leaves the citizen out on a ground that a clause of the agreement allows.
    """

    authority: Authority
    agreement: str
    purpose: str
    withheld: Withheld | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was added; `data` is what its author sealed."""

    title: str
    name: str
    media_type: str
    data: bytes


def share(
    connector: Connector,
    case: str,
    kind: str,
    content: Mapping[str, Any],
    *,
    to: Sequence[str] | None = None,
    basis: Basis | None = None,
    attachments: Sequence[Attached] = (),
    re: str | None = None,
) -> str:
    """Say something of one of the types of `coordination_v1`; gives the message's id.

    Without `to`, to everyone to whom our seat alone lets us speak. Raises what the coordinator would refuse.
    """
    if kind not in PARTS:
        raise UnknownType("Nothing that is shared in a case is of this type.", type=kind)
    if basis is not None:
        agreements.ensure(connector, basis.agreement)
    now = connector.clock()
    with connector.database.reading() as connection:
        readers = _readers(connector, connection, case, to, basis)
        _judge(connector, connection, readers, basis, case=case, kind=kind, now=now)
        check_of_case(connection, case, content)
        if kind == MESSAGE:
            check_reply(connection, content)
        if kind == OUTCOME:
            check_answer(connection, case, connector.id, content)
        if kind == NOTE:
            check_note_kind(connection, case, connector.id, content)
    letter = Letter(
        type=kind,
        schema=kind,
        content=content,
        case=case,
        to=readers,
        authority=basis.authority if basis else BY_SEAT,
        agreement=basis.agreement if basis else None,
        purpose=basis.purpose if basis else None,
        categories=(CATEGORY,),
        re=re,
        attachments=tuple(Attachment(each.sha256, each.size) for each in attachments),
        withheld=basis.withheld if basis else None,
    )
    signed, kept = seal_and_sign(connector, letter, now)
    if not connector.acts_for_citizens:
        kept = replace(kept, erase_at=to_ms(now + LIFE))  # our own words name the person too
    with connector.database.writing() as connection:
        statements.put(connection, kept)
        keep_for(connection, signed.id, attachments, now)
        return post(connection, signed, now)


def _readers(
    connector: Connector, connection: Connection, case: str, to: Sequence[str] | None, basis: Basis | None
) -> tuple[str, ...]:
    """Say who gets it: of an agency's words the citizen always, unless they are left out on a ground."""
    cases.require(connection, case)
    if to is None:
        to = _agencies(connection, case) if connector.acts_for_citizens else [CITIZEN]
    if not to:
        raise NotHere("Nobody else sits in the case yet.", case=case)
    told = connector.acts_for_citizens or CITIZEN in to or (basis is not None and basis.withheld is not None)
    return tuple(dict.fromkeys(to if told else [*to, CITIZEN]))


def _agencies(connection: Connection, case: str) -> list[str]:
    seats = cases.seats_of(connection, case)
    return [row.member for row in seats if row.kind == "agency" and row.status == "active"]


def _judge(
    connector: Connector,
    connection: Connection,
    readers: Sequence[str],
    basis: Basis | None,
    *,
    case: str,
    kind: str,
    now: datetime,
) -> None:
    """Raise unless what goes to other agencies may: no alarm, the basis covers this part, consents are fresh.

    The local policy is not asked: a person of the agency writes this and says to whom.
    """
    others = [reader for reader in readers if reader != CITIZEN]
    if connector.acts_for_citizens or not others:
        if basis is not None:
            raise AgreementDoesNotCover("What goes between citizen and agency rests on their seats.")
        return
    if basis is None:
        raise AgreementDoesNotCover(
            "Between agencies nothing moves on a seat alone.",
            remedy="Name the consent or the clause that lets you share this with another agency.",
        )
    alarms.refuse_while_open(connection)
    for other in others:
        allowed = permitted(connector, connection, _question(connector, case, other, basis, now))
        check_part(allowed, kind)
        check_head(connection, allowed, now)


def _question(connector: Connector, case: str, reader: str, basis: Basis, now: datetime) -> Question:
    return Question(
        case=case,
        source=connector.id,
        recipient=reader,
        authority=basis.authority,
        agreement=basis.agreement,
        purpose=basis.purpose,
        categories=(CATEGORY,),
        at=now,
    )


def add_note(
    connector: Connector,
    case: str,
    text: str,
    *,
    kind: str | None = None,
    about: str | None = None,
    to: Sequence[str] | None = None,
    basis: Basis | None = None,
) -> str:
    """Leave a note in a case; with `kind` `safe_contact`, as the citizen, how they may safely be reached."""
    return share(connector, case, NOTE, _said(text=text, kind=kind, about=about), to=to, basis=basis)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message: `kind` is message, question or complaint; `answers` the statement that it answers."""

    text: str
    kind: str | None = None
    subject: str | None = None
    about: str | None = None
    answers: str | None = None


def send_message(
    connector: Connector,
    case: str,
    words: Words,
    *,
    to: Sequence[str] | None = None,
    basis: Basis | None = None,
) -> str:
    """Write to the citizen or, as the citizen, to agencies; a question or a complaint waits for an answer."""
    content = _said(
        text=words.text,
        kind=words.kind,
        subject=words.subject,
        about=words.about,
        answers=words.answers,
    )
    return share(
        connector, case, MESSAGE, content, to=to, basis=basis, re=_message_of(connector, words.answers)
    )


def add_document(
    connector: Connector,
    case: str,
    file: File,
    *,
    text: str | None = None,
    about: str | None = None,
    to: Sequence[str] | None = None,
    basis: Basis | None = None,
) -> str:
    """Add a file, sealed under a key of its own that only the readers get; raise TooLarge."""
    attached = attach(file.data)
    if attached.size > ATTACHMENT_BYTES:
        raise TooLarge("A file has at most 25 MiB when it is sealed.", limit=ATTACHMENT_BYTES)
    content = _said(
        title=file.title,
        name=file.name,
        media_type=file.media_type,
        size=attached.size,
        sha256=attached.sha256,
        key=attached.key,
        text=text,
        about=about,
    )
    return share(connector, case, DOCUMENT, content, to=to, basis=basis, attachments=[attached])


def open_document(connector: Connector, statement: str) -> File:
    """Give a document that is held here; fetched from the coordinator, never kept in clear.

    It tells nobody: whoever shows it to a person of an agency says so first (`access.view_record`).
    """
    with connector.database.reading() as connection:
        row = statements.find(connection, statement)
    if row is None or row.type != DOCUMENT:
        raise NotHere("There is no such document here.", statement=statement)
    content = read_payload(row.plaintext)["content"]
    data = fetch(connector, content["sha256"], content["key"])
    return File(content["title"], content["name"], content["media_type"], data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Whether help arrived; with `answers`, what we say to the other side's view, and whether we agree."""

    outcome: str
    text: str | None = None
    about: str | None = None
    answers: str | None = None
    agrees: bool | None = None


def give_outcome(
    connector: Connector,
    case: str,
    result: Result,
    *,
    to: Sequence[str] | None = None,
    basis: Basis | None = None,
) -> str:
    """Say whether help arrived, or whether we agree with what the other side says of it."""
    content = _said(
        outcome=result.outcome,
        text=result.text,
        about=result.about,
        answers=result.answers,
        agrees=result.agrees,
    )
    return share(
        connector, case, OUTCOME, content, to=to, basis=basis, re=_message_of(connector, result.answers)
    )


def _message_of(connector: Connector, statement: str | None) -> str | None:
    """Give the message that brought a statement, so that an answer names it on the envelope too."""
    if statement is None:
        return None
    with connector.database.reading() as connection:
        row = statements.find(connection, statement)
    return None if row is None else str(row.message)


def _said(**members: Any) -> dict[str, Any]:
    """Leave out what was not said."""
    return {name: value for name, value in members.items() if value is not None}

"""Asking for records, contesting and correcting them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connectors.exchange import agreements, held_back, seats
from connectors.exchange.basis import Question, permitted
from connectors.exchange.connector import Connector
from connectors.exchange.errors import AlreadyDecided, AlreadyErased, NotHere
from connectors.exchange.outgoing import correcting
from connectors.exchange.outgoing.compose import CITIZEN, Letter, seal_and_sign
from connectors.exchange.spool import post
from connectors.exchange.store import alarms, cases, contests, inbox, outbox, previews, statements
from connectors.exchange.store.copies import CORRECT
from connectors.exchange.store.outbox import Signed
from connectors.exchange.store.statements import Kept
from connectors.exchange.stored import read_payload
from schemas import records
from schemas.consent import check_identifying
from schemas.errors import Invalid, StatementMismatch, Unavailable
from schemas.instant import to_ms
from schemas.messages.envelope import Authority


def commit(connector: Connector, made: tuple[Signed, Kept], now: datetime) -> str:
    """Store what was sealed together with its message; gives the message's id."""
    signed, kept = made
    with connector.database.writing() as connection:
        statements.put(connection, kept)
        return post(connection, signed, now)


def request_records(
    connector: Connector,
    case: str,
    *,
    source: str,
    categories: Mapping[str, Sequence[str]],
    identify: Mapping[str, str],
    why: Mapping[str, str],
    authority: Authority,
    agreement: str | None = None,
    purpose: str | None = None,
) -> str:
    """Ask a source for fields of categories; gives the id of the request.

    Refused here already when agreement or consent do not cover it, or when it would show the source more
    about the person than they let it.
    """
    if agreement is not None:
        agreements.ensure(connector, agreement)
    now = connector.clock()
    question = Question(
        case=case,
        source=source,
        recipient=connector.id,
        authority=authority,
        agreement=agreement,
        purpose=purpose,
        categories=tuple(categories),
        at=now,
    )
    with connector.database.reading() as connection:
        cases.require(connection, case)
        allowed = permitted(connector, connection, question)
        withheld = held_back.as_its_emergency(connection, authority, now)
    if allowed.consent is not None:
        check_identifying(allowed.consent, identify)
    content = {
        "categories": [{"category": name, "fields": list(fields)} for name, fields in categories.items()],
        "identify": dict(identify),
        "why": dict(why),
    }
    letter = Letter(
        type="record.request/1",
        schema="record.request/1",
        content=content,
        case=case,
        to=(source,) if connector.acts_for_citizens or withheld is not None else (source, CITIZEN),
        authority=authority,
        agreement=agreement,
        purpose=purpose,
        categories=tuple(categories),
        withheld=withheld,
    )
    signed, kept = seal_and_sign(connector, letter, now)
    if allowed.life is not None and not connector.acts_for_citizens:
        kept = replace(kept, erase_at=to_ms(now + allowed.life))  # our own words name the person too
    return commit(connector, (signed, kept), now)


def contest(connector: Connector, statement: str, text: str, fields: Sequence[str]) -> str:
    """Say, as the citizen, what is wrong in a record: to its source and to everyone who got it in this
    case.

    Raises NotHere for what is no record, Invalid for fields that records of its kind do not have.
    """
    now = connector.clock()
    with connector.database.reading() as connection:
        row = _statement(connection, statement)
        _check_fields(_released(connection, row).schema, fields)
        holders = contests.holders(connection, row)
    letter = Letter(
        type=contests.CONTEST,
        schema=contests.CONTEST,
        content={"statement": statement, "text": text, "fields": list(fields)},
        case=row.case,
        to=tuple(holders) or (row.issuer,),
        authority=Authority("seat"),
        categories=tuple(row.categories),
        re=row.message,
    )
    made = seal_and_sign(connector, letter, now)
    with connector.database.writing() as connection:
        statements.put(connection, made[1])
        contests.stands(connection, made[1].id, statement)
        return post(connection, made[0], now)


def correct(
    connector: Connector, statement: str, record: Mapping[str, Any], *, settles: str | None = None
) -> list[str]:
    """Give, as the source, a record in place of one that we released; to everyone who holds a copy of it.

    `statement` is the release or an earlier correction of it. Who was given the same in another release of
    the case is told as well, for that copy and by the right on which it moved (GDPR art. 19); gives the
    messages, one for each copy. `settles` is the citizen's contest that this answers; while another one
    stands, the correction carries its mark. Raises StatementMismatch unless it is a contest of a record of
    ours in this case.

    Where no agency holds the named copy any more (it was erased, its consent has ended, the case is closed),
    the citizen gets the correction alone, by their seat: they keep theirs (GDPR art. 16).

    What waits for the citizen's word is taken back and read anew from the agency's own system, where it has
    to be right; it has gone to nobody else, so that nothing is sent for it by this itself. With an empty
    `record` that is all that is done.
    """
    now = connector.clock()
    with connector.database.reading() as connection:
        case = _statement(connection, statement).case
    with suppress(Unavailable):  # nobody may have told us who has left; else it waits with all we send
        seats.learn(connector, case)
    with connector.database.reading() as connection:
        alarms.refuse_while_open(connection)
        earlier = _shown_last(connection, _released(connection, _statement(connection, statement)))
        settled = None if settles is None else _contest_of_ours(connection, earlier.case, settles)
        first_look = _check_went_out(connection, earlier)
        letters = []
        if record or not first_look:
            records.validate(earlier.schema, record)
            letters = correcting.letters(
                connector, connection, _correction(connection, earlier, record, settled, now)
            )
    made = [seal_and_sign(connector, letter, now) for letter in letters]
    with connector.database.writing() as connection:
        shown = _show_anew(connection, earlier)
        if first_look and earlier.message not in shown:
            raise AlreadyDecided("The citizen has decided about this record.", release=earlier.message)
        if settled is not None:
            contests.settle(connection, settled)
        for _, kept in made:
            statements.put(connection, kept)
        return [post(connection, signed, now) for signed, _ in made]


def _correction(
    connection: Connection,
    earlier: Row[Any],
    record: Mapping[str, Any],
    settled: Row[Any] | None,
    now: datetime,
) -> correcting.Correction:
    freed = None if settled is None else contests.freed(connection, settled)
    heard = None if settled is None else inbox.find(connection, settled.message)
    return correcting.Correction(
        named=earlier,
        record=record,
        wrong=_wrong(earlier.schema, settled),
        marked_since=None if heard is None else heard.received_at,
        settles=None if settled is None else settled.id,
        contested=contests.of_ours(connection, earlier.case, earlier.categories[0], but=freed),
        now=now,
    )


def _wrong(schema: str, settled: Row[Any] | None) -> frozenset[str]:
    """Give the fields that the citizen contests; every field, where nobody has or the words are gone."""
    if settled is None or settled.plaintext is None:
        return frozenset(records.fields_of(schema))
    return frozenset(read_payload(settled.plaintext)["content"]["fields"])


def _check_went_out(connection: Connection, earlier: Row[Any]) -> bool:
    """Raise NotHere unless it is a release of ours that somebody got; say whether it is a first look.

    Raises AlreadyErased for a first look that was taken back: another one is shown in its place.
    """
    sent = outbox.find(connection, earlier.message)
    if not earlier.mine or sent is None or sent.state not in {"queued", "sent"}:
        raise NotHere("We have released no such record.", statement=earlier.id)
    first_look = previews.find(connection, earlier.message) is not None
    if first_look and earlier.state != "current":
        raise AlreadyErased(statement=earlier.id)
    return first_look


def _show_anew(connection: Connection, earlier: Row[Any]) -> frozenset[str]:
    """Take back what waits for the citizen's word and may have the same in it; gives those releases."""
    waiting = previews.waiting_for(connection, earlier.case, earlier.categories[0], earlier.issuer)
    return frozenset(
        row.release for row in waiting if previews.show_anew(connection, row.release, "corrected")
    )


def _released(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Give the record that stands at the beginning of a chain of corrections; the envelopes name it."""
    found: Row[Any] | None = row
    if row.type == CORRECT and row.re:
        found = statements.of_message(connection, row.re)
    if found is None or found.schema not in records.RECORDS:
        raise NotHere("There is no such record here.", statement=row.id)
    return found


def _shown_last(connection: Connection, row: Row[Any]) -> Row[Any]:
    """Give the record that the citizen was shown in the place of a first look that they contested, if any."""
    first_look = previews.find(connection, row.message)
    if first_look is None:
        return row
    return _statement(connection, previews.shown_last(connection, first_look).statement)


def _check_fields(schema: str, fields: Sequence[str]) -> None:
    unknown = sorted(set(fields) - set(records.fields_of(schema)))
    if unknown:
        raise Invalid("A record of this kind has no such field.", path=f"fields.{unknown[0]}")


def _contest_of_ours(connection: Connection, case: str, contest: str) -> Row[Any]:
    row = contests.find(connection, case, contest)
    record = None if row is None else contests.about(connection, row)
    if row is None or record is None or not record.mine:
        raise StatementMismatch(
            "What it settles is no contest of a record of ours in this case.",
            member="settles",
            remedy="Name the statement by which the citizen contested it.",
        )
    return row


def _statement(connection: Connection, statement: str) -> Row[Any]:
    row = statements.find(connection, statement)
    if row is None:
        raise NotHere("There is no such statement here.", statement=statement)
    return row

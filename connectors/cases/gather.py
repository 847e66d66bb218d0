"""Reads everything that a connector's store holds of one case, in a handful of queries, as entries to fold.

With `gather_counts` the only file of cases that knows SQL. It checks nothing again: what is in the store was
verified and judged before it was written there. What was not accepted is counted and not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, Text, and_, cast, func, select

from connectors.cases.entry import Entry, State
from connectors.cases.fold import fold
from connectors.cases.reading import Envelope, Unread, categories_in, envelope_of, payload_of, remember
from connectors.cases.safe_contact import safe_contact
from connectors.cases.said import gather_said
from connectors.cases.view import Case, Held, Seat
from connectors.cases.view_parties import Basis
from connectors.cases.view_talk import SafeContact
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases
from connectors.exchange.store.tables import (
    consent_requests,
    consents,
    inbox,
    outbox,
    requests,
    seats,
    statements,
    views,
)
from schemas.instant import from_ms, parse
from schemas.messages.coordination_v1 import NOTE
from schemas.messages.delivery_v1 import DELAYED
from schemas.messages.fields import CITIZEN

_VIEWED: Final = "access.viewed/1"
_STAYS_OURS: Final = frozenset({"record.release/1", "record.correct/1"})
"""Of our own records only that they were sent is kept here; the record itself stays in our own system."""
_AT_ONCE: Final = 400
"""Messages whose bytes one query reads."""
_STATES: Final[Mapping[str, State]] = {"queued": "waiting", "sent": "logged"}
_STATEMENT: Final = tuple(
    # As text: there are few different lists of categories, so each is parsed once, not for every statement.
    cast(statements.c[name], Text) if name == "categories" else statements.c[name]
    for name in (
        *("id", "message", "type", "sender", "at", "log_index", "re", "schema", "categories"),
        *("basis", "consent", "agreement", "purpose", "mine", "contested", "plaintext"),
        *("state", "erased_at", "erased_why"),
    )
)
"""What is read of a statement, in the order in which `_statement` takes it apart."""
_TO_CITIZEN: Final = Envelope((CITIZEN,), None, None, None)
"""What an `access.viewed` always says outside: it goes to the citizen alone, so its bytes are not read."""


def read_case(connection: Connection, connector: Connector, case_id: str, now: datetime) -> Case:
    """Give the case as the seat sees it that this connector holds; raise NotHere when it holds none."""
    return fold(gather(connection, case_id, member=connector.id), seat=seat_of(connector), now=now)


def read_safe_contact(
    connection: Connection, connector: Connector, case_id: str, now: datetime
) -> SafeContact | None:
    """Give how the citizen may safely be reached, from the notes of a case alone; raise NotHere."""
    known = _Known.of(cases.require(connection, case_id), connector.id)
    of_notes = (statements.c.case == case_id, statements.c.type == NOTE)
    notes = connection.execute(select(*_STATEMENT).where(*of_notes)).all()
    _learn_envelopes(connection, notes)
    sent = _sent(connection, case_id)
    entries = [_statement(case_id, row, sent.get(row.message) if row.mine else None) for row in notes]
    said = gather_said([*entries, *_seats(connection, known)], seat=seat_of(connector), now=now)
    return safe_contact(said)


def seat_of(connector: Connector) -> Seat:
    """Give the seat that a connector holds in its cases: a portal's are those of the citizens it serves."""
    return Seat("citizen" if connector.acts_for_citizens else "agency", connector.id)


def gather(connection: Connection, case_id: str, *, member: str) -> list[Entry]:
    """Give everything of a case; raise NotHere when the connector takes no part in it.

    `member` is the connector's own id, under which it wrote what it sent.
    """
    known = cases.require(connection, case_id)
    asserted = connection.execute(select(*_STATEMENT).where(statements.c.case == case_id)).all()
    _learn_envelopes(connection, asserted)
    sent = _sent(connection, case_id)
    sealed = {row.message for row in asserted if row.mine}
    open_ones = {id: fate for id, fate in sent.items() if id not in sealed}
    entries = [_statement(case_id, row, sent.get(row.message) if row.mine else None) for row in asserted]
    entries += _open(connection, case_id, {inbox: _received_open(connection, case_id), outbox: open_ones})
    entries += _here(connection, known, member)
    return entries


@dataclass(frozen=True, slots=True)
class _Fate:
    """Where a message stands in the log, and what became of it when it is our own."""

    log_index: int | None
    state: State
    trouble: str | None


_RECEIVED: Final = _Fate(None, "logged", None)


def _sent(connection: Connection, case_id: str) -> dict[str, _Fate]:
    """Give the fate of our own messages; what was said again under another id is there under that one.

    Two queries that read indexes alone: a row is long, for the sealed bytes lie in it.
    """
    here = and_(outbox.c.case == case_id, outbox.c.state != "replaced")
    troubled = select(outbox.c.id, outbox.c.problem).where(here, outbox.c.problem.is_not(None))
    problems = {row.id: row.problem for row in connection.execute(troubled)}
    fates = select(outbox.c.id, outbox.c.state, outbox.c.log_index).where(here)
    return {
        id: _Fate(index, _STATES.get(state, "failed"), _trouble(state, problems.get(id)))
        for id, state, index in connection.execute(fates)
    }


def _received_open(connection: Connection, case_id: str) -> dict[str, _Fate]:
    """Give what was received and carried no statement."""
    carried = select(statements.c.id).where(statements.c.message == inbox.c.id).exists()
    here = and_(inbox.c.case == case_id, inbox.c.state == "stored", ~carried)
    rows = connection.execute(select(inbox.c.id, inbox.c.log_index).where(here))
    return {id: _Fate(index, "logged", None) for id, index in rows}


def _trouble(state: str, problem: Mapping[str, Any] | None) -> str | None:
    """Give the code of a lasting trouble; a message that is still tried again is only on its way."""
    if not problem or state == "queued":
        return None
    return str(problem.get("code", "refused"))


def _learn_envelopes(connection: Connection, asserted: Iterable[Row[Any]]) -> None:
    """Read the envelopes of statements that are not known yet: after a start all, later the new ones.

    Reports of looks are the most frequent message of all, and go to the citizen alone.
    """
    missing = {
        row.message: row.sender
        for row in asserted
        if row.type != _VIEWED and row.state == "current" and envelope_of(row.sender, row.message) is None
    }
    for table in (inbox, outbox):
        for id, raw in _raw(connection, table, list(missing)):
            remember(missing[id], id, raw)


def _raw(connection: Connection, table: Table, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Read the bytes of messages, some at a time; what was erased has none."""
    for start in range(0, len(ids), _AT_ONCE):
        wanted = and_(table.c.id.in_(ids[start : start + _AT_ONCE]), table.c.raw.is_not(None))
        yield from connection.execute(select(table.c.id, table.c.raw).where(wanted))


def _statement(case_id: str, row: Row[Any], sent: _Fate | None) -> Entry:
    """Make an entry of a statement, and of what became of the message with it when it is our own."""
    # Taken apart at once: a case has thousands, and looking each column up by its name takes far longer.
    columns: tuple[Any, ...] = tuple(row)
    (id, message, kind, sender, at, index, re, schema, categories), rest = columns[:9], columns[9:]
    basis, consent, agreement, purpose, mine, contested, plaintext, state, erased_at, erased_why = rest
    fate = sent or _RECEIVED
    envelope = None
    if kind == _VIEWED:
        envelope = _TO_CITIZEN
    elif state == "current":  # else it was erased with the statement
        envelope = envelope_of(sender, message)
    held: Held = "here"
    if plaintext is None:
        held = "elsewhere" if mine and kind in _STAYS_OURS else "erased"
    return Entry(
        case=case_id,
        id=id,
        message=message,
        type=kind,
        sender=sender,
        at=from_ms(at),
        log_index=fate.log_index if index is None else index,
        content=None if plaintext is None else Unread(plaintext),
        to=envelope.to if envelope else None,
        statement=True,
        re=re,
        basis=Basis(basis, consent or (envelope.basis_id if envelope else None), agreement, purpose),
        categories=categories_in(categories),
        schema=schema,
        withheld=envelope.withheld if envelope else None,
        held=held,
        erased_at=None if erased_at is None else from_ms(erased_at),
        erased_why=erased_why,
        contested=contested,
        state=fate.state,
        trouble=fate.trouble,
    )


def _open(
    connection: Connection, case_id: str, fates: Mapping[Table, Mapping[str, _Fate]]
) -> Iterator[Entry]:
    """Give the messages that carried no statement, received and our own."""
    for table, of_table in fates.items():
        for id, raw in _raw(connection, table, list(of_table)):
            entry = _said_openly(case_id, id, raw, of_table[id])
            yield entry
            if entry.type == DELAYED:  # it was checked when it was taken in
                yield _held_back(entry)


def _held_back(told: Entry) -> Entry:
    """Make an entry of what was held back, in the place that its date gives it.

    Of a copy only that it went is known: what is in it was sealed for others.
    """
    raw = told.body["message"].encode()
    payload = payload_of(raw)
    entry = _said_openly(told.case, str(payload["id"]), raw, _RECEIVED)
    if "withheld" not in payload:
        return entry
    ground, schema = payload["withheld"]["ground"], payload.get("schema")
    return replace(entry, content=None, held="withheld", withheld=ground, schema=schema)


def _said_openly(case_id: str, id: str, raw: bytes, fate: _Fate) -> Entry:
    """Make an entry of an open message."""
    payload = payload_of(raw)
    authority = payload.get("authority")
    envelope = Envelope.of(payload)
    return Entry(
        case=case_id,
        id=id,
        message=id,
        type=payload["type"],
        sender=payload["from"],
        at=parse(payload["at"]),
        log_index=fate.log_index,
        content=payload.get("body") or {},
        to=envelope.to,
        re=payload.get("re"),
        basis=None
        if authority is None
        else Basis(authority["basis"], envelope.basis_id, payload.get("agreement"), payload.get("purpose")),
        categories=tuple(payload.get("categories", ())),
        state=fate.state,
        trouble=fate.trouble,
    )


# --- what the tables know besides -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored case, and who keeps it: makes entries of what was never said, or not to us."""

    case: str
    member: str
    since: datetime

    @classmethod
    def of(cls, row: Row[Any], member: str) -> _Known:
        return cls(row.id, member, from_ms(row.opened_at))

    def fact(self, name: str, id: str, at: datetime | None = None, **content: Any) -> Entry:
        return Entry(
            case=self.case,
            id=id,
            message=id,
            type=f"here.{name}",
            sender=self.member,
            at=at or self.since,
            log_index=None,
            content=content,
        )


def _here(connection: Connection, row: Row[Any], member: str) -> Iterator[Entry]:
    """Give what this connector judged or found out for itself."""
    known = _Known.of(row, member)
    yield known.fact("case", row.id, opened_by=row.opened_by, language=row.language)
    yield from _seats(connection, known)
    yield from _consents(connection, known)
    yield from _consent_requests(connection, known)
    yield from _requests(connection, known)
    yield from _untold_views(connection, known)
    aside = select(func.count()).where(inbox.c.case == row.id, inbox.c.state != "stored")
    if count := connection.scalar(aside):
        yield known.fact("aside", row.id, count=count)


def _seats(connection: Connection, known: _Known) -> Iterator[Entry]:
    """Seats as they were proven: the citizen's is fetched with its proof and never told to every agency."""
    columns = (seats.c.kind, seats.c.member, seats.c.status, seats.c.rests_on, seats.c.attested_by)
    for row in connection.execute(select(*columns).where(seats.c.case == known.case)):
        content = dict(zip(row._fields, row, strict=True))
        yield known.fact("seat", f"{row.kind}:{row.member}", **content)


def _consents(connection: Connection, known: _Known) -> Iterator[Entry]:
    columns = (consents.c.id, consents.c.status, consents.c.proven, consents.c.status_at)
    for row in connection.execute(select(*columns).where(consents.c.case == known.case)):
        yield known.fact("consent", row.id, from_ms(row.status_at), status=row.status, proven=row.proven)


def _consent_requests(connection: Connection, known: _Known) -> Iterator[Entry]:
    """Since when each can be answered, and whether its time was over when we looked."""
    columns = (consent_requests.c.id, consent_requests.c.state, consent_requests.c.at)
    for row in connection.execute(select(*columns).where(consent_requests.c.case == known.case)):
        yield known.fact("consent_request", row.id, from_ms(row.at), state=row.state)


def _requests(connection: Connection, known: _Known) -> Iterator[Entry]:
    names = ("id", "state", "reason", "rule", "decided_by")
    columns = [requests.c[name] for name in names]
    for row in connection.execute(select(*columns).where(requests.c.case == known.case)):
        content = dict(zip(names[1:], row[1:], strict=True))
        yield known.fact("request", row.id, **content)


def _untold_views(connection: Connection, known: _Known) -> Iterator[Entry]:
    """Looks of our own at what is held back from the citizen by law: they have no statement."""
    told = select(statements.c.id).where(statements.c.id == views.c.id).exists()
    for row in connection.execute(select(views).where(views.c.case == known.case, ~told)):
        content = {"statement": row.viewed, "actor": row.actor, "reason": row.reason}
        yield known.fact("view", row.id, from_ms(row.at), **content, automatic=row.automatic)

"""Reads everything that a connector's store holds of one case, in a handful of queries, as entries to fold.

With `gather_counts` the only file of cases that knows SQL. It checks nothing again: what is in the store was
verified and judged before it was written there. What was not accepted is counted and not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Text, and_, cast, func, null, select

from connectors.cases.entry import Entry, State
from connectors.cases.fold import fold
from connectors.cases.reading import Envelope, Unread, categories_in, payload_of, remember, remembered
from connectors.cases.view import Case, Held, Seat
from connectors.cases.view_parties import Basis
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases
from connectors.exchange.store.tables import consents, inbox, outbox, requests, seats, statements, views
from schemas.instant import from_ms, parse
from schemas.messages.fields import CITIZEN

_VIEWED: Final = "access.viewed/1"
_STAYS_OURS: Final = frozenset({"record.release/1", "record.correct/1"})
"""Of our own records only that they were sent is kept here; the record itself stays in our own system."""
_FEW: Final = 400
"""Ids that one query names; more, and reading the whole case is quicker."""
_STATES: Final[Mapping[str, State]] = {"queued": "waiting", "sent": "logged"}
_STATEMENT: Final = tuple(
    # As text: there are few different lists of categories, so each is parsed once, not for every statement.
    cast(statements.c[name], Text) if name == "categories" else statements.c[name]
    for name in (
        *("id", "message", "type", "sender", "at", "log_index", "re", "schema", "categories"),
        *("basis", "consent", "agreement", "purpose", "mine", "contested", "plaintext"),
        *("erased_at", "erased_why"),
    )
)
"""What is read of a statement, in the order in which `_statement` takes it apart."""
_TO_CITIZEN: Final = Envelope((CITIZEN,), None, None, None)
"""What an `access.viewed` always says outside: it goes to the citizen alone, so its bytes are not read."""


def read_case(connection: Connection, connector: Connector, case_id: str, now: datetime) -> Case:
    """Give the case as the seat sees it that this connector holds; raise NotHere when it holds none."""
    return fold(gather(connection, case_id, member=connector.id), seat=seat_of(connector), now=now)


def seat_of(connector: Connector) -> Seat:
    """Give the seat that a connector holds in its cases: a portal's are those of the citizens it serves."""
    return Seat("citizen" if connector.acts_for_citizens else "agency", connector.id)


def gather(connection: Connection, case_id: str, *, member: str) -> list[Entry]:
    """Give everything of a case; raise NotHere when the connector takes no part in it.

    `member` is the connector's own id, under which it wrote what it sent.
    """
    known = cases.require(connection, case_id)
    asserted = connection.execute(select(*_STATEMENT).where(statements.c.case == case_id)).all()
    sealed = {row.message: row.type for row in asserted}
    brought = {row.id: row for row in (*_came(connection, case_id), *_went(connection, case_id))}
    raw = _raw(connection, case_id, [row for row in brought.values() if _is_needed(row, sealed.get(row.id))])
    entries = []
    for row in asserted:
        carrier = brought.get(row.message)
        entries.append(_statement(case_id, row, carrier, _envelope(carrier, row.type, raw)))
    entries += [_open(case_id, brought[id], raw[id], member) for id in raw if id not in sealed]
    entries += _here(connection, known, member)
    return entries


def _came(connection: Connection, case_id: str) -> Sequence[Row[Any]]:
    columns = (inbox.c.id, inbox.c.sender, inbox.c.type, inbox.c.sha256, inbox.c.log_index)
    more = (inbox.c.raw.is_not(None).label("kept"), null().label("problem"), null().label("state"))
    here = and_(inbox.c.case == case_id, inbox.c.state == "stored")
    return connection.execute(select(*columns, *more).where(here)).all()


def _went(connection: Connection, case_id: str) -> Sequence[Row[Any]]:
    columns = (outbox.c.id, null().label("sender"), outbox.c.type, outbox.c.sha256, outbox.c.log_index)
    more = (outbox.c.raw.is_not(None).label("kept"), outbox.c.problem, outbox.c.state)
    # What was said again under another id is there under that one.
    here = and_(outbox.c.case == case_id, outbox.c.state != "replaced")
    return connection.execute(select(*columns, *more).where(here)).all()


def _is_needed(row: Row[Any], sealed: str | None) -> bool:
    """Say whether the bytes of a message have to be read: open ones, and envelopes that are not known yet.

    Reports of looks are the most frequent message of all, and go to the citizen alone.
    """
    if not row.kept:
        return False
    return sealed is None or (sealed != _VIEWED and remembered(row.sha256) is None)


def _raw(connection: Connection, case_id: str, wanted: Sequence[Row[Any]]) -> dict[str, bytes]:
    """Read the bytes of messages: those named when they are few, else all of the case at once."""
    found: dict[str, bytes] = {}
    ids = {row.id for row in wanted}
    for table in (inbox, outbox) if ids else ():
        here = and_(table.c.case == case_id, table.c.raw.is_not(None))
        if len(ids) <= _FEW:
            here = and_(here, table.c.id.in_(ids))
        rows = connection.execute(select(table.c.id, table.c.raw).where(here))
        found.update({row.id: row.raw for row in rows if row.id in ids})
    return found


def _envelope(carrier: Row[Any] | None, kind: str, raw: Mapping[str, bytes]) -> Envelope | None:
    """Give the envelope of a statement; None where it was erased with it."""
    if kind == _VIEWED:
        return _TO_CITIZEN
    if carrier is None or not carrier.kept:
        return None
    return remembered(carrier.sha256) or remember(carrier.sha256, raw.get(carrier.id))


def _statement(case_id: str, row: Row[Any], brought: Row[Any] | None, envelope: Envelope | None) -> Entry:
    """Make an entry of a statement and of the message that carried it."""
    # Taken apart at once: a case has thousands, and looking each column up by its name takes far longer.
    columns: tuple[Any, ...] = tuple(row)
    (id, message, kind, sender, at, index, re, schema, categories), rest = columns[:9], columns[9:]
    basis, consent, agreement, purpose, mine, contested, plaintext, erased_at, erased_why = rest
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
        log_index=index if brought is None or index is not None else brought.log_index,
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
        state=_state(brought),
        trouble=_trouble(brought),
    )


def _open(case_id: str, row: Row[Any], raw: bytes, member: str) -> Entry:
    """Make an entry of an open message, received or our own."""
    payload = payload_of(raw)
    authority = payload.get("authority")
    envelope = Envelope.of(payload)
    return Entry(
        case=case_id,
        id=row.id,
        message=row.id,
        type=row.type,
        sender=row.sender or member,
        at=parse(payload["at"]),
        log_index=row.log_index,
        content=payload.get("body") or {},
        to=envelope.to,
        re=payload.get("re"),
        basis=None
        if authority is None
        else Basis(authority["basis"], envelope.basis_id, payload.get("agreement"), payload.get("purpose")),
        categories=tuple(payload.get("categories", ())),
        state=_state(row),
        trouble=_trouble(row),
    )


def _state(row: Row[Any] | None) -> State:
    return "logged" if row is None or row.state is None else _STATES.get(row.state, "failed")


def _trouble(row: Row[Any] | None) -> str | None:
    """Give the code of a lasting trouble; a message that is still tried again is only on its way."""
    if row is None or not row.problem or row.state == "queued":
        return None
    return str(row.problem.get("code", "refused"))


# --- what the tables know besides -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """A stored case, and who keeps it: makes entries of what was never said, or not to us."""

    case: str
    member: str
    since: datetime

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
    known = _Known(row.id, member, from_ms(row.opened_at))
    yield known.fact("case", row.id, opened_by=row.opened_by, language=row.language)
    yield from _seats(connection, known)
    yield from _consents(connection, known)
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

"""What the citizen contests: each contest stands on its own until it is settled, and so does its mark.

A contest and the record that it is about are marked both; the record's mark goes when the last contest of it
has. Whether a contest may be made or settled is not checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from connectors.exchange.store import cases, inbox, previews
from connectors.exchange.store import statements as stored
from connectors.exchange.store.tables import statements
from connectors.exchange.stored import read_payload

CONTEST: Final = "record.contest/1"


def mark(connection: Connection, statement: str, *, contested: bool) -> None:
    """Set or lift the mark of one statement, which travels with every later copy."""
    connection.execute(update(statements).where(statements.c.id == statement).values(contested=contested))


def stands(connection: Connection, contest: str, record: str) -> None:
    """Mark a contest that was just written down as open, and the record that it is about."""
    mark(connection, contest, contested=True)
    mark(connection, record, contested=True)


def find(connection: Connection, case: str, contest: str) -> Row[Any] | None:
    """Give a contest of a case."""
    row = stored.find(connection, contest)
    return row if row is not None and row.type == CONTEST and row.case == case else None


def about(connection: Connection, contest: Row[Any]) -> Row[Any] | None:
    """Give the record that a contest is about; the envelope names it where the content is gone."""
    if contest.plaintext is not None:
        return stored.find(connection, read_payload(contest.plaintext)["content"]["statement"])
    return stored.of_message(connection, contest.re) if contest.re else None


def freed(connection: Connection, contest: Row[Any]) -> str | None:
    """Give the record that nothing else is said against than this contest."""
    record = about(connection, contest)
    if record is None:
        return None
    others = (each for each in standing(connection, contest.case) if not is_same(contest, each))
    if any((found := about(connection, each)) is not None and found.id == record.id for each in others):
        return None
    return str(record.id)


def standing(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the contests of a case that are not settled, oldest first."""
    contests = statements.c.case == case, statements.c.contested, statements.c.type == CONTEST
    return connection.execute(
        select(statements).where(*contests).order_by(statements.c.at, statements.c.id)
    ).all()


def is_same(contest: Row[Any], other: Row[Any]) -> bool:
    """Whether both say the same of the same record: who comes later is told in new messages."""
    if contest.id == other.id or contest.plaintext is None or other.plaintext is None:
        return bool(contest.id == other.id)
    return bool(read_payload(contest.plaintext)["content"] == read_payload(other.plaintext)["content"])


def are_of(connection: Connection, case: str, record: str) -> bool:
    """Say whether a contest that stands names this record, which need not be here yet."""
    return any(
        read_payload(each.plaintext)["content"]["statement"] == record
        for each in standing(connection, case)
        if each.plaintext is not None
    )


def holders(connection: Connection, record: Row[Any]) -> list[str]:
    """Give a record's source and who got it, as far as they still sit in the case.

    To anybody else a contest would say what they were never given; what the citizen alone was shown is
    contested where it came from, and what they have passed on where it goes, too.
    """
    brought = inbox.find(connection, record.message)
    named = {record.issuer}
    first_look = previews.find(connection, record.message)
    if first_look is not None and first_look.state == "passed":
        named.add(first_look.recipient)
    if brought is not None and brought.raw is not None:
        named.update(read_payload(brought.raw)["to"])
    seats = cases.seats_of(connection, record.case)
    sitting = [seat.member for seat in seats if seat.kind == "agency" and seat.status == "active"]
    return [member for member in sitting if member in named]


def of_ours(connection: Connection, case: str, category: str, *, but: str | None = None) -> tuple[str, ...]:
    """Give our own statements of a category that are marked, the newest first; `but` is about to be freed."""
    ours = select(statements.c.id, statements.c.categories).where(
        statements.c.case == case, statements.c.mine, statements.c.contested, statements.c.type != CONTEST
    )
    rows = connection.execute(ours.order_by(statements.c.at.desc(), statements.c.id)).all()
    return tuple(row.id for row in rows if category in row.categories and row.id != but)


def settle(connection: Connection, contest: Row[Any]) -> None:
    """Close a contest, and lift the mark of its record unless another contest of it stands."""
    record = freed(connection, contest)
    for each in standing(connection, contest.case):
        if is_same(contest, each):
            mark(connection, each.id, contested=False)
    if record is not None:
        lift(connection, contest.case, record)


def lift(connection: Connection, case: str, record: str) -> None:
    """Lift the mark of a record, and of the later copies that were marked for its sake alone."""
    mark(connection, record, contested=False)
    marked = select(statements.c.id, statements.c.plaintext).where(
        statements.c.case == case, statements.c.contested, statements.c.plaintext.is_not(None)
    )
    for row in connection.execute(marked).all():
        marks = read_payload(row.plaintext).get("contested", ())
        if record in marks and not any(_is_marked(connection, each) for each in marks):
            mark(connection, row.id, contested=False)


def _is_marked(connection: Connection, statement: str) -> bool:
    """Say whether a mark still stands; of what is not here we hear nothing, so it does."""
    row = stored.find(connection, statement)
    return row is None or bool(row.contested)

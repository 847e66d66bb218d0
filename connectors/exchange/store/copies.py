"""Copies of our records that agencies still hold: what we released, and the corrections that went after it.

Goes by what was sent, by the signed erasures of the holders, and by what the coordinator took back. Whether
anything may move to a holder now is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from connectors.exchange.store import access, cases, outbox
from connectors.exchange.store.tables import statements
from connectors.exchange.stored import read_payload
from schemas.messages.fields import CITIZEN

RELEASE: Final = "record.release/1"
CORRECT: Final = "record.correct/1"
_WENT_OUT: Final = ("queued", "sent")


@dataclass(frozen=True, slots=True)
class Copy:
    """One release of ours; its envelope says by what right it moved, and is None once it was erased."""

    release: Row[Any]
    envelope: Mapping[str, Any] | None
    holders: tuple[str, ...]
    """The agencies that got it or a correction of it, have not erased both, and have not left the case."""


def of_kind(connection: Connection, case: str, schema: str) -> list[Copy]:
    """List our releases of one schema in a case, oldest first: all are about the one person of the case."""
    ours = (statements.c.case == case, statements.c.schema == schema, statements.c.type == RELEASE)
    rows = connection.execute(
        select(statements).where(*ours, statements.c.mine).order_by(statements.c.at, statements.c.id)
    )
    return [of_release(connection, row) for row in rows.all()]


def of_release(connection: Connection, release: Row[Any]) -> Copy:
    """Give what is known of the copies of one release of ours."""
    sent = outbox.find(connection, release.message)
    went_out = sent is not None and sent.state in _WENT_OUT and sent.raw is not None
    envelope = read_payload(sent.raw) if went_out and sent is not None else None
    return Copy(release, envelope, _holders(connection, release))


def versions(connection: Connection, release: Row[Any]) -> Sequence[Row[Any]]:
    """Give a release and the corrections of it by its issuer: each of them names the release."""
    corrections = select(statements).where(
        statements.c.re == release.message,
        statements.c.type == CORRECT,
        statements.c.issuer == release.issuer,
        statements.c.case == release.case,
    )
    return [release, *connection.execute(corrections).all()]


def _holders(connection: Connection, release: Row[Any]) -> tuple[str, ...]:
    case = cases.find(connection, release.case)
    if case is None or case.status == "closed":
        return ()  # agencies erase what they got from others when a case is closed
    holding = {
        member for each in versions(connection, release) for member in _holding(connection, each.message)
    }
    # Who came without our knowledge is not in our list of seats; who is told to have left is.
    left = {seat.member for seat in cases.seats_of(connection, release.case) if seat.status == "ended"}
    return tuple(sorted(holding - left))


def _holding(connection: Connection, message: str) -> frozenset[str]:
    """Give the agencies that have one message of ours, as far as they and the coordinator have told us."""
    sent = outbox.find(connection, message)
    if sent is None or sent.state not in _WENT_OUT or sent.raw is None:
        return frozenset()
    problem = sent.problem or {}
    if problem.get("code") == "withdrawn_from_mailbox":
        return frozenset()
    refused = {problem.get("by")} if problem.get("code") == "rejected" else set()
    erased = access.who_erased(connection, message)
    return frozenset(read_payload(sent.raw)["to"]) - {CITIZEN} - refused - erased

"""Records that the citizen sees first: at the source until they are passed on, at the portal until decided.

Takes and gives rows; who may decide, and what is checked before anything goes on, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, or_, select, update

from connectors.exchange.store import requests, statements
from connectors.exchange.store.rows import write_once
from connectors.exchange.store.tables import cases, consents, previews
from connectors.exchange.store.tables import statements as statement_rows
from schemas.instant import to_ms

DECIDED: Final = ("passed", "stopped")
"""States in which the source has something to do."""
_OPEN: Final = ("waiting", "passed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One record, shown to the citizen alone: whose it is, who asked for it, by which consent."""

    release: str
    statement: str
    request: str
    case: str
    category: str
    source: str
    recipient: str
    consent: str


def waits(connection: Connection, preview: Preview, now: datetime) -> None:
    """Write down that a record waits for the citizen's word."""
    state = {"state": "waiting", "next_at": 0, "attempts": 0, "at": to_ms(now)}
    write_once(connection, previews, {**asdict(preview), **state})


def find(connection: Connection, release: str) -> Row[Any] | None:
    """Give what became of one release to the citizen."""
    return connection.execute(select(previews).where(previews.c.release == release)).one_or_none()


def sent_as(connection: Connection, message: str) -> Row[Any] | None:
    """Give the first look that went on in this message."""
    return connection.execute(select(previews).where(previews.c.sent_as == message)).first()


def waiting_for(connection: Connection, case: str, category: str, source: str) -> Sequence[Row[Any]]:
    """List the first looks of a source's category that nobody has decided on."""
    about = (
        previews.c.case == case,
        previews.c.category == category,
        previews.c.source == source,
        previews.c.state == "waiting",
    )
    return connection.execute(select(previews).where(*about)).all()


def passed_for(connection: Connection, request: str, category: str, source: str) -> Sequence[Row[Any]]:
    """List what the citizen passed on for a request, and has not seen go on yet."""
    about = (
        previews.c.request == request,
        previews.c.category == category,
        previews.c.source == source,
        previews.c.state == "passed",
    )
    return connection.execute(select(previews).where(*about)).all()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List what was shown first in a case, oldest first."""
    chosen = select(previews).where(previews.c.case == case)
    return connection.execute(chosen.order_by(previews.c.at, previews.c.release)).all()


def due(connection: Connection, source: str, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """List the records of a source about which a word was said that has to be followed now, oldest first."""
    ours = (previews.c.source == source, previews.c.state.in_(DECIDED), previews.c.next_at <= to_ms(now))
    chosen = select(previews).where(*ours)
    return connection.execute(chosen.order_by(previews.c.at, previews.c.release).limit(limit)).all()


def in_place_of(connection: Connection, preview: Preview) -> None:
    """Let an earlier first look of the same lapse that nobody decided on: the source shows it anew."""
    same = (
        previews.c.request == preview.request,
        previews.c.category == preview.category,
        previews.c.source == preview.source,
        previews.c.release != preview.release,
        previews.c.state == "waiting",
    )
    connection.execute(update(previews).where(*same).values(state="lapsed", reason="shown_anew"))


def shown_last(connection: Connection, preview: Row[Any]) -> Row[Any]:
    """Give the first look that came in the place of one that was contested, itself where none did."""
    if (preview.state, preview.reason) != ("lapsed", "contested"):
        return preview
    later = select(previews).where(
        previews.c.request == preview.request,
        previews.c.category == preview.category,
        previews.c.source == preview.source,
    )
    newest = later.order_by(previews.c.at.desc(), previews.c.release.desc()).limit(1)
    return connection.execute(newest).one()


def move(connection: Connection, release: str, state: str, since: Sequence[str], **values: Any) -> bool:
    """Bring a preview into another state if it is in one of `since`; say whether it was."""
    changed = connection.execute(
        update(previews)
        .where(previews.c.release == release, previews.c.state.in_(since))
        .values(state=state, **values)
    )
    return changed.rowcount == 1


def over(connection: Connection, source: str) -> Sequence[Row[Any]]:
    """List a source's records that wait in vain: consent or case has ended, or they were wiped in time."""
    return connection.execute(OVER, {"source": source}).all()


OVER: Final[Select[Any]] = (
    select(*previews.c, consents.c.status.label("consent_status"), cases.c.status.label("case_status"))
    .join(consents, consents.c.id == previews.c.consent)
    .join(cases, cases.c.id == previews.c.case)
    .join(statement_rows, statement_rows.c.id == previews.c.statement)
    .where(previews.c.source == bindparam("source"), previews.c.state.in_(_OPEN))
    .where(
        or_(
            consents.c.status.not_in(("granted", "suspended")),
            cases.c.status == "closed",
            statement_rows.c.state != "current",
        )
    )
)


def wipe(connection: Connection, preview: Row[Any], why: str) -> None:
    """Overwrite the record that was kept for passing it on."""
    kept = statements.find(connection, preview.statement)
    if kept is not None and kept.state == "current":
        statements.wipe(connection, kept, why)


def goes_on(connection: Connection, preview: Row[Any], **moved: Any) -> None:
    """Let the statement stand with the message by which it goes on, and the right on which it does."""
    connection.execute(update(statement_rows).where(statement_rows.c.id == preview.statement).values(**moved))


def went_on(connection: Connection, message: str) -> None:
    """Forget the record of a release that was admitted: of our own we keep only that it was sent."""
    connection.execute(_WENT_ON, {"said_in": message})


_WENT_ON = (
    update(statement_rows)
    .where(
        statement_rows.c.message == bindparam("said_in"),
        statement_rows.c.mine.is_(True),
        statement_rows.c.type == "record.release/1",
        statement_rows.c.basis != "seat",
        statement_rows.c.plaintext.is_not(None),
    )
    .values(plaintext=None, erase_at=None)
)


def was_refused(connection: Connection, message: str, *, again: bool, reason: str) -> bool:
    """Take back what was noted of a release that was not admitted; say whether it was one of a preview.

    What only came too late is sealed and judged anew, on the word that the citizen has given already.
    """
    named = or_(previews.c.release == message, previews.c.sent_as == message)
    row = connection.execute(select(previews).where(named)).one_or_none()
    if row is None:
        return False
    if again and row.sent_as == message:
        goes_on(connection, row, message=row.release, basis="seat")
        return move(connection, row.release, "passed", ("sent",), sent_as=None, next_at=0, reason=reason)
    wipe(connection, row, "refused")
    move(connection, row.release, "failed", ("waiting", "sent"), reason=reason)
    state = "received" if again else "failed"
    return requests.move(connection, row.request, state, since=("answered",), reason=reason, next_at=0)


def show_anew(connection: Connection, release: str, why: str) -> bool:
    """Take a first look back that nobody decided on, and let its request be answered again; say whether.

    `why` is `corrected`, or `contested`: what is shown then has the mark in it that travels with it.
    """
    row = find(connection, release)
    if row is None or not move(connection, release, "lapsed", ("waiting",), reason=why):
        return False
    wipe(connection, row, why)
    return requests.move(connection, row.request, "received", since=("answered",), next_at=0)


def undecided(connection: Connection, message: str, reason: str) -> None:
    """Let the citizen decide again: the message that said their word was not admitted."""
    connection.execute(
        update(previews)
        .where(previews.c.decided == message, previews.c.state.in_(DECIDED))
        .values(state="waiting", decided=None, reason=reason)
    )


def word_rejected(connection: Connection, message: str, reason: str) -> None:
    """Note that the source could not follow the citizen's word: it does not wait there any more."""
    about = (previews.c.decided == message, previews.c.state.in_(DECIDED))
    connection.execute(update(previews).where(*about).values(state="failed", reason=reason))


def said_again(connection: Connection, old: str, new: str) -> None:
    """Let what pointed at a message point at the one that replaces it."""
    for column in (previews.c.release, previews.c.sent_as, previews.c.decided):
        connection.execute(update(previews).where(column == old).values({column: new}))

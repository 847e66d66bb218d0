"""Consents as this connector knows them: the document never changes, its status is kept beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, or_, select, update

from connectors.exchange.store.rows import write_once
from connectors.exchange.store.tables import consent_requests, consents, outbox, uses
from schemas.instant import from_ms, to_ms

LIVE: Final = ("granted", "suspended")
_BY_ID = select(consents).where(consents.c.id == bindparam("which"))


def granted(
    connection: Connection,
    document: Mapping[str, Any],
    *,
    message: str,
    portal: str,
    valid_until: datetime,
    index: int | None,
    proven: bool,
    now: datetime,
) -> None:
    """Write a consent down, once, and end the one that it supersedes."""
    values = {
        "id": document["id"],
        "case": document["case"],
        "status": "granted",
        "agreement": document["agreement"],
        "purpose": document["purpose"]["code"],
        "document": dict(document),
        "portal": portal,
        "proven": proven,
        "grant_message": message,
        "granted_index": index,
        "status_index": index,
        "status_at": to_ms(now),
        "valid_until": to_ms(valid_until),
        "swept": False,
    }
    write_once(connection, consents, values)
    if proven:
        end_superseded(connection, document, index, now)


def end_superseded(
    connection: Connection, document: Mapping[str, Any], index: int | None, now: datetime
) -> None:
    """End the consent that this one supersedes, if it is one of the same case.

    Its time may be over by now: in the order of the log it lived when the citizen decided anew, and what was
    got by it goes with the new decision. One that is taken in late (it was set aside, and judged again) may
    have been superseded already itself.
    """
    old = superseded_by(connection, document)
    if old is not None:
        set_status(connection, old.id, "superseded", index, now, since=(*LIVE, "expired"))
    for new in of_case(connection, str(document["case"])):
        if new.document.get("supersedes") == document["id"] and new.proven and new.status != "invalidated":
            set_status(connection, str(document["id"]), "superseded", new.granted_index, now)
            return


def superseded_by(connection: Connection, document: Mapping[str, Any]) -> Row[Any] | None:
    """Give the consent of the same case that a document (or terms of one) supersedes, if it is here."""
    old = find(connection, str(document.get("supersedes")))
    return old if old is not None and old.case == document["case"] else None


def successor(connection: Connection, row: Row[Any]) -> Row[Any] | None:
    """Give the consent by which a superseded one ended; others may name it too, and ended nothing."""
    return next((each for each in of_case(connection, row.case) if _ended_by(row, each)), None)


def ended_chain(connection: Connection, row: Row[Any]) -> Sequence[Row[Any]]:
    """Give a consent and those in whose place it stands, newest first."""
    found = [row]
    while (old := superseded_by(connection, found[-1].document)) is not None and _ended_by(old, found[-1]):
        found.append(old)
    return found


def _ended_by(old: Row[Any], new: Row[Any]) -> bool:
    names_it = new.proven and new.document.get("supersedes") == old.id
    return bool(names_it and old.status == "superseded" and new.granted_index == old.status_index)


def not_admitted(connection: Connection, consent: str, now: datetime) -> None:
    """Take a grant of ours back that the coordinator refused, and let what it had ended live on as before."""
    if not set_status(connection, consent, "invalidated", None, now, since=(*LIVE, "superseded")):
        return  # it had ended otherwise
    row = find(connection, consent)
    old = None if row is None else superseded_by(connection, row.document)
    if old is None:
        return
    words = select(outbox.c.type).where(
        outbox.c.about == old.id,
        outbox.c.type.in_(("consent.suspend/1", "consent.resume/1")),
        outbox.c.state.in_(("queued", "sent")),
    )
    last = connection.scalars(words.order_by(outbox.c.seq.desc()).limit(1)).first()
    status = "suspended" if last == "consent.suspend/1" else "granted"
    set_status(connection, old.id, status, old.granted_index, now, since=("superseded",))


def unproven(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the consents of a case whose proof could not be checked when they arrived."""
    waiting = (consents.c.case == case, consents.c.proven.is_(False))
    return connection.execute(select(consents).where(*waiting).order_by(consents.c.granted_index)).all()


def proved(connection: Connection, consent: str) -> None:
    """Note that a consent's proof holds."""
    connection.execute(update(consents).where(consents.c.id == consent).values(proven=True))


def find(connection: Connection, consent: str) -> Row[Any] | None:
    """Give a consent with its status."""
    return connection.execute(_BY_ID, {"which": consent}).one_or_none()


def of_case(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the consents of a case in the order in which they came; ours have their place a moment later."""
    came = (consents.c.granted_index.nulls_last(), consents.c.grant_message)
    return connection.execute(select(consents).where(consents.c.case == case).order_by(*came)).all()


def set_status(
    connection: Connection,
    consent: str,
    status: str,
    index: int | None,
    now: datetime,
    *,
    since: Sequence[str] = LIVE,
) -> bool:
    """Move a consent to another status if it is in one of `since`; say whether it was."""
    changed = connection.execute(
        update(consents)
        .where(consents.c.id == consent, consents.c.status.in_(since))
        .values(status=status, status_index=index, status_at=to_ms(now))
    )
    return changed.rowcount == 1


def end_all(
    connection: Connection, case: str, index: int | None, now: datetime, *, ended_at: datetime | None = None
) -> None:
    """Invalidate every consent of a case that still lives: nobody is left who could govern it.

    With `ended_at` also those that lived then, and whose time is over by now.
    """
    lived: ColumnElement[bool] = consents.c.status.in_(LIVE)
    if ended_at is not None:
        lived = or_(lived, and_(consents.c.status == "expired", consents.c.valid_until > to_ms(ended_at)))
    connection.execute(
        update(consents)
        .where(consents.c.case == case, lived)
        .values(status="invalidated", status_index=index, status_at=to_ms(now))
    )


def to_sweep(connection: Connection) -> Sequence[Row[Any]]:
    """List the consents that have ended by a decision, for which nobody has looked yet for what goes."""
    return connection.execute(TO_SWEEP).all()


TO_SWEEP: Final = select(consents).where(
    consents.c.swept.is_(False), consents.c.status.in_(("withdrawn", "invalidated", "superseded"))
)


def swept(connection: Connection, consent: str) -> None:
    """Note that what goes with a consent has been found."""
    connection.execute(update(consents).where(consents.c.id == consent).values(swept=True))


def run_out(connection: Connection, now: datetime) -> Sequence[str]:
    """Give the consents whose time is over and that are not marked so yet."""
    return connection.scalars(RUN_OUT, {"now": to_ms(now)}).all()


RUN_OUT: Final = select(consents.c.id).where(
    consents.c.status.in_(LIVE), consents.c.valid_until <= bindparam("now")
)


# --- requests for consent ---------------------------------------------------------------------------


def asked(
    connection: Connection,
    message: str,
    *,
    case: str,
    sender: str,
    terms: Mapping[str, Any],
    why: Mapping[str, Any],
    agreement: str,
    now: datetime,
) -> None:
    """Write down that a consent was asked for."""
    values = {
        "id": message,
        "case": case,
        "sender": sender,
        "terms": dict(terms),
        "why": dict(why),
        "agreement": agreement,
        "state": "open",
        "at": to_ms(now),
    }
    write_once(connection, consent_requests, values)


def request(connection: Connection, message: str) -> Row[Any] | None:
    """Give a request for consent."""
    return connection.execute(select(consent_requests).where(consent_requests.c.id == message)).one_or_none()


def requests_of(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the requests for consent in a case."""
    return connection.execute(
        select(consent_requests).where(consent_requests.c.case == case).order_by(consent_requests.c.at)
    ).all()


def answered(
    connection: Connection, message: str, state: str, answer: str | None, *, since: Sequence[str] = ("open",)
) -> bool:
    """Close a request for consent that is in one of `since`; say whether it was."""
    changed = connection.execute(
        update(consent_requests)
        .where(consent_requests.c.id == message, consent_requests.c.state.in_(since))
        .values(state=state, answer=answer)
    )
    return changed.rowcount == 1


def asked_at(connection: Connection, message: str, at: datetime) -> None:
    """Note when our request was admitted: from then on it can be answered for so many days."""
    connection.execute(update(consent_requests).where(consent_requests.c.id == message).values(at=to_ms(at)))


def unanswered(connection: Connection, since: datetime) -> Sequence[str]:
    """Give the open requests for consent that were admitted at or before an instant."""
    return connection.scalars(UNANSWERED, {"asked_until": to_ms(since)}).all()


UNANSWERED: Final = select(consent_requests.c.id).where(
    consent_requests.c.state == "open", consent_requests.c.at <= bindparam("asked_until")
)


def asked_before(connection: Connection, request: Row[Any]) -> Sequence[Row[Any]]:
    """List the earlier requests of the same asker for the same purpose in a case, oldest first."""
    return [
        row
        for row in requests_of(connection, request.case)
        if row.id != request.id
        and row.sender == request.sender
        and row.terms["purpose"]["code"] == request.terms["purpose"]["code"]
        and row.at <= request.at
    ]


# --- how often a consent was used -------------------------------------------------------------------


def used(
    connection: Connection, message: str, *, consent: str, category: str, recipient: str, now: datetime
) -> None:
    """Write down one release under a consent."""
    values = {
        "message": message,
        "consent": consent,
        "category": category,
        "recipient": recipient,
        "at": to_ms(now),
    }
    connection.execute(uses.insert().values(**values))


def never_used(connection: Connection, message: str) -> None:
    """Forget a release that nobody got: the citizen who paused and goes on has not used up anything."""
    connection.execute(delete(uses).where(uses.c.message == message))


def used_at(connection: Connection, consent: str, category: str, recipient: str) -> list[datetime]:
    """Give the instants of the releases under a consent that the coordinator did not refuse."""
    counted = (
        select(uses.c.at)
        .select_from(uses.join(outbox, uses.c.message == outbox.c.id))
        .where(uses.c.consent == consent, uses.c.category == category, uses.c.recipient == recipient)
        .where(outbox.c.state.in_(("queued", "sent")))
    )
    return [from_ms(instant) for instant in connection.scalars(counted)]

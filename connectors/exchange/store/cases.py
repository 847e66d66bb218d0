"""Cases and their seats as this connector knows them, and the invitations into them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, select, update

from connectors.exchange.errors import NotHere
from connectors.exchange.store.rows import is_first, write
from connectors.exchange.store.tables import cases, invitations, outbox, seats
from schemas.instant import to_ms
from schemas.keys import SealingPublicKey
from schemas.messages import case_v1


def opened(
    connection: Connection,
    case: str,
    *,
    by: str,
    language: str,
    now: datetime,
    acting_for_citizen: bool = False,
) -> bool:
    """Write a case down, once; say whether it was not there before."""
    values = {
        "id": case,
        "status": "open",
        "opened_by": by,
        "opened_at": to_ms(now),
        "language": language,
        "acting_for_citizen": acting_for_citizen,
        "swept": False,
    }
    return is_first(connection, cases, values)


def find(connection: Connection, case: str) -> Row[Any] | None:
    """Give a case."""
    return connection.execute(select(cases).where(cases.c.id == case)).one_or_none()


def those_here(connection: Connection, wanted: Collection[str]) -> frozenset[str]:
    """Give those of some cases in which this connector takes part."""
    return frozenset(connection.scalars(select(cases.c.id).where(cases.c.id.in_(wanted))))


def require(connection: Connection, case: str) -> Row[Any]:
    """Give a case; raise NotHere."""
    row = find(connection, case)
    if row is None:
        raise NotHere("This connector takes no part in such a case.", case=case)
    return row


def everything(connection: Connection) -> Sequence[Row[Any]]:
    """List the cases, newest first."""
    return connection.execute(select(cases).order_by(cases.c.opened_at.desc(), cases.c.id)).all()


def lock(connection: Connection, case: str) -> None:
    """Let whoever else would change who sits in a case wait for the end of this transaction.

    With SQLite everybody who writes waits anyway.
    """
    connection.execute(select(cases.c.id).where(cases.c.id == case).with_for_update())


def set_status(connection: Connection, case: str, status: str) -> bool:
    """Close a case, or open it again; say whether it was not so before."""
    this = (cases.c.id == case, cases.c.status != status)
    changed = connection.execute(update(cases).where(*this).values(status=status, swept=False))
    return changed.rowcount == 1


def to_sweep(connection: Connection) -> Sequence[str]:
    """List the closed cases in which nobody has looked yet for what goes.

    Our own word that a case is over may still be refused: until it is admitted, nothing goes for it.
    """
    return connection.scalars(TO_SWEEP).all()


def closing(connection: Connection) -> frozenset[str]:
    """Give the cases that we have closed, while the coordinator has not answered to that yet."""
    return frozenset(connection.scalars(_CLOSING))


_CLOSING: Final = select(outbox.c.case).where(outbox.c.state == "queued", outbox.c.type == case_v1.CLOSE)
CLOSED: Final = select(cases.c.id).where(cases.c.status == "closed", cases.c.id.not_in(_CLOSING))
"""The cases that are closed for good, as far as is known here."""
TO_SWEEP: Final = CLOSED.where(cases.c.swept.is_(False))


def swept(connection: Connection, case: str) -> None:
    """Note that what goes with a closed case has been found."""
    connection.execute(update(cases).where(cases.c.id == case).values(swept=True))


def keep_seat(connection: Connection, case: str, kind: str, member: str, **values: Any) -> None:
    """Write a seat down as it is now."""
    write(connection, seats, {"case": case, "kind": kind, "member": member, **values})


def seat(connection: Connection, case: str, kind: str, member: str) -> Row[Any] | None:
    """Give one seat."""
    this = (seats.c.case == case, seats.c.kind == kind, seats.c.member == member)
    return connection.execute(select(seats).where(*this)).one_or_none()


def seats_of(connection: Connection, case: str) -> Sequence[Row[Any]]:
    """List the seats of a case."""
    return connection.execute(
        select(seats).where(seats.c.case == case).order_by(seats.c.kind, seats.c.member)
    ).all()


def citizen_seat(connection: Connection, case: str) -> Row[Any] | None:
    """Give the citizen's active seat with its pinned keys, if there is one."""
    return connection.execute(_CITIZENS, {"in_case": case}).first()


_CITIZENS = select(seats).where(
    seats.c.case == bindparam("in_case"), seats.c.kind == "citizen", seats.c.status == "active"
)
"""Asked for each sealed copy; written once, because building it takes as long as asking."""


def citizen_sealing_key(connection: Connection, case: str) -> SealingPublicKey | None:
    """Give the key to seal for the citizen, if they have joined."""
    row = citizen_seat(connection, case)
    return None if row is None or not row.sealing else SealingPublicKey.from_jwk(row.sealing)


def end_seat(connection: Connection, case: str, member: str) -> None:
    """End a member's seats in a case."""
    connection.execute(
        update(seats).where(seats.c.case == case, seats.c.member == member).values(status="ended")
    )


def keep_invitation(connection: Connection, invitation: str, **values: Any) -> None:
    """Write an invitation down as it is now."""
    write(connection, invitations, {"id": invitation, **values})


def invitation(connection: Connection, invitation_id: str) -> Row[Any] | None:
    """Give an invitation."""
    return connection.execute(select(invitations).where(invitations.c.id == invitation_id)).one_or_none()


def invitations_in(connection: Connection, *states: str) -> Sequence[Row[Any]]:
    """List the invitations that are in one of these states."""
    return connection.execute(
        select(invitations).where(invitations.c.state.in_(states)).order_by(invitations.c.at)
    ).all()


def take_invitation(
    connection: Connection,
    invitation_id: str,
    join_id: str,
    *,
    state: str = "joined",
    since: Collection[str] = ("open",),
    **values: Any,
) -> bool:
    """Note by which message an invitation that is in one of `since` was taken; say whether it was in one.

    Of two who have read the same state, one takes it.
    """
    this = (invitations.c.id == invitation_id, invitations.c.state.in_(since))
    taken = update(invitations).where(*this).values(state=state, join_id=join_id, **values)
    return connection.execute(taken).rowcount == 1


def move_invitation(connection: Connection, invitation_id: str, state: str, **values: Any) -> None:
    """Change the state of an invitation."""
    connection.execute(
        update(invitations).where(invitations.c.id == invitation_id).values(state=state, **values)
    )

"""What must not happen and did: kept until an operator has looked; releases stop as long as one is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, select, update

from connectors.exchange.errors import AlarmRaised
from connectors.exchange.store.tables import alarms
from schemas.instant import to_ms

HIDDEN: Final = "message_hidden"
"""The one alarm that ends by itself: when what was held back has arrived."""


def raise_alarm(connection: Connection, kind: str, about: str, detail: str, now: datetime) -> None:
    """Keep an alarm, once for the same thing while it is open."""
    same = and_(alarms.c.kind == kind, alarms.c.about == about, alarms.c.cleared_at.is_(None))
    if connection.execute(select(alarms.c.id).where(same)).first() is None:
        connection.execute(alarms.insert().values(kind=kind, about=about, detail=detail, at=to_ms(now)))


def raise_once(connection: Connection, kind: str, about: str, detail: str, now: datetime) -> None:
    """Keep an alarm about what cannot be mended, once for ever: after a person has looked it stays closed."""
    same = and_(alarms.c.kind == kind, alarms.c.about == about)
    if connection.execute(select(alarms.c.id).where(same)).first() is None:
        raise_alarm(connection, kind, about, detail, now)


def open_alarms(connection: Connection) -> Sequence[Row[Any]]:
    """List the alarms that nobody has cleared."""
    return connection.execute(select(alarms).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.id)).all()


def refuse_while_open(connection: Connection) -> None:
    """Raise AlarmRaised while an alarm is open."""
    first = connection.execute(select(alarms).where(alarms.c.cleared_at.is_(None)).limit(1)).first()
    if first is not None:
        raise AlarmRaised(
            f"An alarm is open: {first.kind}. {first.detail}",
            remedy="Look at it with `accord connector alarms`, ask the coordinator's operator, clear it.",
            alarm=first.id,
        )


def clear(connection: Connection, alarm: int, by: str, now: datetime) -> None:
    """Close an alarm in the name of the person who looked."""
    connection.execute(
        update(alarms)
        .where(alarms.c.id == alarm, alarms.c.cleared_at.is_(None))
        .values(cleared_at=to_ms(now), cleared_by=by)
    )


def healed(connection: Connection, kind: str, now: datetime) -> None:
    """Close the alarms of a kind because their cause is gone."""
    connection.execute(
        update(alarms)
        .where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None))
        .values(cleared_at=to_ms(now), cleared_by="healed")
    )

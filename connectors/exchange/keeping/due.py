"""Whether there is anything to keep at all: one look, so that a round in which nothing is due costs nothing.

It asks what each duty asks before it opens a transaction of its own; a duty that finds nothing does nothing,
so where nothing is found here none of them needs to look. Where it finds too much they look, and leave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, literal_column, or_, select

from connectors.exchange.connector import Connector
from connectors.exchange.keeping import aside
from connectors.exchange.store import access, cases, consents, previews, statements
from schemas.consent_life import ANSWER_WITHIN
from schemas.instant import to_ms

_OF_ALL: Final = (consents.RUN_OUT, consents.UNANSWERED)
_OF_AGENCIES: Final = (
    *_OF_ALL,
    consents.TO_SWEEP,
    cases.TO_SWEEP,
    statements.TO_ERASE,
    aside.MAY_BE_OVER,
    previews.OVER,
    access.UNTOLD,
    statements.WIPED,
    aside.GOING,
)


def _any(asked: Iterable[Select[Any]]) -> Select[tuple[bool]]:
    return select(or_(*(each.with_only_columns(literal_column("1")).exists() for each in asked)))


_FOR_CITIZENS: Final = _any(_OF_ALL)
_FOR_AGENCIES: Final = _any(_OF_AGENCIES)


def is_anything_due(connector: Connector, connection: Connection, now: datetime) -> bool:
    """Say whether a duty of `keep` may have something to do by now."""
    by_time = {"now": to_ms(now), "asked_until": to_ms(now - ANSWER_WITHIN)}
    if connector.acts_for_citizens:
        return bool(connection.execute(_FOR_CITIZENS, by_time).scalar_one())
    ours = {"late": to_ms(now - aside.LONGEST), "source": connector.id, "looker": connector.id}
    return bool(connection.execute(_FOR_AGENCIES, by_time | ours).scalar_one())

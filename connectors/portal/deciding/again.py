"""What a button that is pressed twice finds the second time: the receipt of what the first press decided.

Without scripts nothing in a browser keeps a form from being sent again, also from another tab. Takes what the
visitor was given already, so that it checks nothing; what is decided, it leaves as it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.portal.deciding.question import Question
from connectors.portal.portal import Portal
from connectors.portal.store import receipts
from connectors.portal.visiting import Visitor

ANSWERS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {"granted": frozenset({"granted", "narrowed"}), "refused": frozenset({"refused"})}
)
"""The kinds of receipts that the answer to a request leaves, by the state in which it then is."""
_GIVEN_WITHIN_S: Final = 1.0
_LOOK_EVERY_S: Final = 0.05
_Find = Callable[[Connection], str | None]


def awaited(portal: Portal, find: _Find) -> str | None:
    """Give what `find` gives; the first press may be about to write its receipt, so look for a moment."""
    ends_at = time.monotonic() + _GIVEN_WITHIN_S
    while True:
        with portal.connector.database.reading() as connection:
            found = find(connection)
        if found is not None or time.monotonic() >= ends_at:
            return found
        time.sleep(_LOOK_EVERY_S)


def of_answer(connection: Connection, visitor: Visitor, asked: Question) -> str | None:
    """Give the receipt of the answer to a request; None for one that was not answered, or not here."""
    rows = receipts.of_case(connection, visitor.principal, asked.case)
    kinds = ANSWERS.get(asked.state, frozenset())
    return _newest(row for row in rows if row.kind in kinds and row.document.get("request") == asked.id)


def of_move(connection: Connection, visitor: Visitor, consent: Row[Any], kind: str) -> str | None:
    """Give the receipt of what brought a permission to where it stands, if it is of this kind."""
    rows = receipts.of_case(connection, visitor.principal, consent.case)
    this = (consent.id, kind)
    return _newest(row for row in rows if (row.consent, row.kind) == this and row.at >= consent.status_at)


def _newest(rows: Iterable[Row[Any]]) -> str | None:
    return next((str(row.id) for row in rows), None)

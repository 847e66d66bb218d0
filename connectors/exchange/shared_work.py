"""What both ways of shared work check alike: the part that a basis opens, and what an answer may be about.

Takes what is known here; an id that is not known here is no fault, for its statement may have gone to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection

from connectors.exchange.basis import Permitted
from connectors.exchange.store import cases, statements
from schemas.errors import AgreementDoesNotCover, ConsentDoesNotCover, NotYourTurn, StatementMismatch
from schemas.messages.coordination_v1 import CATEGORY, MESSAGE, OUTCOME, PARTS, SAFE_CONTACT

LIFE: Final = timedelta(days=3660)
"""How long what rests on seats alone may be kept: the longest that any agreement may say."""


def check_part(allowed: Permitted, kind: str) -> None:
    """Raise unless agreement and consent open the part of the shared work that this type is."""
    part = PARTS[kind]
    if part in allowed.categories[CATEGORY].fields:
        return
    if allowed.consent is not None:
        raise ConsentDoesNotCover(
            "Agreement and consent open other parts of the shared work.",
            consent=allowed.consent.id,
            part=part,
        )
    raise AgreementDoesNotCover("The agreement opens other parts of the shared work.", part=part)


def check_of_case(connection: Connection, case: str, content: Mapping[str, Any]) -> None:
    """Raise StatementMismatch when it is about a statement of another case: two cases are never linked."""
    for name in ("about", "answers"):
        named = content.get(name)
        row = None if named is None else statements.find(connection, named)
        if row is not None and row.case != case:
            raise StatementMismatch("It is about a statement of another case.", member=name)


def check_reply(connection: Connection, content: Mapping[str, Any]) -> None:
    """Raise StatementMismatch when a message answers what is no message: it would begin no conversation."""
    row = statements.find(connection, content["answers"]) if "answers" in content else None
    if row is not None and row.type != MESSAGE:
        raise StatementMismatch("What it answers is no message.", member="answers")


def check_note_kind(connection: Connection, case: str, by: str, content: Mapping[str, Any]) -> None:
    """Raise NotYourTurn when anybody but the citizen says how the citizen is reached safely.

    Whoever could say it for them could lead every letter and call to an address of their own.
    """
    if content.get("kind") != SAFE_CONTACT:
        return
    seat = cases.citizen_seat(connection, case)
    if seat is None or seat.member != by:
        raise NotYourTurn("Only the citizen says how they are reached safely.")


def check_answer(connection: Connection, case: str, by: str, content: Mapping[str, Any]) -> None:
    """Raise unless an outcome is answered by the other side: the citizen an agency's, an agency the
    citizen's.
    """
    row = statements.find(connection, content["answers"]) if "answers" in content else None
    if row is None:
        return
    if row.type != OUTCOME:
        raise StatementMismatch("What it answers is no outcome.", member="answers")
    seat = cases.citizen_seat(connection, case)
    citizen = None if seat is None else seat.member
    if (row.issuer == citizen) is (by == citizen):
        raise NotYourTurn("Only the other side says whether it agrees.")

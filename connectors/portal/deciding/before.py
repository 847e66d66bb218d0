"""What was before a request: the permission whose place it would take, what was asked and answered earlier.

Takes requests that the visitor may see. A yes that ends another permission is told as such before it is said,
and what is different is measured by what was allowed, not by what had been asked for (consent rules 16, 24).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row

from connectors.exchange.store import consents, offers
from schemas import instant
from schemas.consent_succession import check_succeeds
from schemas.errors import ConsentDoesNotCover


@dataclass(frozen=True, slots=True)
class Replaced:
    """The permission that would end with a yes."""

    id: str
    since: datetime
    paused: bool
    erases: bool
    """Whether what the new one leaves out is deleted then."""


@dataclass(frozen=True, slots=True)
class Before:
    """What the same organisation asked for the same purpose the last time, and what became of it."""

    terms: Mapping[str, Any]
    answer: str
    """granted (then the terms are those of the permission), refused, suggested, or "" for none."""


NEVER: Final = "never"
"""What a request names in whose place it wants to come, where no yes could bring that about."""


def replaced(connection: Connection, terms: Mapping[str, Any]) -> Replaced | str | None:
    """Give what a yes to these terms would end; None if nothing, NEVER if it could not be done.

    It could not where the permission is over or unknown, or where somebody would not hear of its end.
    """
    if terms.get("supersedes") is None:
        return None
    old = consents.superseded_by(connection, terms)
    if old is None or old.status not in consents.LIVE:
        return NEVER
    try:
        check_succeeds(terms, old.document)
    except ConsentDoesNotCover:
        return NEVER
    since = instant.parse(old.document["valid_from"])
    return Replaced(old.id, since, old.status == "suspended", old.document["on_withdrawal"]["erased"])


def before(connection: Connection, request: Row[Any]) -> Before | None:
    """Give what to compare a stored request with; None for the first of its kind."""
    old = consents.superseded_by(connection, request.terms)
    if old is not None:
        return Before(old.document, "granted")
    purpose = request.terms["purpose"]["code"]
    asked = [
        row
        for row in consents.requests_of(connection, request.case)
        if row.id < request.id and row.sender == request.sender and row.terms["purpose"]["code"] == purpose
    ]
    return _answered(connection, asked[-1], request) if asked else None


def _answered(connection: Connection, last: Row[Any], request: Row[Any]) -> Before:
    if last.state == "granted":
        for row in consents.of_case(connection, last.case):
            if row.document["request"] == last.id:
                return Before(row.document, "granted")
    if last.state == "refused":
        return Before(last.terms, "refused")
    taken_up = any(
        row.request == last.id and row.answer == request.id for row in offers.of_case(connection, last.case)
    )
    return Before(last.terms, "suggested" if taken_up else "")

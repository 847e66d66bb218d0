"""Who took each step in the life of a permission, as far as the portal knows: the person, somebody for them.

Takes permissions that the visitor may see. The exchange says that a portal brought a step, not for whom: that
is in the receipts of the decisions, and in the deeds of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connectors.cases.view import Permission, Turn
from connectors.portal.accounts import Visitor
from connectors.portal.acting import held_back
from connectors.portal.acting.coming_of_age import PAUSED
from connectors.portal.store import deeds, receipts

YOU: Final = "you"
DELEGATE: Final = "delegate"
"""Somebody who acts for the reader."""
OTHER: Final = "other"
"""Read by who acts for the person: the person themselves, or another who acts for them. Nobody is named."""
IN_YOUR_NAME: Final = "held_back"
"""Read by the person: who it was is held back for now."""
OF_AGE: Final = "of_age"
"""The clock paused it, because the person came of age."""


_ONCE: Final[Mapping[str, str]] = {"granted": "granted", "narrowed": "granted", "withdrawn": "withdrawn"}
"""Which step a receipt of these kinds is about."""


@dataclass(frozen=True, slots=True)
class Deciders:
    """What tells who decided: receipts by message, permissions that the clock has paused, who reads."""

    decided: Mapping[str, Mapping[str, Any]]
    once: Mapping[tuple[str, str], Mapping[str, Any]]
    """What happens once to a permission, by its id and the step: what is said again has another message."""
    paused: frozenset[str]
    mandate: str | None

    def of(self, permission: Permission, turn: Turn) -> str:
        """Say who took this step: `you`, `delegate`, `other`, `held_back` or `of_age`."""
        document = self.decided.get(turn.message or "") or self.once.get((permission.id, turn.event))
        if document is not None:
            return decided_by(document, self.mandate)
        if turn.event == "suspended" and permission.id in self.paused:
            return OF_AGE
        if turn.by is not None and turn.by.kind == held_back.HELD:
            return IN_YOUR_NAME
        delegate = turn.by is not None and turn.by.kind == "delegate"
        return _who(turn.by.mandate if turn.by is not None and delegate else None, self.mandate)

    def last(self, permission: Permission) -> str:
        """Say who brought it to where it stands now."""
        return self.of(permission, permission.turns[0])


def decided_by(document: Mapping[str, Any], mandate: str | None) -> str:
    """Say who made the decision of a receipt, to its reader: `you`, `delegate`, `other` or `held_back`.

    `mandate` is the one by which the reader acts for the person. Time decides nothing for anybody.
    """
    by = document.get("decided_by", {})
    if document["kind"] == "expired":
        return YOU
    if by.get("kind") == held_back.HELD:
        return IN_YOUR_NAME
    return _who(by.get("id") if by.get("kind") == "mandate" else None, mandate)


def _who(by: str | None, reader: str | None) -> str:
    """Compare the mandates by which somebody decided and somebody reads; None is the person themselves."""
    if by == reader:
        return YOU
    return DELEGATE if reader is None else OTHER


def deciders(connection: Connection, visitor: Visitor, now: datetime) -> Deciders:
    """Read what is known of the decisions about the permissions of whom the visitor is or acts for."""
    held = held_back.from_the(connection, visitor, now)
    given = [
        (row, held_back.receipt(row.document, held))
        for row in receipts.of_account(connection, visitor.principal)
    ]
    return Deciders(
        decided={row.message: document for row, document in given if row.message},
        once={(row.consent, _ONCE[row.kind]): document for row, document in given if row.kind in _ONCE},
        paused=frozenset(deeds.about(connection, visitor.principal, PAUSED)),
        mandate=mandate_of(visitor),
    )


def mandate_of(visitor: Visitor) -> str | None:
    """Give by what the visitor acts for somebody; None for one who acts for themselves."""
    return None if visitor.mandate is None else str(visitor.mandate.id)

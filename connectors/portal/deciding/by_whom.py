"""Who took each step in the life of a permission, as far as the portal knows: the person, somebody for them.

Takes permissions that the visitor may see. The exchange says that a portal brought a step, not for whom: that
is in the receipts of the decisions, and in the deeds of the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from connectors.cases.view import Permission, Turn
from connectors.portal.accounts import Visitor
from connectors.portal.acting.coming_of_age import PAUSED
from connectors.portal.store import deeds, receipts

YOU: Final = "you"
DELEGATE: Final = "delegate"
OF_AGE: Final = "of_age"
"""The clock paused it, because the person came of age."""


@dataclass(frozen=True, slots=True)
class Deciders:
    """What tells who decided: receipts by message, permissions that the clock has paused, who reads."""

    decided: Mapping[str, Mapping[str, Any]]
    paused: frozenset[str]
    mandate: str | None

    def of(self, permission: Permission, turn: Turn) -> str:
        """Say who took this step: `you`, `delegate` or `of_age`."""
        document = self.decided.get(turn.message or "")
        if document is not None:
            return DELEGATE if is_for_you(document, self.mandate) else YOU
        if turn.by is not None and turn.by.kind == "delegate":
            return YOU if turn.by.mandate == self.mandate else DELEGATE
        if turn.event == "suspended" and permission.id in self.paused:
            return OF_AGE
        return YOU

    def last(self, permission: Permission) -> str:
        """Say who brought it to where it stands now."""
        return self.of(permission, permission.turns[0])


def is_for_you(document: Mapping[str, Any], mandate: str | None) -> bool:
    """Say whether somebody else decided this for the reader of its receipt.

    Time decides nothing for anybody, and who acts by `mandate` reads of their own decisions.
    """
    by = document.get("decided_by", {})
    return bool(document["kind"] != "expired" and by.get("kind") == "mandate" and by.get("id") != mandate)


def deciders(connection: Connection, visitor: Visitor) -> Deciders:
    """Read what is known of the decisions about the permissions of whom the visitor is or acts for."""
    given = receipts.of_account(connection, visitor.principal)
    return Deciders(
        decided={row.message: row.document for row in given if row.message},
        paused=frozenset(deeds.about(connection, visitor.principal, PAUSED)),
        mandate=mandate_of(visitor),
    )


def mandate_of(visitor: Visitor) -> str | None:
    """Give by what the visitor acts for somebody; None for one who acts for themselves."""
    return None if visitor.mandate is None else str(visitor.mandate.id)

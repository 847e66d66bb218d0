"""What differs between those who look at a case page: who they are, which cases are theirs, what they may do.

The portal has a desk for citizens; an agency's workspace will have one for its staff. Everything else about
the case page is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal, Protocol, get_args

from connectors.cases.view import Case, Permission
from connectors.exchange.connector import Connector

Act = Literal[
    "note.add",
    "message.send",
    "document.add",
    "outcome.give",
    "record.contest",
    "record.pass",
    "case.invite",
    "case.end_seat",
    "case.close",
    "case.reopen",
]
ACTS: Final[tuple[Act, ...]] = get_args(Act)


class Desk(Protocol):
    """One kind of place from which cases are looked at and worked on."""

    side: Literal["citizen", "agency"]

    @property
    def connector(self) -> Connector:
        """Give the connector that holds the seats."""

    def who(self) -> str:
        """Give a name for the visitor that tells them from others, for counting."""

    def case(self, case_id: str) -> Case:
        """Give a case that the visitor may see; raise as if there were none for any other."""

    def label(self, case_id: str) -> str | None:
        """Give what the visitor calls a case."""

    def check(self, case_id: str, act: Act) -> None:
        """Raise unless the visitor may do this in this case; called before every act."""

    def may(self, case_id: str, act: Act) -> bool:
        """Say whether the page should offer this act."""

    def did(self, case_id: str, act: Act, about: str | None) -> None:
        """Note that it was done, where somebody acts for another."""

    def names(self, members: Collection[str]) -> Mapping[str, str]:
        """Give the names of organisations by their ids."""

    def purpose(self, permission: Permission) -> str:
        """Say what a permission is for, in the visitor's language."""

    def open_record(self, case: Case, statement: str) -> None:
        """Let whoever has to know that this record is being looked at know it, before it is shown."""

    def invitable(self, case: Case) -> Sequence[tuple[str, str, str]]:
        """List id, name and kind of the organisations that the visitor could invite."""

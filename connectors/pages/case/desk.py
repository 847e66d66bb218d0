"""What differs between those who look at a case page: who they are, which cases are theirs, what they may do.

The portal has a desk for citizens; an agency's workspace will have one for its staff. Everything else about
the case page is the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Final, Literal, Protocol, get_args

from connectors.cases.view import Case
from connectors.exchange.connector import Connector
from schemas.errors import CaseClosed
from schemas.messages.table import TYPES

Act = Literal[
    "note.add",
    "contact.say",
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
_AFTER_CLOSING: Final = frozenset(
    name.partition("/")[0] for name, rule in TYPES.items() if rule.after_closing
)
_SAID_AS: Final[Mapping[str, str]] = {"case.end_seat": "case.leave", "contact.say": "note.add"}
"""Acts that have another name than the message which carries them."""


def may_still(act: str, status: str) -> bool:
    """Say whether to offer an act in a case of this status ("open" or "closed").

    `act` is one of `ACTS`, or any type of message without its version, like "consent.grant".
    """
    return status != "closed" or _SAID_AS.get(act, act) in _AFTER_CLOSING


def check_still(act: str, status: str, case: str) -> None:
    """Raise CaseClosed unless this may be said in a case of this status."""
    if not may_still(act, status):
        raise CaseClosed(case=case)


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
        """Raise unless the visitor may do this in this case; called before every act.

        CaseClosed: they may, but the case is closed, and this is not said in a closed one (`check_still`).
        """

    def may(self, case_id: str, act: Act) -> bool:
        """Say whether the page should offer this act."""

    def check_fresh(self) -> None:
        """Raise unless the visitor has shown lately who they are; called before what widens the sharing."""

    def with_another(self, case_id: str) -> bool:
        """Say whether what widens the sharing waits for another who decides with the visitor."""

    def agreeing(
        self, case: Case, act: Literal["case.invite", "case.reopen"], member: str = ""
    ) -> AbstractContextManager[str | None]:
        """Take the visitor's yes; what is inside is done if it gives None.

        Else it gives the page on which they see that another who decides with them has to agree first.
        """

    def did(self, case_id: str, act: Act, about: str | None) -> None:
        """Note that it was done, where somebody acts for another."""

    def names(self, members: Collection[str]) -> Mapping[str, str]:
        """Give the names of organisations by their ids."""

    def open_record(self, case: Case, statement: str) -> None:
        """Let whoever has to know that this record is being looked at know it, before it is shown."""

    def invitable(self, case: Case) -> Sequence[tuple[str, str, str]]:
        """List id, name and kind of the organisations that the visitor could invite."""

"""The case pages as a citizen uses them: their own cases, their own verbs, and those of whom they act for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

from flask import Blueprint, flash, url_for

from connectors.cases.view import Case
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases, members
from connectors.pages.case.desk import Act, check_still
from connectors.pages.case.pages import case_pages
from connectors.pages.languages import gettext as _
from connectors.portal import accounts
from connectors.portal.acting import joint, mandates, shielding, widening
from connectors.portal.errors import PowerMissing
from connectors.portal.own import names_of, own_case
from connectors.portal.portal import portal
from connectors.portal.visiting import check_fresh, visitor
from schemas.errors import Refusal


class CitizensDesk:
    """The desk of whoever has signed in at the portal."""

    side: Literal["citizen", "agency"] = "citizen"

    @property
    def connector(self) -> Connector:
        """Give the portal's connector."""
        return portal().connector

    def who(self) -> str:
        """Give the visitor's account."""
        return visitor().account

    def case(self, case_id: str) -> Case:
        """Give one of the visitor's cases; raise NotYours for any other."""
        return own_case(case_id)

    def label(self, case_id: str) -> str | None:
        """Give what the citizen calls a case."""
        return _labels().get(case_id)

    def check(self, case_id: str, act: Act) -> None:
        """Raise unless the visitor may do this in this case; what is not theirs is refused as such first."""
        with self.connector.database.reading() as connection:
            accounts.may_act(connection, visitor(), case_id, act, portal().now())
            check_still(act, cases.require(connection, case_id).status, case_id)
        if act == shielding.SAID and shielding.is_in(own_case(case_id)):
            raise PowerMissing("Somebody else has said how the person is safely reached.")

    def may(self, case_id: str, act: Act) -> bool:
        """Say whether to offer this act."""
        try:
            self.check(case_id, act)
        except Refusal:
            return False
        return True

    def check_fresh(self) -> None:
        """Raise SignInAgain after a while, as before a yes: what widens the sharing asks for as much."""
        check_fresh()

    def with_another(self, case_id: str) -> bool:
        """Say whether the visitor is one of two who decide in this case."""
        with self.connector.database.reading() as connection:
            return joint.needed(connection, visitor(), case_id, portal().now())

    @contextmanager
    def agreeing(self, case: Case, act: widening.Act, member: str = "") -> Iterator[str | None]:
        """Take the visitor's yes; gives where they see that it waits for the other who decides."""
        with widening.agreeing(portal(), visitor(), case, act, member) as waits:
            if waits is not None:
                flash(_("Your yes is kept. It counts when the other person who decides with you agrees too."))
            yield None if waits is None else url_for("acting.together", wish_id=waits.about)

    def did(self, case_id: str, act: Act, about: str | None) -> None:
        """Write down what somebody did who acts for the citizen."""
        with self.connector.database.writing() as connection:
            mandates.did(connection, visitor(), act, portal().now(), case=case_id, about=about)

    def names(self, members: Collection[str]) -> Mapping[str, str]:
        """Give the names of organisations."""
        return names_of(members)

    def open_record(self, case: Case, statement: str) -> None:
        """Tell nobody: a citizen's own reading is watched by no one."""

    def invitable(self, case: Case) -> Sequence[tuple[str, str, str]]:
        """List the organisations known here that do not take part yet."""
        taking_part = {each.member for each in case.team if each.status in {"active", "invited", "joined"}}
        with self.connector.database.reading() as connection:
            known = members.names(connection)
        return [
            each for each in known if each[0] not in taking_part and each[2] not in {"portal", "oversight"}
        ]


def _labels() -> dict[str, Any]:
    with portal().connector.database.reading() as connection:
        rows = accounts.visible_cases(connection, visitor(), portal().now())
    return {row.case: row.label for row in rows}


blueprint: Final[Blueprint] = case_pages(CitizensDesk())

"""Why somebody got or opened something, in the visitor's language: one place for the pages and the copy.

Takes a look and its case as folded; gives words, never a code alone. Which code an organisation sends is its
own choice (`words.Code` is open), so a code that nobody here knows is shown as a reason of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from connectors.cases.view import Case, Look
from connectors.exchange.parsed import agreement_of
from connectors.exchange.store import agreements
from connectors.pages.languages import gettext as _
from connectors.pages.languages import language
from connectors.pages.languages import lazy as N_
from connectors.portal.portal import portal

_DANGERS: Final[Mapping[str, str]] = {
    "danger": N_("somebody was in danger"),
    "danger_to_life": N_("a life was in danger"),
    "danger_to_health": N_("somebody’s health was in danger"),
    "danger_to_child": N_("a child was in danger"),
    "danger_to_others": N_("other people were in danger"),
    "violence": N_("somebody was threatened or hurt"),
    "missing_person": N_("somebody was missing"),
    "homelessness": N_("somebody was about to lose their home"),
}
"""Why an emergency was opened: codes of `access.emergency`."""
_LOOKING: Final[Mapping[str, str]] = {
    "case_work": N_("to work on your case"),
    "own_data": N_("to use what they hold in their own work"),
    "plan": N_("to make a plan with you"),
    "check": N_("to check something"),
    "answer": N_("to answer you"),
    "request": N_("because you asked for something"),
    "complaint": N_("because of a complaint"),
    "correction": N_("to correct something"),
    "supervision": N_("to check the work of their staff"),
    "audit": N_("to check who has looked"),
}
"""Why somebody looked: codes of `access.viewed`; `case_work` and `own_data` are what this software sends."""
_WORDS: Final[Mapping[str, str]] = {**_DANGERS, **_LOOKING}
_BETWEEN: Final = re.compile(r"[-._]+")


class Reasons:
    """Why the looks of one case happened; make one for each page, it keeps what it has read."""

    def __init__(self, case: Case) -> None:
        """Take the case; nothing is read before it is asked for."""
        self._case = case
        self._why = {each.id: each.why for each in case.requests}
        self._purposes: dict[tuple[str | None, str], str | None] = {}

    def of(self, look: Look) -> str | None:
        """Give why it happened; None where nothing was said of it.

        What the organisation wrote goes before what its code or purpose stands for: it was written for the
        person.
        """
        written = self._why.get(look.request or "", {}).get(language()) or look.reason_text
        if written or look.reason is None:
            return written
        if look.kind != "release" and (known := _WORDS.get(_BETWEEN.sub("_", look.reason))):
            return _(known)
        agreement = look.basis.agreement if look.basis is not None else None
        return self._purpose(agreement, look.reason) or self._asked_for(look) or _own(look.reason)

    def _purpose(self, agreement: str | None, code: str) -> str | None:
        if (agreement, code) not in self._purposes:
            self._purposes[agreement, code] = _agreed(agreement, code)
        return self._purposes[agreement, code]

    def _asked_for(self, look: Look) -> str | None:
        """Give what the permission says that it is for, where its agreement is not known here."""
        basis = look.basis
        if look.kind != "release" or basis is None or basis.kind != "consent":
            return None
        permission = self._case.permission(basis.id or "")
        return None if permission is None else permission.purpose_text[language()]


def _agreed(agreement: str | None, purpose: str) -> str | None:
    """Give the text of a purpose in the visitor's language; None where no agreement known here has it."""
    with portal().connector.database.reading() as connection:
        row = None if agreement is None else agreements.find(connection, agreement)
    found = None if row is None else agreement_of(row).purposes.get(purpose)
    return None if found is None else found.text[language()]


def _own(code: str) -> str:
    return _("for a reason of its own: “%(code)s”", code=_BETWEEN.sub(" ", code))

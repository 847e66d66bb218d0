"""The visitor's own cases, folded for their pages, and the names of the organisations in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from flask import g
from sqlalchemy import Connection

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.exchange.store import cases, members
from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal import accounts
from connectors.portal.acting import held_back, said_by, shielding
from connectors.portal.portal import portal
from connectors.portal.visiting import visitor

_NOT_SHOWN: Final = N_(
    "Somebody else has written this. It is not shown to you, to keep everybody safe. "
    "The organisations see it. If it has to change, call or write to us."
)


def own_case(case: str, power: str = "view") -> Case:
    """Give one case of the visitor's; raise as `accounts.may` does. Read once for each request of a page."""
    read = g.setdefault("own_cases", {})
    now = portal().now()
    with portal().connector.database.reading() as connection:
        accounts.may(connection, visitor(), case, power, now)
        if case not in read:
            whole = read_case(connection, portal().connector, case, now)
            told = said_by.case(connection, visitor(), whole, _held_back(connection, now))
            read[case] = shielding.case(connection, visitor(), told, _(_NOT_SHOWN), now)
    found: Case = read[case]
    return found


def _held_back(connection: Connection, now: datetime) -> frozenset[str]:
    """Give what the visitor is not told for now; asked once for all their cases on a page."""
    if "held_back" not in g:
        g.held_back = held_back.from_the(connection, visitor(), now)
    found: frozenset[str] = g.held_back
    return found


def own_cases() -> list[Case]:
    """Give all cases that the visitor may see, newest first.

    Whose case it is, is written down before its seat is taken. Where that stopped half-way there is no case
    yet, and the code still works; nothing else of theirs waits for it.
    """
    with portal().connector.database.reading() as connection:
        rows = accounts.visible_cases(connection, visitor(), portal().now())
        here = cases.those_here(connection, [row.case for row in rows])
    return [own_case(row.case) for row in rows if row.case in here]


def names_of(wanted: Collection[str]) -> Mapping[str, str]:
    """Give the names of members by their ids; one that is not known here goes by its id."""
    with portal().connector.database.reading() as connection:
        known = {member: name for member, name, _kind in members.names(connection)}
    return {member: known.get(member, member) for member in wanted}

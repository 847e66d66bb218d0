"""The citizen's start page: what waits for them, their cases, who looked lately, what others did for them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, render_template

from connectors.portal import arriving, waiting
from connectors.portal.errors import PowerMissing
from connectors.portal.own import own_cases
from connectors.portal.pages.cases import cards
from connectors.portal.pages.places import shown_at
from connectors.portal.portal import portal
from connectors.portal.store import accounts
from connectors.portal.visiting import visitor

blueprint: Final = Blueprint("home", __name__)
_LOOKS: Final = 3


@blueprint.get("/home")
def show() -> str:
    """Show the start page."""
    who, mine = visitor(), own_cases()
    return render_template(
        "home/home.html",
        lines=waiting.lines(mine, who),
        cases=cards([case for case in mine if case.status == "open"]),
        any_case=bool(mine),
        looks=waiting.looks(mine, _LOOKS),
        deeds=waiting.deeds(who, _name_of),
        looked_page=shown_at("looked.show"),
        may_join=_may_join(),
    )


def _may_join() -> bool:
    """Say whether to offer the ways into another case."""
    try:
        arriving.check_may_join(visitor())
    except PowerMissing:
        return False
    return True


def _name_of(account: str) -> str | None:
    with portal().connector.database.reading() as connection:
        row = accounts.find(connection, account)
    return None if row is None else row.name

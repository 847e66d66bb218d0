"""The menu of the portal's pages, with what waits for the visitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import current_app, request, url_for

from connectors.pages.languages import gettext as _
from connectors.pages.languages import lazy as N_
from connectors.portal.acting import mandates
from connectors.portal.portal import portal
from connectors.portal.visiting import visitor

MENU: Final = (
    ("home.show", N_("Home")),
    ("cases.show_all", N_("My cases")),
    ("permissions.show_all", N_("My permissions")),
    ("looked.show", N_("Who looked")),
    ("acting.show", N_("Someone acts for me")),
    ("export.show", N_("Take it with me")),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    text: str
    href: str
    current: bool
    count: int = 0


def entries() -> list[Entry]:
    """Give the menu; the page that is shown is marked."""
    blueprint = request.blueprint or ""
    counts = {"acting.show": _done_for_me()}
    return [
        Entry(
            _(text),
            url_for(endpoint),
            endpoint.partition(".")[0] == blueprint,
            counts.get(endpoint, 0),
        )
        for endpoint, text in MENU
        if endpoint in current_app.view_functions
    ]


def _done_for_me() -> int:
    """Count what others did for the visitor that they have not seen yet."""
    with portal().connector.database.reading() as connection:
        return len(mandates.shown_deeds(connection, visitor(), portal().now(), only_new=True))

"""Tells an open case page that there is something new; the page says so and the reader decides."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app
from sqlalchemy import func, select

from connectors.exchange.connector import Connector
from connectors.exchange.store.tables import inbox, outbox
from connectors.pages import live
from connectors.pages.case.desk import Desk

PLACES = "accord.places"


def add(blueprint: Blueprint, desk: Desk) -> None:
    """Add the address that the pages listen at."""

    def updates(case_id: Any) -> Response:
        case = str(case_id)
        desk.case(case)
        connector = desk.connector  # a stream goes on after this request's context has ended

        def latest() -> int:
            return newest(connector, case)

        return live.answer(current_app.extensions[PLACES], desk.who(), latest)

    blueprint.add_url_rule("/<uuid:case_id>/live", "live", updates)


def newest(connector: Connector, case: str) -> int:
    """Give a number that grows with all that is said in a case, by others and from here.

    A page that is shown after an act counts that act already, so that nobody is told of what they did. What
    has to be said once more is counted once.
    """
    arrived = select(func.max(inbox.c.log_index)).where(inbox.c.case == case)
    said = select(func.count()).where(outbox.c.case == case, outbox.c.state != "replaced")
    with connector.database.reading() as connection:
        return int(connection.scalar(arrived) or 0) + int(connection.scalar(said) or 0)

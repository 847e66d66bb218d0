"""Whether the pages can be shown: for the web server that leads visitors here, and about nobody."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, jsonify
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from connectors.exchange.store import inbox
from connectors.portal.portal import portal

blueprint: Final = Blueprint("health", __name__)


@blueprint.get("/healthz")
def lives() -> Response:
    """Say that the process lives."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def is_ready() -> tuple[Response, int]:
    """Say whether visitors can be sent here: the database opens."""
    try:
        with portal().connector.database.reading() as connection:
            inbox.position(connection)
    except SQLAlchemyError:
        return jsonify(status="the database does not open"), 503
    return jsonify(status="ready"), 200

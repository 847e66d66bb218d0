"""GET /healthz and /readyz: whether the process lives, and whether it can do its work; if not, why not.

Reasons are codes, not words of a database: anyone may ask.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy.exc import SQLAlchemyError

from coordinator.database.engine import reading
from coordinator.database.version import NotMigrated, check_version
from coordinator.http.answer import json_answer
from coordinator.http.describe import describe
from coordinator.http.edge import edge
from coordinator.http.reading import JSON, no_query
from coordinator.log.checkpoint import standing
from coordinator.service import Coordinator
from schemas.errors import Refusal

blueprint = Blueprint("health", __name__, description="For those who watch over the service.")

REASONS = (
    "stopping",
    "database_unreachable",
    "database_version",
    "committer_stopped",
    "integrator_halted",
    "log_behind",
    "log_forked",
    "log_damaged",
    "log_unguarded",
)


class Health(Schema):
    """The process answers."""

    status = fields.String(required=True, validate=validate.Equal("ok"))


class Readiness(Schema):
    """Whether work can be done, and if not, why not."""

    ready = fields.Boolean(required=True)
    reasons = fields.List(fields.String(validate=validate.OneOf(REASONS)), required=True)


@blueprint.route("/healthz")
@describe("Ask whether the process lives", answers={200: ("It does.", {JSON: Health})})
def healthz() -> Response:
    """Answer, without looking at anything."""
    no_query(request)
    return json_answer({"status": "ok"})


@blueprint.route("/readyz")
@describe(
    "Ask whether the service is ready",
    answers={
        200: ("It is.", {JSON: Readiness}),
        503: ("It is not; the reasons are named.", {JSON: Readiness}),
    },
)
def readyz() -> Response:
    """Look at the database, its version, the log against its guard, and the threads."""
    no_query(request)
    reasons = not_ready(edge().coordinator)
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return json_answer({"ready": not reasons, "reasons": reasons}, status)


def not_ready(coordinator: Coordinator) -> list[str]:
    """Give every reason for which work cannot be done now."""
    reasons = _threads(coordinator)
    try:
        check_version(coordinator.engine)
        with reading(coordinator.engine) as connection:
            standing(connection, coordinator.guard)
    except NotMigrated:
        reasons.append("database_version")
    except (SQLAlchemyError, OSError):
        reasons.append("database_unreachable")
    except Refusal as refusal:
        reasons.append(refusal.code)
    return reasons


def _threads(coordinator: Coordinator) -> list[str]:
    """Name the threads that do not do their work."""
    found = ["stopping"] if coordinator.bell.is_silenced else []
    if not coordinator.committer.is_running:
        found.append("committer_stopped")
    if coordinator.integrator is not None and coordinator.integrator.trouble is not None:
        found.append("integrator_halted")
    return found

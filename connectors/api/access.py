"""Who looked, what was opened in an emergency, and who has confirmed an erasure."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Row

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, Posted, at, posted
from connectors.cases.gather import read_case
from connectors.exchange.acts import access as acts
from connectors.exchange.errors import NotHere
from connectors.exchange.store import access, cases
from schemas.errors import SamePerson
from schemas.instant import format as spell
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("access", __name__, description="Who looked, emergencies, erasures.")


class ViewLine(Strict):
    """One look at one statement."""

    viewed = ma.String(required=True)
    member = ma.String(required=True)
    at = ma.String(required=True)
    actor = ma.Dict(keys=ma.String(), required=True)
    reason = ma.Dict(keys=ma.String(), required=True)
    automatic = ma.Boolean(required=True)


class ViewList(Strict):
    """Who looked, oldest first."""

    views = ma.List(ma.Nested(ViewLine), required=True)


class EmergencyLine(Strict):
    """An emergency."""

    id = ma.String(required=True)
    member = ma.String(required=True)
    at = ma.String(required=True)
    until = ma.String(required=True)
    outcome = ma.String(required=True, allow_none=True)
    reason = ma.String(required=True)
    categories = ma.List(ma.String(), required=True)


class EmergencyList(Strict):
    """Emergencies of a case."""

    emergencies = ma.List(ma.Nested(EmergencyLine), required=True)


class EmergencyBody(Strict):
    """What is opened, why, until when, and how the citizen is told."""

    agreement = fields.AgreementRef(required=True)
    reason = fields.Code(required=True)
    categories = fields.Several(fields.Code(), most=16, required=True)
    until = fields.Instant(required=True)
    opened_by = fields.Pseudonym()
    second_person = fields.Pseudonym()
    notice = AnyJson


class ReviewBody(Strict):
    """Whether it was justified, said by another person than the one who opened it."""

    outcome = fields.Choice("justified", "unjustified", required=True)
    reviewer = fields.Pseudonym(required=True)


class ErasureLine(Strict):
    """One copy at one agency that had to go: since when, and why (withdrawn, superseded, data_life,
    case_closed). `kind` is the type of the message that brought it, null if it is not known here.
    """

    consent = ma.String(required=True, allow_none=True)
    member = ma.String(required=True)
    message = ma.String(required=True)
    kind = ma.String(required=True, allow_none=True)
    category = ma.String(required=True, allow_none=True)
    why = ma.String(required=True)
    ended_at = ma.String(required=True)
    confirmed_at = ma.String(required=True, allow_none=True)
    kept = ma.String(required=True, allow_none=True)


class ErasureBoard(Strict):
    """Who has confirmed, and who has not."""

    erasures = ma.List(ma.Nested(ErasureLine), required=True)


@blueprint.route("/v1/cases/<case>/views", methods=["GET"])
@described(Shape("See who looked", ViewList, refuses=[NotHere]))
def views(case: str) -> dict[str, Any]:
    """Give every look that was reported in a case."""
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        return {"views": [_view(row) for row in access.views_of(connection, case)]}


@blueprint.route("/v1/cases/<case>/emergencies", methods=["GET"])
@described(Shape("List the emergencies of a case", EmergencyList, refuses=[NotHere]))
def list_emergencies(case: str) -> dict[str, Any]:
    """Give what was opened in an emergency, and what the review said."""
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        return {"emergencies": [_emergency(row) for row in access.emergencies_of(connection, case)]}


@blueprint.route("/v1/cases/<case>/emergencies", methods=["POST"])
@described(
    Shape(
        "Open an emergency",
        Posted,
        status=202,
        body=EmergencyBody,
        sends=True,
        roles="agency",
        refuses=[NotHere],
    )
)
def open_emergency(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Break the glass; the citizen is told in the same step."""
    return posted(acts.open_emergency(edge().agency(), acts.Emergency(case=case, **body)))


@blueprint.route("/v1/emergencies/<emergency>/review", methods=["POST"])
@described(
    Shape(
        "Review an emergency",
        Posted,
        status=202,
        body=ReviewBody,
        sends=True,
        roles="agency",
        refuses=[NotHere, SamePerson],
    )
)
def review(emergency: str, body: dict[str, Any]) -> dict[str, str]:
    """Say whether it was justified."""
    return posted(acts.review_emergency(edge().agency(), emergency, body["outcome"], body["reviewer"]))


@blueprint.route("/v1/cases/<case>/erasures", methods=["GET"])
@described(Shape("See who has confirmed an erasure", ErasureBoard, refuses=[NotHere]))
def erasures(case: str) -> dict[str, Any]:
    """Give every copy that had to go, confirmed or not: what came first, decision, time or closing."""
    connector = edge().connector
    with connector.database.reading() as connection:
        found = read_case(connection, connector, case, connector.clock())
    return {
        "erasures": [
            {
                **{
                    name: getattr(each, name)
                    for name in ("consent", "member", "message", "kind", "category", "why", "kept")
                },
                "ended_at": spell(each.due_since),
                "confirmed_at": None if each.confirmed_at is None else spell(each.confirmed_at),
            }
            for each in found.erasures
            if each.due_since is not None
        ]
    }


def _view(row: Row[Any]) -> dict[str, Any]:
    names = ("viewed", "member", "actor", "reason", "automatic")
    return {**{name: getattr(row, name) for name in names}, "at": at(row.at)}


def _emergency(row: Row[Any]) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("id", "member", "outcome")}
    body = {name: row.body[name] for name in ("reason", "categories")}
    return {**plain, **body, "at": at(row.at), "until": at(row.until)}

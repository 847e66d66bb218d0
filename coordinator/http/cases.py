"""Cases as their seats see them: who sits there, with proofs, and the consents that concern the caller."""

from __future__ import annotations

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import describe
from coordinator.http.edge import edge
from coordinator.http.members import Proof
from schemas.errors import NoSeat, NotSignedIn, UnknownCase
from schemas.messages.fields import UUID

blueprint = Blueprint("cases", __name__, description="Cases, for those who have a seat in them.")


class Seat(Schema):
    """A seat and the messages that prove whose it is."""

    kind = fields.String(required=True, validate=validate.OneOf(["agency", "citizen"]))
    member = fields.String(required=True)
    status = fields.String(required=True)
    messages = fields.List(fields.Nested(Proof), required=True)


class Case(Schema):
    """A case: its random id, its state and its seats."""

    case = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["open", "closed"]))
    seats = fields.List(fields.Nested(Seat), required=True)


class Consent(Schema):
    """A consent's state and the message that granted it."""

    id = fields.String(required=True)
    status = fields.String(required=True)
    message = fields.String(required=True)
    index = fields.Integer(required=True)


class Consents(Schema):
    """The consents of a case that concern the caller."""

    consents = fields.List(fields.Nested(Consent), required=True)


@blueprint.route("/v1/cases/<case>")
@describe(
    "Read a case",
    answers={200: ("The case.", {read.JSON: Case})},
    refuses=[NotSignedIn, UnknownCase, NoSeat],
)
def case(case: str) -> Response:
    """Give a case to a member with a seat in it; to others it does not exist."""
    read.no_query(request)
    return json_answer(edge().coordinator.case(_id(case), member=g.member))


@blueprint.route("/v1/cases/<case>/consents")
@describe(
    "Read the consents of a case",
    answers={200: ("The consents.", {read.JSON: Consents})},
    refuses=[NotSignedIn, UnknownCase, NoSeat],
)
def consents(case: str) -> Response:
    """Give the consents that name the caller; all of them to the citizen's portal."""
    read.no_query(request)
    return json_answer({"consents": edge().coordinator.consents(_id(case), member=g.member)})


def _id(text: str) -> str:
    if not UUID.fullmatch(text):
        raise UnknownCase
    return text

"""Agreements: what members have agreed to share, with the proposals and signatures, for anyone to read."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import describe
from coordinator.http.edge import edge
from coordinator.http.members import Proof
from schemas.errors import UnknownAgreement
from schemas.messages.fields import AGREEMENT

blueprint = Blueprint("agreements", __name__, description="What members have agreed to share.")

_REF = {
    "in": "path",
    "name": "ref",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "id@version",
}


class Agreement(Schema):
    """An agreement's document, its state, and the messages that brought it into force."""

    document = fields.Dict(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["proposed", "in_force", "retired"]))
    messages = fields.List(fields.Nested(Proof), required=True)


class Agreements(Schema):
    """All agreements."""

    agreements = fields.List(fields.Nested(Agreement), required=True)


@blueprint.route("/v1/agreements")
@describe("List the agreements", answers={200: ("The agreements.", {read.JSON: Agreements})})
def agreements() -> Response:
    """Give every agreement in every version and state."""
    read.no_query(request)
    return json_answer({"agreements": edge().coordinator.agreements()})


@blueprint.route("/v1/agreements/<ref>", parameters=[_REF])
@describe(
    "Read an agreement",
    answers={200: ("The agreement.", {read.JSON: Agreement})},
    refuses=[UnknownAgreement],
)
def agreement(ref: str) -> Response:
    """Give one version of an agreement."""
    read.no_query(request)
    if not AGREEMENT.fullmatch(ref):
        raise UnknownAgreement
    return json_answer(edge().coordinator.agreement(ref))

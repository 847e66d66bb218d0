"""Records: asking for them, reading them with a reason, contesting and correcting."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.reading import ReadBody, reader
from connectors.api.words import Posted, posted
from connectors.errors import ReasonMissing
from connectors.exchange.acts import access
from connectors.exchange.acts import records as acts
from connectors.exchange.errors import AlreadyDecided, AlreadyErased, HeadTooOld, NotHere
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    ConsentNotInForce,
    StatementMismatch,
    UnknownConsent,
)
from schemas.instant import format as spell
from schemas.messages import fields
from schemas.messages.envelope import Authority
from schemas.messages.fields import Strict
from schemas.messages.record_v1 import Asked, IdentifyWith, WhySchema

blueprint = Blueprint("records", __name__, description="Asking for records and reading them.")


class ByConsent(Strict):
    """The citizen's consent."""

    basis = fields.Exactly("consent")
    consent = fields.Uuid(required=True)


class ByStatute(Strict):
    """A clause of the agreement."""

    basis = fields.Exactly("statute")
    clause = fields.Code(required=True)


class ByEmergency(Strict):
    """An emergency that we opened."""

    basis = fields.Exactly("emergency")
    emergency = fields.MessageId(required=True)


class BySeat(Strict):
    """The citizen's own data, or what is said between citizen and agency."""

    basis = fields.Exactly("seat")


class RequestBody(Strict):
    """What is asked of whom, by what right, and by what the person is found."""

    source = fields.MemberId(required=True)
    categories = fields.Several(ma.Nested(Asked), most=16, required=True)
    identify = IdentifyWith(required=True)
    why = ma.Nested(WhySchema, required=True)
    authority = fields.Tagged(
        "basis",
        {"consent": ByConsent, "statute": ByStatute, "emergency": ByEmergency, "seat": BySeat},
        required=True,
    )
    agreement = fields.AgreementRef()
    purpose = fields.Code()


class Record(Strict):
    """A statement as it was made."""

    id = ma.String(required=True)
    schema = ma.String(required=True)
    issuer = ma.String(required=True)
    at = ma.String(required=True)
    contested = ma.Boolean(required=True)
    content = ma.Dict(keys=ma.String(), required=True)


class ContestBody(Strict):
    """What is wrong, in the citizen's words."""

    text = fields.Text(longest=4000, required=True)
    field_names = fields.Several(fields.Code(), most=64, required=True, data_key="fields")


class CorrectBody(Strict):
    """The record as it should have been."""

    record = ma.Dict(keys=ma.String(), required=True)
    settles = fields.Uuid()


class PostedSeveral(Strict):
    """Messages that wait to be sent."""

    messages = ma.List(ma.String(), required=True)


@blueprint.route("/v1/cases/<case>/record-requests", methods=["POST"])
@described(
    Shape(
        "Ask a source for records",
        Posted,
        status=202,
        body=RequestBody,
        sends=True,
        refuses=[NotHere, UnknownConsent, ConsentNotInForce, ConsentDoesNotCover, AgreementDoesNotCover],
    )
)
def request_records(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Ask; refused here already when nothing covers it."""
    authority = body["authority"]
    named = next((value for name, value in authority.items() if name != "basis"), None)
    message = acts.request_records(
        edge().connector,
        case,
        source=body["source"],
        categories={each["category"]: each["field_names"] for each in body["categories"]},
        identify=body["identify"],
        why=body["why"],
        authority=Authority(authority["basis"], named),
        agreement=body.get("agreement"),
        purpose=body.get("purpose"),
    )
    return posted(message)


@blueprint.route("/v1/records/<statement>/read", methods=["POST"])
@described(
    Shape(
        "Read a record, with a reason", Record, body=ReadBody, refuses=[NotHere, AlreadyErased, ReasonMissing]
    )
)
def read(statement: str, body: dict[str, Any]) -> dict[str, Any]:
    """Show what a statement says; that somebody looked is on its way to the citizen before it is shown."""
    actor, reason = reader(body)
    viewed = access.view_record(edge().connector, statement, actor, reason)
    names = ("id", "schema", "issuer", "contested")
    shown = {name: getattr(viewed, name) for name in names}
    return {**shown, "at": spell(viewed.at), "content": dict(viewed.content)}


@blueprint.route("/v1/records/<statement>/contest", methods=["POST"])
@described(
    Shape(
        "Contest a record as the citizen",
        Posted,
        status=202,
        body=ContestBody,
        sends=True,
        roles="portal",
        refuses=[NotHere],
    )
)
def contest(statement: str, body: dict[str, Any]) -> dict[str, str]:
    """Say what is wrong; the mark travels with every later copy until it is settled."""
    return posted(acts.contest(edge().portal(), statement, body["text"], body["field_names"]))


@blueprint.route("/v1/records/<statement>/correct", methods=["POST"])
@described(
    Shape(
        "Correct a record that we released",
        PostedSeveral,
        status=202,
        body=CorrectBody,
        sends=True,
        roles="agency",
        refuses=[NotHere, AlreadyDecided, AlreadyErased, ConsentNotInForce, HeadTooOld, StatementMismatch],
    )
)
def correct(statement: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give a record in place of an earlier one, to everyone who holds a copy; one message for each copy.

    In a closed case, or where no agency holds that one any more, the citizen alone gets it.
    """
    made = acts.correct(edge().agency(), statement, body["record"], settles=body.get("settles"))
    return {"messages": made}

"""Shared work in a case: notes, messages, documents and outcomes; writing them, listing them, opening a file.

Lists have no contents: reading what others wrote asks for a reason (`/v1/records/…/read`), opening their file
too.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final
from urllib.parse import quote

from flask import Response
from flask_smorest import Blueprint
from marshmallow import ValidationError
from marshmallow import fields as ma

from connectors.api.cases import StatementLine, statement_line
from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.reading import ReadBody, reader
from connectors.api.records import ByConsent, ByEmergency, BySeat, ByStatute
from connectors.api.words import Posted, posted
from connectors.errors import ReasonMissing
from connectors.exchange.acts import access
from connectors.exchange.acts import coordination as acts
from connectors.exchange.errors import AlreadyErased, HeadTooOld, NotHere
from connectors.exchange.store import cases, statements
from schemas.errors import (
    AgreementDoesNotCover,
    AttachmentMissing,
    CitizenNotJoined,
    ConsentDoesNotCover,
    ConsentNotInForce,
    DamagedSeal,
    Invalid,
    NotYourTurn,
    StatementMismatch,
    UnknownConsent,
)
from schemas.messages import fields
from schemas.messages.coordination_v1 import (
    DOCUMENT,
    MESSAGE,
    MESSAGE_KINDS,
    NOTE,
    NOTE_KINDS,
    OUTCOME,
    OUTCOMES,
    FileName,
    MediaType,
)
from schemas.messages.envelope import Authority
from schemas.messages.envelope_schema import ATTACHMENT_BYTES, MOST_RECIPIENTS
from schemas.messages.fields import Checked, Strict

blueprint = Blueprint("coordination", __name__, description="Notes, messages, documents, outcomes.")

DOCUMENT_BODY_BYTES: Final = ATTACHMENT_BYTES * 4 // 3 + 64 * 1024
"""The largest file in base64, with the words beside it."""
_REFUSES: Final = (
    NotHere,
    CitizenNotJoined,
    UnknownConsent,
    ConsentNotInForce,
    ConsentDoesNotCover,
    AgreementDoesNotCover,
    HeadTooOld,
    StatementMismatch,
)


class FileBytes(Checked[bytes]):
    """A file in base64 with padding (RFC 4648 §4), as every program writes it."""

    def __init__(self, **kwargs: Any) -> None:
        """Publish as base64 text."""
        longest = DOCUMENT_BODY_BYTES
        kwargs["metadata"] = {"type": "string", "contentEncoding": "base64", "maxLength": longest}
        super().__init__(**kwargs)

    def take(self, value: Any) -> bytes:
        """Decode; refuse other alphabets, line ends and the empty file."""
        try:
            data = base64.b64decode(value, validate=True) if type(value) is str else b""
        except (binascii.Error, ValueError) as error:
            raise ValidationError("Takes a file in base64.") from error
        if not data:
            raise ValidationError("Takes a file that is not empty, in base64.")
        return data


class Shared(Strict):
    """Who gets it; without this the citizen, or from the citizen every agency of the case.

    From agency to agency it goes by a consent or a clause, which names agreement and purpose.
    """

    to = fields.Several(fields.PartyId(), most=MOST_RECIPIENTS)
    authority = fields.Tagged(
        "basis", {"consent": ByConsent, "statute": ByStatute, "emergency": ByEmergency, "seat": BySeat}
    )
    agreement = fields.AgreementRef()
    purpose = fields.Code()
    about = fields.Uuid()


class NoteBody(Shared):
    """A note; `safe_contact`, from the citizen alone, says how they may safely be reached."""

    text = fields.Text(longest=8000, required=True)
    kind = fields.Choice(*NOTE_KINDS)


class MessageBody(Shared):
    """A message, a question, or a complaint."""

    text = fields.Text(longest=8000, required=True)
    kind = fields.Choice(*MESSAGE_KINDS)
    subject = fields.Text(longest=200)
    answers = fields.Uuid()


class DocumentBody(Shared):
    """A file with its title; 25 MiB at most."""

    title = fields.Text(longest=200, required=True)
    name = FileName(longest=200, required=True)
    media_type = MediaType(required=True)
    data = FileBytes(required=True)
    text = fields.Text(longest=2000)


class OutcomeBody(Shared):
    """Whether help arrived, or whether we agree with what the other side says of it."""

    outcome = fields.Choice(*OUTCOMES, required=True)
    text = fields.Text(longest=4000)
    answers = fields.Uuid()
    agrees = fields.Flag()


class SharedList(Strict):
    """What was shared, oldest first, without what it says."""

    statements = ma.List(ma.Nested(StatementLine), required=True)


def _writing(summary: str, body: type[Shared], **more: Any) -> Shape:
    return Shape(summary, Posted, status=202, body=body, sends=True, **{"refuses": _REFUSES, **more})


def _listing(summary: str) -> Shape:
    return Shape(summary, SharedList, refuses=[NotHere])


@blueprint.route("/v1/cases/<case>/notes", methods=["POST"])
@described(_writing("Add a note", NoteBody, refuses=(*_REFUSES, NotYourTurn)))
def add_note(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Leave a note for the citizen, or by a consent or clause for other agencies too."""
    said = {name: body.get(name) for name in ("kind", "about")}
    return posted(acts.add_note(edge().connector, case, body["text"], **said, **_shared(body)))


@blueprint.route("/v1/cases/<case>/messages", methods=["POST"])
@described(_writing("Write a message", MessageBody))
def send_message(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Write to the citizen or, as the citizen, to agencies."""
    names = ("text", "kind", "subject", "about", "answers")
    words = acts.Words(**{name: body[name] for name in names if name in body})
    return posted(acts.send_message(edge().connector, case, words, **_shared(body)))


@blueprint.route("/v1/cases/<case>/documents", methods=["POST"])
@described(_writing("Add a document", DocumentBody, body_limit=DOCUMENT_BODY_BYTES))
def add_document(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Seal a file and share it; nobody but its readers can open it."""
    file = acts.File(body["title"], body["name"], body["media_type"], body["data"])
    message = acts.add_document(
        edge().connector, case, file, text=body.get("text"), about=body.get("about"), **_shared(body)
    )
    return posted(message)


@blueprint.route("/v1/cases/<case>/outcomes", methods=["POST"])
@described(_writing("Say whether help arrived", OutcomeBody, refuses=(*_REFUSES, NotYourTurn)))
def give_outcome(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Say it, or say whether we agree with the other side."""
    names = ("outcome", "text", "about", "answers", "agrees")
    result = acts.Result(**{name: body[name] for name in names if name in body})
    return posted(acts.give_outcome(edge().connector, case, result, **_shared(body)))


def _shared(body: dict[str, Any]) -> dict[str, Any]:
    """Give readers and basis as the acts take them."""
    authority = body.get("authority", {"basis": "seat"})
    if authority["basis"] == "seat":
        return {"to": body.get("to")}
    for name in ("agreement", "purpose"):
        if name not in body:
            raise Invalid(f"What moves on this basis names its {name}.", path=f"body.{name}")
    named = next(value for name, value in authority.items() if name != "basis")
    basis = acts.Basis(
        authority=Authority(authority["basis"], named), agreement=body["agreement"], purpose=body["purpose"]
    )
    return {"to": body.get("to"), "basis": basis}


@blueprint.route("/v1/documents/<statement>/read", methods=["POST"])
@described(
    Shape(
        "Open a document's file, with a reason",
        None,
        body=ReadBody,
        file="application/octet-stream",
        refuses=[NotHere, AlreadyErased, ReasonMissing, AttachmentMissing, DamagedSeal],
    )
)
def read_document(statement: str, body: dict[str, Any]) -> Response:
    """Give the file; that somebody looked is on its way to the citizen before it is given."""
    actor, reason = reader(body)
    file = acts.open_document(edge().connector, statement)
    access.view_record(edge().connector, statement, actor, reason)
    headers = {
        # Never the sender's media type: a browser would show a page that somebody else has written.
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return Response(file.data, mimetype="application/octet-stream", headers=headers)


@blueprint.route("/v1/cases/<case>/notes", methods=["GET"])
@described(_listing("List the notes"))
def list_notes(case: str) -> dict[str, Any]:
    """Give who left a note when."""
    return _list(case, NOTE)


@blueprint.route("/v1/cases/<case>/messages", methods=["GET"])
@described(_listing("List the messages"))
def list_messages(case: str) -> dict[str, Any]:
    """Give who wrote when."""
    return _list(case, MESSAGE)


@blueprint.route("/v1/cases/<case>/documents", methods=["GET"])
@described(_listing("List the documents"))
def list_documents(case: str) -> dict[str, Any]:
    """Give who added a document when."""
    return _list(case, DOCUMENT)


@blueprint.route("/v1/cases/<case>/outcomes", methods=["GET"])
@described(_listing("List the outcomes"))
def list_outcomes(case: str) -> dict[str, Any]:
    """Give who said when whether help arrived."""
    return _list(case, OUTCOME)


def _list(case: str, kind: str) -> dict[str, Any]:
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        rows = [row for row in statements.of_case(connection, case) if row.type == kind]
    return {"statements": [statement_line(row) for row in rows]}

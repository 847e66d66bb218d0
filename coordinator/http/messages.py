"""POST /v1/messages: the way in. Reads bytes with a limit, calls the intake once, answers with receipts.

A plain POST of one message does not come as far as the route: `front_door` answers it, by the same `admit`.

The message's own signature is the credential, and its own bytes are all that counts: no parameter and no
header changes what is admitted. This is the hot path; nothing here parses a message.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import Answer, json_answer, said
from coordinator.http.describe import TEXT, describe
from coordinator.http.edge import edge
from coordinator.http.metrics import MESSAGES
from coordinator.http.problems import document
from coordinator.intake.flow import Admitted
from coordinator.service import Coordinator
from schemas import errors
from schemas.errors import Refusal

blueprint = Blueprint("messages", __name__, description="Handing messages over.")


class Receipt(Schema):
    """The receipt, and the place in the log when the message has it already."""

    receipt = fields.String(required=True, metadata={"description": "A compact JWS; see the protocol."})
    index = fields.Integer(allow_none=True, required=True)


class Batch(Schema):
    """Messages, each judged by itself, in this order."""

    messages = fields.List(fields.String(), required=True, validate=validate.Length(1, 128))


class Result(Schema):
    """A receipt or a problem."""

    receipt = fields.String()
    index = fields.Integer(allow_none=True)
    problem = fields.Dict()


class Results(Schema):
    """One result for each message of the batch, in the same order."""

    results = fields.List(fields.Nested(Result), required=True)


REFUSES = (
    errors.Malformed,
    errors.Unverified,
    errors.Invalid,
    errors.Untimely,
    errors.NotPermitted,
    errors.AlreadySaid,
    errors.UnknownCase,
)
"""One for each status that a message may be refused with; the codes are in the problem document."""


@blueprint.route("/v1/messages", methods=["POST"])
@describe(
    "Hand over one message",
    body={read.JOSE: TEXT},
    answers={
        201: ("It was admitted.", {read.JSON: Receipt}),
        200: ("The same bytes were admitted before; the same receipt.", {read.JSON: Receipt}),
    },
    refuses=REFUSES,
)
def post() -> Response:
    """Admit one signed message; send the same bytes again when no answer came."""
    read.no_query(request)
    raw = read.body(request, content_type=read.JOSE, limit=read.TOKEN_LIMIT)
    return admit(edge().coordinator, raw, enrolments=False).for_flask()


@blueprint.route("/v1/messages/batch", methods=["POST"])
@describe(
    "Hand over up to 128 messages",
    body={read.JSON: Batch},
    answers={200: ("A receipt or a problem for each, in the same order.", {read.JSON: Results})},
    refuses=[errors.Invalid],
)
def post_batch() -> Response:
    """Admit each message by itself; one that is refused does not stop the others."""
    read.no_query(request)
    here = edge()
    batch = read.json_body(request, _BATCH, limit=read.BATCH_LIMIT)["messages"]
    most = here.config.limits.batch_messages
    if len(batch) > most:
        raise errors.TooLarge(f"A batch has at most {most} messages here.", limit=most, size=len(batch))
    answers = here.coordinator.admit_batch([_bytes(text) for text in batch], enrolments=False)
    return json_answer({"results": [_result(answer) for answer in answers]})


def admit(coordinator: Coordinator, raw: bytes, *, enrolments: bool) -> Answer:
    """Hand one message to the intake and say its receipt; a refusal is raised.

    An enrolment is counted by address, and so is taken only where it is (`enrolments`).
    """
    found = coordinator.admit(raw, enrolments=enrolments)
    if isinstance(found, Refusal):
        MESSAGES.labels(found.code).inc()
        raise found
    _ADMITTED.inc()
    return said(_receipt(found), 200 if found.duplicate else 201)


def _bytes(text: str) -> bytes:
    """Give the bytes of a token; what is not ASCII cannot be one, and is refused like one that is none."""
    return text.encode("utf-8", "replace")


def _result(answer: Admitted | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        MESSAGES.labels(answer.code).inc()
        return {"problem": document(answer)}
    _ADMITTED.inc()
    return _receipt(answer)


def _receipt(answer: Admitted) -> dict[str, Any]:
    return {"receipt": answer.receipt.decode("ascii"), "index": answer.index}


_ADMITTED = MESSAGES.labels("ok")
_BATCH = Batch()

"""POST /v1/messages: the way in. Reads bytes with a limit, calls the intake once, answers with receipts.

The message's own signature is the credential, and its own bytes are all that counts: no parameter and no
header changes what is admitted. This is the hot path; nothing here parses a message.
"""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import TEXT, describe
from coordinator.http.edge import edge
from coordinator.http.metrics import MESSAGES
from schemas import errors

blueprint = Blueprint("messages", __name__, description="Handing messages over.")

_OK = MESSAGES.labels("ok")


class Admitted(Schema):
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
        201: ("It was admitted.", {read.JSON: Admitted}),
        200: ("The same bytes were admitted before; the same receipt.", {read.JSON: Admitted}),
    },
    refuses=REFUSES,
)
def post() -> Response:
    """Admit one signed message; send the same bytes again when no answer came."""
    read.no_query(request)
    return admit(read.body(request, content_type=read.JOSE, limit=read.TOKEN_LIMIT))


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
    if len(batch) > here.config.limits.batch_messages:
        raise errors.TooLarge(
            "A batch has fewer messages.", limit=here.config.limits.batch_messages, size=len(batch)
        )
    verdicts = here.coordinator.admit_all([_bytes(text) for text in batch])
    return json_answer({"results": [_result(verdict) for verdict in verdicts]})


_BATCH = Batch()

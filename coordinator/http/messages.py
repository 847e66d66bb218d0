"""POST /v1/messages: the way in. Reads bytes with a limit, calls the intake once, answers with receipts.

The message's own signature is the credential, and its own bytes are all that counts: no parameter and no
header changes what is admitted. This is the hot path; nothing here parses a message.
"""

from __future__ import annotations

import base64
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import TEXT, describe
from coordinator.http.edge import edge
from coordinator.http.metrics import MESSAGES
from coordinator.http.problems import document
from coordinator.intake.flow import Admitted
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
    if _enrols(raw):
        raise _elsewhere()
    return admit(raw)


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
    raws = [_bytes(text) for text in batch]
    answers = iter(here.coordinator.admit_batch([raw for raw in raws if not _enrols(raw)]))
    return json_answer(
        {"results": [_result(_elsewhere() if _enrols(raw) else next(answers)) for raw in raws]}
    )


def admit(raw: bytes) -> Response:
    """Hand one message to the intake and answer with its receipt; a refusal is raised."""
    answer = edge().coordinator.admit(raw)
    if isinstance(answer, Refusal):
        MESSAGES.labels(answer.code).inc()
        raise answer
    _ADMITTED.inc()
    return json_answer(_receipt(answer), 200 if answer.duplicate else 201)


def _enrols(raw: bytes) -> bool:
    """Say whether this may be an enrolment, which is counted, and so has an address of its own.

    A look at the bytes only: an enrolment that hides its type behind an escape is taken for one too.
    """
    try:
        payload = base64.urlsafe_b64decode(raw.split(b".", 2)[1] + b"==")
    except (IndexError, ValueError):
        return False  # refused by the intake
    return b"member.enrol" in payload or (b"\\u00" in payload and b'"code_proof"' in payload)


def _elsewhere() -> errors.Invalid:
    return errors.Invalid("An enrolment is handed over at /v1/members.", path="type")


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

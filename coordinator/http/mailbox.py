"""The mailbox: collected by asking, held open while it is empty, moved on by acknowledging.

While a request waits it holds no database connection; `coordinator.mailbox` wakes it. Nothing but the access
token tells whose mailbox it is.
"""

from __future__ import annotations

from flask import Response, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import describe
from coordinator.http.edge import edge
from coordinator.mailbox.flow import Letter
from schemas.errors import Invalid, NotSignedIn
from schemas.wire import INTEGER_LIMIT

blueprint = Blueprint("mailbox", __name__, description="Collecting messages.")


class Page(Schema):
    """From where, how much, and how long to wait."""

    after = fields.Integer(
        load_default=None,
        validate=validate.Range(-1, INTEGER_LIMIT),
        metadata={
            "description": "The index after which to begin; -1 is the beginning, none what was acknowledged."
        },
    )
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 25),
        metadata={"description": "Seconds to hold the line open while nothing is there."},
    )
    limit = fields.Integer(
        load_default=100,
        validate=validate.Range(1, 200),
        metadata={"description": "Messages in the answer."},
    )
    seen = fields.Integer(
        load_default=0,
        validate=validate.Range(0, INTEGER_LIMIT),
        metadata={"description": "The size of the last checkpoint that you checked."},
    )


class Delivered(Schema):
    """A message, its receipt, its place in the log and the proof that it is there."""

    index = fields.Integer(required=True)
    message = fields.String(required=True)
    receipt = fields.String(required=True)
    inclusion = fields.List(fields.String(), required=True)


class Mailbox(Schema):
    """Messages in the order of the log, with a fresh signed head."""

    messages = fields.List(fields.Nested(Delivered), required=True)
    head = fields.String(required=True)
    checkpoint = fields.String(required=True)
    consistency = fields.List(fields.String(), required=True)
    next = fields.Integer(required=True)


class Acknowledgement(Schema):
    """Everything up to this index is stored with the caller."""

    index = fields.Integer(required=True, strict=True, validate=validate.Range(-1, INTEGER_LIMIT))


@blueprint.route("/v1/mailbox")
@describe(
    "Collect messages",
    query=Page,
    answers={200: ("What waits, or nothing after the wait.", {read.JSON: Mailbox})},
    refuses=[Invalid, NotSignedIn],
)
def collect() -> Response:
    """Give the caller's messages in the order of the log; again, until they are acknowledged."""
    asked = read.query(request, _PAGE)
    here = edge()
    limits = here.config.limits
    page = here.coordinator.mailboxes.collect(
        g.member,
        after=asked["after"],
        limit=min(asked["limit"], limits.page_messages),
        wait=min(asked["wait"], limits.long_poll_s),
        seen=asked["seen"],
        still_there=lambda: not read.has_left(request),
    )
    return json_answer(
        {
            "messages": [_letter(letter) for letter in page.letters],
            "head": page.head.decode("ascii"),
            "checkpoint": page.checkpoint,
            "consistency": [node.hex() for node in page.consistency],
            "next": page.next,
        }
    )


@blueprint.route("/v1/mailbox/ack", methods=["POST"])
@describe(
    "Acknowledge messages",
    body={read.JSON: Acknowledgement},
    answers={204: ("The cursor stands there or further.", {})},
    refuses=[Invalid, NotSignedIn],
)
def acknowledge() -> Response:
    """Say that everything up to an index is stored; it is not given again unless it is asked for."""
    read.no_query(request)
    asked = read.json_body(request, _ACKNOWLEDGEMENT)
    edge().coordinator.mailboxes.acknowledge(g.member, asked["index"])
    return Response(status=204)


def _letter(letter: Letter) -> dict[str, object]:
    return {
        "index": letter.index,
        "message": letter.message.decode("ascii"),
        "receipt": letter.receipt.decode("ascii"),
        "inclusion": [node.hex() for node in letter.inclusion],
    }


_PAGE = Page()
_ACKNOWLEDGEMENT = Acknowledgement()

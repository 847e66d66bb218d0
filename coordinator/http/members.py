"""Members: who takes part and with which keys, with the signed messages that prove it; and how to join.

Three blueprints, because enrolling is signed, while the challenge and the directory are for anyone.
"""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http import messages
from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import TEXT, describe
from coordinator.http.edge import edge
from coordinator.http.keys import PublicKey
from coordinator.http.seen import Window, take
from schemas import errors
from schemas.messages.fields import MEMBER
from schemas.messages.member_v1 import KINDS

_DESCRIPTION = "Who takes part, and with which keys."
enrolment = Blueprint("enrolment", __name__, description=_DESCRIPTION)
challenge = Blueprint("challenge", __name__, description=_DESCRIPTION)
directory = Blueprint("directory", __name__, description=_DESCRIPTION)
_HOUR_S = 3600


class ChallengeRequest(Schema):
    """The public sealing key (X25519) whose possession is to be proved."""

    seal = fields.Nested(PublicKey, required=True)


class Challenge(Schema):
    """A JWE that only the holder of the sealing key can open; good for a quarter of an hour."""

    jwe = fields.String(required=True)


class Proof(Schema):
    """A message as it was admitted, its receipt and its place in the log."""

    index = fields.Integer(required=True)
    message = fields.String(required=True)
    receipt = fields.String(required=True)


class MemberKey(Schema):
    """A key of a member and the time for which it speaks."""

    kid = fields.String(required=True)
    use = fields.String(required=True, validate=validate.OneOf(["sign", "seal"]))
    jwk = fields.Nested(PublicKey, required=True)
    valid_from = fields.String(required=True)
    valid_until = fields.String(required=True)
    ended_at = fields.String(required=True, allow_none=True)


class Member(Schema):
    """A member, with the signed messages from which anyone can rebuild this entry."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    name = fields.String(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["active", "left"]))
    messages = fields.List(fields.Nested(Proof), required=True)
    keys = fields.List(fields.Nested(MemberKey), required=True)


class Members(Schema):
    """All members."""

    members = fields.List(fields.Nested(Member), required=True)


@enrolment.route("/v1/members", methods=["POST"])
@describe(
    "Enrol",
    body={read.JOSE: TEXT},
    answers={
        201: ("The member takes part.", {read.JSON: messages.Receipt}),
        200: ("The same bytes were admitted before.", {read.JSON: messages.Receipt}),
    },
    refuses=messages.REFUSES,
)
def enrol() -> Response:
    """Admit a `member.enrol` message, signed with the key that it brings, with a one-time code's proof."""
    read.no_query(request)
    here = edge()
    guesses = Window("enrol", here.config.rates.code_guesses_per_address_per_hour, _HOUR_S)
    raw = read.body(request, content_type=read.JOSE, limit=read.TOKEN_LIMIT)
    # Counted before the code is looked at, or many guesses could be made at once.
    take(here.coordinator, guesses, request.remote_addr or "", now=here.now())
    return messages.admit(here.coordinator, raw, enrolments=True).for_flask()


@challenge.route("/v1/members/challenge", methods=["POST"])
@describe(
    "Ask for a challenge",
    body={read.JSON: ChallengeRequest},
    answers={200: ("The challenge.", {read.JSON: Challenge})},
    refuses=[errors.Invalid, errors.WeakKey],
)
def new_challenge() -> Response:
    """Seal a challenge for a key; an enrolment sends back what was inside."""
    read.no_query(request)
    asked = read.json_body(request, _CHALLENGE_REQUEST)
    return json_answer({"jwe": edge().coordinator.challenge(asked["seal"])})


@directory.route("/v1/members")
@describe("List the members", answers={200: ("The members.", {read.JSON: Members})})
def members() -> Response:
    """Give every member, also those that left, with the proofs of their keys."""
    read.no_query(request)
    return json_answer({"members": edge().coordinator.members()})


@directory.route("/v1/members/<member>")
@describe(
    "Read a member",
    answers={200: ("The member.", {read.JSON: Member})},
    refuses=[errors.UnknownMember],
)
def member(member: str) -> Response:
    """Give one member, with the proofs of its keys."""
    read.no_query(request)
    if not MEMBER.fullmatch(member):
        raise errors.UnknownMember
    return json_answer(edge().coordinator.member(member))


_CHALLENGE_REQUEST = ChallengeRequest()

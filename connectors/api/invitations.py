"""Invitations that wait: taking a seat, and attesting a citizen's keys in person."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.cases import CaseId
from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, Empty, Posted, at, posted
from connectors.exchange.acts import cases as acts
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.store import cases
from schemas.errors import WrongCode
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("invitations", __name__, description="Invitations, sent and received.")


class InvitationLine(Strict):
    """One invitation, without its code."""

    id = ma.String(required=True)
    case = ma.String(required=True)
    direction = ma.String(required=True)
    inviter = ma.String(required=True)
    invitee = ma.String(required=True)
    state = ma.String(required=True)
    at = ma.String(required=True)


class InvitationList(Strict):
    """Invitations that still wait for something."""

    invitations = ma.List(ma.Nested(InvitationLine), required=True)


class JoinBody(Strict):
    """The code that was handed over in person."""

    code = fields.Text(longest=64, required=True)
    passkeys = ma.List(AnyJson, load_default=list)


@blueprint.route("/v1/invitations", methods=["GET"])
@described(Shape("List invitations that wait", InvitationList))
def list_invitations() -> dict[str, Any]:
    """Give the invitations that are open, or wait for a person."""
    with edge().connector.database.reading() as connection:
        rows = cases.invitations_in(connection, "open", "joined", "needs_a_person")
    return {
        "invitations": [
            {
                "id": row.id,
                "case": row.case,
                "direction": row.direction,
                "inviter": row.inviter,
                "invitee": row.invitee.get("member", row.invitee.get("portal")),
                "state": row.state,
                "at": at(row.at),
            }
            for row in rows
        ]
    }


@blueprint.route("/v1/invitations/join", methods=["POST"])
@described(
    Shape(
        "Take the citizen's seat with a code",
        CaseId,
        status=201,
        body=JoinBody,
        sends=True,
        roles="portal",
        refuses=[WrongCode],
    )
)
def join(body: dict[str, Any]) -> dict[str, str]:
    """Join as the citizen; the code stays here and only proves that it is known."""
    return {"case": acts.join_case(edge().portal(), body["code"], body["passkeys"])}


@blueprint.route("/v1/invitations/<invitation>/accept", methods=["POST"])
@described(
    Shape(
        "Take the seat that an agency was offered",
        Posted,
        status=202,
        body=Empty,
        sends=True,
        roles="agency",
        refuses=[NotHere, AlreadyDecided],
    )
)
def accept(invitation: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - nothing is in the body
    """Take an agency's seat, decided by a person."""
    return posted(acts.accept_invitation(edge().agency(), invitation))


@blueprint.route("/v1/invitations/<invitation>/attest", methods=["POST"])
@described(
    Shape(
        "Attest a citizen's keys after comparing them in person",
        Posted,
        status=202,
        body=Empty,
        sends=True,
        roles="agency",
        refuses=[NotHere, AlreadyDecided],
    )
)
def attest(invitation: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - nothing is in the body
    """Vouch for the keys of a citizen whose code did not fit."""
    return posted(acts.attest_in_person(edge().agency(), invitation))

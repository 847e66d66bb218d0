"""Cases: list, open, look, leave, close; and who is invited into them."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Row

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, BecauseOf, Posted, at, posted
from connectors.cases.gather import read_safe_contact
from connectors.cases.view import SafeContact
from connectors.errors import NotAnAgency, NotAPortal
from connectors.exchange.acts import cases as acts
from connectors.exchange.errors import NotHere
from connectors.exchange.store import cases, statements
from schemas.errors import CaseClosed, CitizenNotJoined
from schemas.instant import format as spell
from schemas.messages import fields
from schemas.messages.envelope import Authority
from schemas.messages.fields import LANGUAGES, Strict

blueprint = Blueprint("cases", __name__, description="Cases that this connector takes part in.")


_BOTH_ROLES = (NotAnAgency, NotAPortal)
"""What this does differs between an agency and a portal."""


class OpenBody(Strict):
    """A new case; at a portal also how the citizen signed in."""

    language = fields.Choice(*LANGUAGES, load_default="en")
    acr = fields.Text()
    auth_time = fields.Instant()
    passkeys = ma.List(AnyJson, load_default=list)


class CaseId(Strict):
    """The random id of a case."""

    case = ma.String(required=True)


class CaseLine(Strict):
    """A case in a list."""

    id = ma.String(required=True)
    status = ma.String(required=True)
    opened_by = ma.String(required=True)
    opened_at = ma.String(required=True)
    language = ma.String(required=True)
    acting_for_citizen = ma.Boolean(required=True)


class CaseList(Strict):
    """Cases, newest first."""

    cases = ma.List(ma.Nested(CaseLine), required=True)


class SeatLine(Strict):
    """Who sits in a case."""

    kind = ma.String(required=True)
    member = ma.String(required=True)
    status = ma.String(required=True)
    attested_by = ma.String(required=True, allow_none=True)


class StatementLine(Strict):
    """What was said, without what it says: reading asks for a reason."""

    id = ma.String(required=True)
    message = ma.String(required=True)
    type = ma.String(required=True)
    schema = ma.String(required=True)
    issuer = ma.String(required=True)
    at = ma.String(required=True)
    categories = ma.List(ma.String(), required=True)
    consent = ma.String(required=True, allow_none=True)
    contested = ma.Boolean(required=True)
    mine = ma.Boolean(required=True)
    state = ma.String(required=True)
    erase_at = ma.String(required=True, allow_none=True)


class SafeContactLine(Strict):
    """How the citizen may safely be reached, in their words."""

    statement = ma.String(required=True)
    text = ma.String(required=True)
    at = ma.String(required=True)


class CaseView(CaseLine):
    """A case as this connector sees it; show `safe_contact` to whoever is about to reach the citizen."""

    safe_contact = ma.Nested(SafeContactLine, required=True, allow_none=True)
    seats = ma.List(ma.Nested(SeatLine), required=True)
    statements = ma.List(ma.Nested(StatementLine), required=True)


class InviteCitizen(Strict):
    """The citizen, who gets a code in person."""

    kind = fields.Exactly("citizen")
    portal = fields.MemberId(required=True)


class InviteAgency(Strict):
    """Another agency, by a consent or a clause of an agreement; the citizen needs neither."""

    kind = fields.Exactly("agency")
    member = fields.MemberId(required=True)
    consent = fields.Uuid()
    clause = fields.Code()
    agreement = fields.AgreementRef()


class InviteBody(Strict):
    """Who is invited."""

    invitee = fields.Tagged("kind", {"citizen": InviteCitizen, "agency": InviteAgency}, required=True)


class Invited(Strict):
    """The invitation; for a citizen the code, which is shown only now."""

    invitation = ma.String(required=True)
    code = ma.String()


class LeaveBody(BecauseOf):
    """Our own seat, or (for the citizen) that of an agency."""

    member = fields.MemberId()


class CloseBody(BecauseOf):
    """With which outcome."""

    outcome = fields.Code()


class ReopenBody(Strict):
    """Why it is opened again."""

    reason = fields.Text(longest=200, required=True)


@blueprint.route("/v1/cases", methods=["GET"])
@described(Shape("List the cases", CaseList))
def list_cases() -> dict[str, Any]:
    """Give every case, newest first."""
    with edge().connector.database.reading() as connection:
        return {"cases": [_line(row) for row in cases.everything(connection)]}


@blueprint.route("/v1/cases", methods=["POST"])
@described(Shape("Open a case", CaseId, status=201, body=OpenBody, sends=True, refuses=_BOTH_ROLES))
def open_case(body: dict[str, Any]) -> dict[str, str]:
    """Open a case as an agency, or at a portal for a citizen who comes alone and has signed in."""
    connector = edge().connector
    if "acr" not in body or "auth_time" not in body:
        return {"case": acts.open_case(edge().agency(), body["language"])}
    sign_in = acts.SignIn(acr=body["acr"], auth_time=body["auth_time"])
    edge().portal()
    return {"case": acts.open_case_for_citizen(connector, sign_in, body["language"], body["passkeys"])}


@blueprint.route("/v1/cases/<case>", methods=["GET"])
@described(Shape("Look at a case", CaseView, refuses=[NotHere]))
def get_case(case: str) -> dict[str, Any]:
    """Give who sits in it and what was said, without contents.

    How the citizen is reached safely is there without a reason: they wrote it to be seen before every letter.
    """
    connector = edge().connector
    with connector.database.reading() as connection:
        row = cases.require(connection, case)
        seats = [
            {name: getattr(seat, name) for name in ("kind", "member", "status", "attested_by")}
            for seat in cases.seats_of(connection, case)
        ]
        said = [statement_line(statement) for statement in statements.of_case(connection, case)]
        contact = read_safe_contact(connection, connector, case, connector.clock())
    return {**_line(row), "safe_contact": _safe_contact(contact), "seats": seats, "statements": said}


@blueprint.route("/v1/cases/<case>/invitations", methods=["POST"])
@described(
    Shape(
        "Invite the citizen or an agency",
        Invited,
        status=201,
        body=InviteBody,
        sends=True,
        shown_once=True,
        refuses=[NotHere, CaseClosed, CitizenNotJoined],
    )
)
def invite(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Invite; the citizen's code is to be handed over in person and is not kept for a second showing."""
    invitee = body["invitee"]
    if invitee["kind"] == "citizen":
        made = acts.invite_citizen(edge().agency(), case, invitee["portal"])
        return {"invitation": made.id, "code": made.code}
    authority = _authority(invitee)
    message = acts.invite_agency(
        edge().connector, case, invitee["member"], authority, invitee.get("agreement")
    )
    return {"invitation": message}


def _authority(invitee: dict[str, Any]) -> Authority:
    if "consent" in invitee:
        return Authority("consent", invitee["consent"])
    return Authority("statute", invitee["clause"]) if "clause" in invitee else Authority("seat")


@blueprint.route("/v1/cases/<case>/leave", methods=["POST"])
@described(
    Shape(
        "Leave a case, or end an agency's seat",
        Posted,
        status=202,
        body=LeaveBody,
        sends=True,
        refuses=[NotHere, NotAPortal],
    )
)
def leave(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Give up our seat; a portal, for the citizen, may end that of an agency."""
    member = body.get("member")
    if member is None:
        return posted(acts.leave(edge().connector, case, body.get("reason")))
    return posted(acts.end_agencys_seat(edge().portal(), case, member, body.get("reason")))


@blueprint.route("/v1/cases/<case>/close", methods=["POST"])
@described(Shape("Close a case", Posted, status=202, body=CloseBody, sends=True, refuses=[NotHere]))
def close(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Close a case for everybody."""
    return posted(acts.close(edge().connector, case, body.get("outcome"), body.get("reason")))


@blueprint.route("/v1/cases/<case>/reopen", methods=["POST"])
@described(
    Shape("Open a closed case again", Posted, status=202, body=ReopenBody, sends=True, refuses=[NotHere])
)
def reopen(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Open a closed case again, with a reason that everybody sees."""
    return posted(acts.reopen(edge().connector, case, body["reason"]))


def _safe_contact(contact: SafeContact | None) -> dict[str, str] | None:
    if contact is None:
        return None
    return {"statement": contact.statement, "text": contact.text, "at": spell(contact.at)}


def _line(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "status", "opened_by", "language", "acting_for_citizen")
    return {**{name: getattr(row, name) for name in names}, "opened_at": at(row.opened_at)}


def statement_line(row: Row[Any]) -> dict[str, Any]:
    """Give what was said, without what it says."""
    names = (
        "id",
        "message",
        "type",
        "schema",
        "issuer",
        "categories",
        "consent",
        "contested",
        "mine",
        "state",
    )
    plain = {name: getattr(row, name) for name in names}
    return {**plain, "at": at(row.at), "erase_at": at(row.erase_at)}

"""Consents: asking for them, and the citizen's decisions as the portal brings them."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Connection, Row

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, Empty, Posted, at, posted
from connectors.exchange.acts import consents as acts
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.store import cases, consents
from schemas.errors import (
    AgreementDoesNotCover,
    ConsentDoesNotCover,
    NoSeat,
    ProofRefused,
    UnknownConsent,
    WrongTransition,
)
from schemas.messages import fields
from schemas.messages.fields import InBothLanguagesSchema, Strict

blueprint = Blueprint("consents", __name__, description="Asking for consent, and deciding.")


class AskBody(Strict):
    """The terms (without what only a decision adds), and why in plain words."""

    terms = ma.Dict(keys=ma.String(), required=True)
    why = ma.Nested(InBothLanguagesSchema, required=True)


class RequestLine(Strict):
    """A request for consent."""

    id = ma.String(required=True)
    case = ma.String(required=True)
    sender = ma.String(required=True)
    agreement = ma.String(required=True)
    state = ma.String(required=True)
    at = ma.String(required=True)
    terms = ma.Dict(keys=ma.String(), required=True)
    why = ma.Dict(keys=ma.String(), required=True)
    asked_before = ma.List(ma.String(), required=True)
    """Earlier requests of the same asker for the same purpose in this case."""


class RequestList(Strict):
    """Requests of a case, oldest first."""

    requests = ma.List(ma.Nested(RequestLine), required=True)


class ConsentLine(Strict):
    """A consent, and where it is in its life."""

    id = ma.String(required=True)
    case = ma.String(required=True)
    status = ma.String(required=True)
    agreement = ma.String(required=True)
    purpose = ma.String(required=True)
    valid_until = ma.String(required=True)
    status_at = ma.String(required=True)
    granted_index = ma.Integer(required=True, allow_none=True)
    document = ma.Dict(keys=ma.String(), required=True)


class ConsentList(Strict):
    """Consents of a case, in the order in which they came."""

    consents = ma.List(ma.Nested(ConsentLine), required=True)


class DecisionBody(Strict):
    """What was shown when, what is left out, until when it is allowed at most."""

    shown_at = fields.Instant(required=True)
    leave_out = ma.List(fields.Code(), load_default=list)
    valid_until = fields.Instant()
    notice = AnyJson
    supersedes = fields.Uuid()
    preview = fields.Flag(load_default=False)


class Draft(Strict):
    """The consent document without its proof, for a passkey to sign."""

    document = ma.Dict(keys=ma.String(), required=True)


class GrantBody(DecisionBody):
    """A yes that the portal vouches for: how surely and when the person had signed in."""

    acr = fields.Text(required=True)
    auth_time = fields.Instant(required=True)


class SignedGrantBody(Strict):
    """A yes over a drafted document, with its proofs."""

    document = ma.Dict(keys=ma.String(), required=True)
    proof = ma.List(AnyJson, required=True)


@blueprint.route("/v1/cases/<case>/consent-requests", methods=["GET"])
@described(Shape("List the requests for consent of a case", RequestList, refuses=[NotHere]))
def list_requests(case: str) -> dict[str, Any]:
    """Give what was asked for, and whether it was answered."""
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        found = consents.requests_of(connection, case)
        return {"requests": [_request(connection, row) for row in found]}


@blueprint.route("/v1/cases/<case>/consent-requests", methods=["POST"])
@described(
    Shape(
        "Ask the citizen for a consent",
        Posted,
        status=202,
        body=AskBody,
        sends=True,
        roles="agency",
        refuses=[NotHere, AgreementDoesNotCover, ConsentDoesNotCover],
    )
)
def ask(case: str, body: dict[str, Any]) -> dict[str, str]:
    """Send the question to the citizen; `schema`, `case` and `nonce` may be left out of the terms."""
    return posted(acts.ask_consent(edge().agency(), case, body["terms"], body["why"]))


@blueprint.route("/v1/cases/<case>/consents", methods=["GET"])
@described(Shape("List the consents of a case", ConsentList, refuses=[NotHere]))
def list_consents(case: str) -> dict[str, Any]:
    """Give every consent with its state."""
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        return {"consents": [_consent(row) for row in consents.of_case(connection, case)]}


@blueprint.route("/v1/consent-requests/<question>/draft", methods=["POST"])
@described(
    Shape(
        "Draft the consent that a decision would make",
        Draft,
        body=DecisionBody,
        roles="portal",
        refuses=[NotHere, AlreadyDecided],
    )
)
def draft(question: str, body: dict[str, Any]) -> dict[str, Any]:
    """Give the document that a passkey is to sign; nothing is decided by it."""
    return {"document": acts.draft(edge().portal(), question, _decision(body))}


@blueprint.route("/v1/consent-requests/<question>/grant", methods=["POST"])
@described(
    Shape(
        "Bring the citizen's yes, vouched for by the sign-in",
        Posted,
        status=202,
        body=GrantBody,
        sends=True,
        roles="portal",
        refuses=[NotHere, AlreadyDecided, ProofRefused, NoSeat, ConsentDoesNotCover, UnknownConsent],
    )
)
def grant(question: str, body: dict[str, Any]) -> dict[str, str]:
    """Grant what was asked for, or less of it."""
    document = acts.draft(edge().portal(), question, _decision(body))
    proof = acts.portal_proof(body["acr"], body["auth_time"])
    return posted(acts.grant(edge().portal(), document, [proof]))


@blueprint.route("/v1/consents", methods=["POST"])
@described(
    Shape(
        "Bring a consent with its proofs",
        Posted,
        status=202,
        body=SignedGrantBody,
        sends=True,
        roles="portal",
        refuses=[NotHere, AlreadyDecided, ProofRefused, NoSeat, ConsentDoesNotCover, UnknownConsent],
    )
)
def grant_signed(body: dict[str, Any]) -> dict[str, str]:
    """Grant a drafted document that a passkey has signed."""
    return posted(acts.grant(edge().portal(), body["document"], body["proof"]))


@blueprint.route("/v1/consent-requests/<question>/refuse", methods=["POST"])
@described(
    Shape(
        "Bring the citizen's no",
        Posted,
        status=202,
        body=Empty,
        sends=True,
        roles="portal",
        refuses=[NotHere, AlreadyDecided],
    )
)
def refuse(question: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - a no needs no reason
    """Refuse; no reason is asked for."""
    return posted(acts.refuse(edge().portal(), question))


def _moves(summary: str) -> Shape:
    refuses = [NotHere, WrongTransition]
    return Shape(summary, Posted, status=202, body=Empty, sends=True, roles="portal", refuses=refuses)


@blueprint.route("/v1/consents/<consent>/withdraw", methods=["POST"])
@described(_moves("Take a consent back"))
def withdraw(consent: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - it needs no reason
    """Withdraw: no reason, no passkey."""
    return posted(acts.withdraw(edge().portal(), consent))


@blueprint.route("/v1/consents/<consent>/suspend", methods=["POST"])
@described(_moves("Pause a consent"))
def suspend(consent: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - it needs no reason
    """Pause: nothing moves until it is resumed."""
    return posted(acts.suspend(edge().portal(), consent))


@blueprint.route("/v1/consents/<consent>/resume", methods=["POST"])
@described(_moves("Let a paused consent go on"))
def resume(consent: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - it needs no reason
    """Resume."""
    return posted(acts.resume(edge().portal(), consent))


def _decision(body: dict[str, Any]) -> acts.Decision:
    return acts.Decision(
        shown_at=body["shown_at"],
        leave_out=tuple(body["leave_out"]),
        valid_until=body.get("valid_until"),
        notice=body.get("notice"),
        supersedes=body.get("supersedes"),
        preview=body["preview"],
    )


def _request(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    names = ("id", "case", "sender", "agreement", "state", "terms", "why")
    before = [each.id for each in consents.asked_before(connection, row)]
    return {**{name: getattr(row, name) for name in names}, "at": at(row.at), "asked_before": before}


def _consent(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "case", "status", "agreement", "purpose", "granted_index", "document")
    plain = {name: getattr(row, name) for name in names}
    return {**plain, "valid_until": at(row.valid_until), "status_at": at(row.status_at)}

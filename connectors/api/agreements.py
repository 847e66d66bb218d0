"""Agreements: which there are, proposing, signing, retiring."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Row

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import AnyJson, Empty, Posted, posted
from connectors.exchange import agreements as trust
from connectors.exchange.acts import agreements as acts
from connectors.exchange.store import agreements
from schemas.errors import BasisSwapped, NotAParty, Refusal, UnknownAgreement
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("agreements", __name__, description="Agreements between members.")


class AgreementLine(Strict):
    """An agreement in a list."""

    ref = ma.String(required=True)
    status = ma.String(required=True)
    signed_by_us = ma.Boolean(required=True)
    parties = ma.List(ma.String(), required=True)
    valid_until = ma.String(required=True)
    sha256 = ma.String(required=True)


class AgreementList(Strict):
    """The agreements known here."""

    agreements = ma.List(ma.Nested(AgreementLine), required=True)


class AgreementView(AgreementLine):
    """An agreement with its document."""

    document = ma.Dict(keys=ma.String(), required=True)


class ProposeBody(Strict):
    """The whole document."""

    agreement = AnyJson


class AgreementRef(Strict):
    """How the agreement is named."""

    agreement = ma.String(required=True)


class RetireBody(Strict):
    """Why it ends."""

    reason = fields.Text(longest=200, required=True)


@blueprint.route("/v1/agreements", methods=["GET"])
@described(Shape("List the agreements", AgreementList))
def list_agreements() -> dict[str, Any]:
    """Give every agreement that this connector has verified; one that was only proposed is looked at anew."""
    connector = edge().connector
    with connector.database.reading() as connection:
        proposed = [row.ref for row in agreements.everything(connection) if row.status == "proposed"]
    for ref in proposed:
        with suppress(Refusal):  # the list says what is known here, also without the coordinator
            trust.ensure(connector, ref)
    with connector.database.reading() as connection:
        return {"agreements": [_line(row) for row in agreements.everything(connection)]}


@blueprint.route("/v1/agreements", methods=["POST"])
@described(
    Shape(
        "Propose an agreement and sign it",
        AgreementRef,
        status=201,
        body=ProposeBody,
        sends=True,
        refuses=[NotAParty, BasisSwapped],
    )
)
def propose(body: dict[str, Any]) -> dict[str, str]:
    """Send the document to all its parties, with our signature."""
    return {"agreement": acts.propose(edge().connector, body.get("agreement", {}))}


@blueprint.route("/v1/agreements/<ref>", methods=["GET"])
@described(Shape("Read an agreement", AgreementView, refuses=[UnknownAgreement]))
def get_agreement(ref: str) -> dict[str, Any]:
    """Give an agreement with its document."""
    with edge().connector.database.reading() as connection:
        row = agreements.find(connection, ref)
    if row is None:
        raise UnknownAgreement(remedy="Only agreements that were fetched and verified here are shown.")
    return {**_line(row), "document": row.document}


@blueprint.route("/v1/agreements/<ref>/sign", methods=["POST"])
@described(
    Shape(
        "Sign an agreement",
        Posted,
        status=202,
        body=Empty,
        sends=True,
        refuses=[UnknownAgreement, NotAParty],
    )
)
def sign(ref: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - nothing is in the body
    """Sign what another party proposed, after it was fetched and checked here."""
    return posted(acts.sign(edge().connector, ref))


@blueprint.route("/v1/agreements/<ref>/retire", methods=["POST"])
@described(
    Shape(
        "Retire an agreement",
        Posted,
        status=202,
        body=RetireBody,
        sends=True,
        refuses=[UnknownAgreement, NotAParty],
    )
)
def retire(ref: str, body: dict[str, Any]) -> dict[str, str]:
    """End an agreement: what rests on it stops at once."""
    return posted(acts.retire(edge().connector, ref, body["reason"]))


def _line(row: Row[Any]) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "status": row.status,
        "signed_by_us": row.signed_by_us,
        "parties": [party["member"] for party in row.document["parties"]],
        "valid_until": row.document["valid_until"],
        "sha256": row.sha256,
    }

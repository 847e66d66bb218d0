"""Counter-offers: narrower terms that a citizen would agree to, made by the portal, taken by who asked."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import Empty, Posted, at, posted
from connectors.exchange.acts import consents as acts
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.store import cases, offers
from schemas.errors import NoSeat, RequestExpired, RequestReplaced
from schemas.messages.fields import Strict

blueprint = Blueprint("offers", __name__, description="Offering and taking narrower terms.")


class OfferLine(Strict):
    """Narrower terms for one request; `answer` is the request that asks for them."""

    id = ma.String(required=True)
    case = ma.String(required=True)
    request = ma.String(required=True)
    asker = ma.String(required=True)
    state = ma.String(required=True)
    answer = ma.String(required=True, allow_none=True)
    at = ma.String(required=True)
    terms = ma.Dict(keys=ma.String(), required=True)


class OfferList(Strict):
    """Offers of a case, oldest first."""

    offers = ma.List(ma.Nested(OfferLine), required=True)


class OfferBody(Strict):
    """The terms of the request with less in them; `nonce` may be left out."""

    terms = ma.Dict(keys=ma.String(), required=True)


@blueprint.route("/v1/cases/<case>/offers", methods=["GET"])
@described(Shape("List the counter-offers of a case", OfferList, refuses=[NotHere]))
def list_offers(case: str) -> dict[str, Any]:
    """Give what the citizen would agree to, and whether it was taken."""
    names = ("id", "case", "request", "asker", "state", "answer", "terms")
    with edge().connector.database.reading() as connection:
        cases.require(connection, case)
        found = offers.of_case(connection, case)
    return {"offers": [{**{name: getattr(row, name) for name in names}, "at": at(row.at)} for row in found]}


@blueprint.route("/v1/consent-requests/<question>/offer", methods=["POST"])
@described(
    Shape(
        "Offer narrower terms, as the citizen",
        Posted,
        status=202,
        body=OfferBody,
        sends=True,
        roles="portal",
        refuses=[NotHere, AlreadyDecided, NoSeat, RequestExpired, RequestReplaced],
    )
)
def offer(question: str, body: dict[str, Any]) -> dict[str, str]:
    """Offer less; it decides nothing, and the request stays open."""
    return posted(acts.offer(edge().portal(), question, body["terms"]))


@blueprint.route("/v1/offers/<offered>/accept", methods=["POST"])
@described(
    Shape(
        "Ask again for what was offered",
        Posted,
        status=202,
        body=Empty,
        sends=True,
        roles="agency",
        refuses=[NotHere, AlreadyDecided],
    )
)
def accept(offered: str, body: dict[str, Any]) -> dict[str, str]:  # noqa: ARG001 - the terms are those of the offer
    """Send the narrower request, in place of the one before."""
    return posted(acts.accept_offer(edge().agency(), offered))

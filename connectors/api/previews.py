"""Records that the citizen sees first: what waits for their word, and their word, as the portal brings it."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import Posted, at, posted
from connectors.exchange.acts import previews as acts
from connectors.exchange.errors import AlreadyDecided, NotHere
from schemas.errors import ConsentNotInForce
from schemas.messages import fields
from schemas.messages.fields import Strict
from schemas.messages.record_v1 import PASS_DECISIONS

blueprint = Blueprint("previews", __name__, description="Seeing records first, and passing them on.")


class PreviewLine(Strict):
    """A record that waits: from whom, asked for by whom, by which consent."""

    release = ma.String(required=True)
    statement = ma.String(required=True)
    request = ma.String(required=True)
    category = ma.String(required=True)
    source = ma.String(required=True)
    recipient = ma.String(required=True)
    consent = ma.String(required=True)
    at = ma.String(required=True)


class PreviewList(Strict):
    """What waits in a case, oldest first."""

    previews = ma.List(ma.Nested(PreviewLine), required=True)


class WordBody(Strict):
    """Whether it goes on to who asked."""

    decision = fields.Choice(*PASS_DECISIONS, required=True)


@blueprint.route("/v1/cases/<case>/previews", methods=["GET"])
@described(
    Shape("List the records that wait for the citizen's word", PreviewList, roles="portal", refuses=[NotHere])
)
def list_previews(case: str) -> dict[str, Any]:
    """Give what the citizen alone has seen so far."""
    names = ("release", "statement", "request", "category", "source", "recipient", "consent")
    found = acts.waiting_previews(edge().portal(), case)
    return {"previews": [{**{name: getattr(row, name) for name in names}, "at": at(row.at)} for row in found]}


@blueprint.route("/v1/releases/<release>/pass", methods=["POST"])
@described(
    Shape(
        "Pass a record on, or stop it",
        Posted,
        status=202,
        body=WordBody,
        sends=True,
        roles="portal",
        refuses=[NotHere, AlreadyDecided, ConsentNotInForce],
    )
)
def pass_on(release: str, body: dict[str, Any]) -> dict[str, str]:
    """Bring the citizen's word; it is said once, and no reason is asked for."""
    return posted(acts.pass_on(edge().portal(), release, body["decision"]))

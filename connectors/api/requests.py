"""Requests for records that this agency has to answer: which wait for a person, who it may be, and
deciding.
"""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields as ma
from sqlalchemy import Row

from connectors.api.describe import Shape, described
from connectors.api.edge import edge
from connectors.api.words import at
from connectors.exchange.errors import AlreadyDecided, NotHere
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.outgoing.asked import reread
from connectors.exchange.store import requests
from connectors.systems.faults import NotEnoughToIdentify, SystemFault
from schemas.messages import fields
from schemas.messages.fields import Strict

blueprint = Blueprint("requests", __name__, description="Requests that this agency answers.")
_STATES = ("received", "waiting", "needs_a_person", "approved", "denied", "answered", "failed")


class Filter(Strict):
    """Which requests."""

    state = fields.Choice(*_STATES, load_default="needs_a_person")


class AskedLine(Strict):
    """A request in a list."""

    id = ma.String(required=True)
    case = ma.String(required=True)
    sender = ma.String(required=True)
    categories = ma.List(ma.String(), required=True)
    state = ma.String(required=True)
    rule = ma.String(required=True, allow_none=True)
    reason = ma.String(required=True, allow_none=True)
    decided_by = ma.String(required=True, allow_none=True)
    at = ma.String(required=True)


class AskedList(Strict):
    """Requests, oldest first."""

    requests = ma.List(ma.Nested(AskedLine), required=True)


class Candidate(Strict):
    """Somebody in a system of ours whom the request may mean, to be compared by a person."""

    system = ma.String(required=True)
    identity = ma.Dict(keys=ma.String(), values=ma.String(), required=True)


class AskedView(AskedLine):
    """A request with what it asks, and whom it may mean. Personal data."""

    identify = ma.Dict(keys=ma.String(), values=ma.String(), required=True)
    why = ma.Dict(keys=ma.String(), values=ma.String(), required=True)
    candidates = ma.List(ma.Nested(Candidate), required=True)
    trouble = ma.List(ma.String(), required=True)


class DecideBody(Strict):
    """Yes or no, and who of the agency decided."""

    release = fields.Flag(required=True)
    by = fields.Pseudonym(required=True)


@blueprint.route("/v1/requests", methods=["GET"])
@described(Shape("List requests", AskedList, query=Filter, roles="agency"))
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """Give the requests in one state; without `state` those that wait for a person."""
    with edge().agency().database.reading() as connection:
        return {"requests": [_line(row) for row in requests.in_state(connection, query["state"])]}


@blueprint.route("/v1/requests/<asked>", methods=["GET"])
@described(Shape("Look at a request and whom it may mean", AskedView, roles="agency", refuses=[NotHere]))
def get_request(asked: str) -> dict[str, Any]:
    """Give the identity that was asked for beside the candidates of our own systems."""
    connector = edge().agency()
    with connector.database.reading() as connection:
        row = requests.find(connection, asked)
        if row is None:
            raise NotHere("There is no such request here.", request=asked)
        _, content = reread(connection, row)
    candidates: list[dict[str, Any]] = []
    trouble: list[str] = []
    for name, source in connector.sources.items():
        try:
            found = source.find(content["identify"])
            candidates += [{"system": name, "identity": source.identity(person)} for person in found]
        except NotEnoughToIdentify:
            continue  # this system is found by other attributes
        except SystemFault as fault:
            trouble.append(f"{name}: {fault.code}")
    shown = {"identify": content["identify"], "why": content["why"]}
    return {**_line(row), **shown, "candidates": candidates, "trouble": trouble}


@blueprint.route("/v1/requests/<asked>/decide", methods=["POST"])
@described(
    Shape("Decide on a request", None, body=DecideBody, sends=True, roles="agency", refuses=[AlreadyDecided])
)
def decide(asked: str, body: dict[str, Any]) -> None:
    """Release or decline; what goes out is checked again by consent, agreement and policy."""
    outgoing.decide(edge().agency(), asked, yes=body["release"], by=body["by"])


def _line(row: Row[Any]) -> dict[str, Any]:
    names = ("id", "case", "sender", "categories", "state", "rule", "reason", "decided_by")
    return {**{name: getattr(row, name) for name in names}, "at": at(row.at)}

"""The transparency log for anyone: checkpoint, tiles, entries and proofs (C2SP tlog-tiles), cacheable.

The C2SP addresses exist at the root as well, for witnesses and verifiers that know only the log's address.
"""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.database.engine import reading
from coordinator.http import reading as read
from coordinator.http.answer import json_answer
from coordinator.http.describe import BYTES, TEXT, describe
from coordinator.http.edge import edge
from coordinator.log import tiles
from schemas.errors import Invalid, LogBehind
from schemas.wire import INTEGER_LIMIT

blueprint = Blueprint("log", __name__, description="The log that anyone can check (RFC 9162, C2SP).")

_TILE_NAME = {"in": "path", "name": "name", "required": True, "schema": {"type": "string"}}
_TILE = (
    "A tile of hashes (`<L>/<N>[.p/<W>]`) or a bundle of entries (`entries/<N>[.p/<W>]`); it never changes."
)


def _count(minimum: int, words: str) -> fields.Integer:
    bounds = validate.Range(minimum, INTEGER_LIMIT)
    return fields.Integer(required=True, validate=bounds, metadata={"description": words})


class InclusionQuery(Schema):
    """Which entry, in the log of which size."""

    index = _count(0, "The entry's place.")
    size = _count(1, "The size of the log that the proof is for.")


class ConsistencyQuery(Schema):
    """From which size to which."""

    old = _count(0, "The earlier size.")
    new = _count(0, "The later size.")


class InclusionProof(Schema):
    """The audit path of RFC 9162 §2.1.3."""

    index = fields.Integer(required=True)
    size = fields.Integer(required=True)
    proof = fields.List(fields.String(), required=True)


class ConsistencyProof(Schema):
    """The consistency proof of RFC 9162 §2.1.4."""

    old = fields.Integer(required=True)
    new = fields.Integer(required=True)
    proof = fields.List(fields.String(), required=True)


@blueprint.route("/v1/log/checkpoint", endpoint="checkpoint")
@blueprint.route("/checkpoint", endpoint="checkpoint_at_root")
@describe(
    "Read the newest checkpoint",
    answers={200: ("A signed note (C2SP tlog-checkpoint).", {"text/plain": TEXT})},
    refuses=[LogBehind],
)
def checkpoint() -> Response:
    """Give the newest signed head of the log; it is at most a second old."""
    read.no_query(request)
    coordinator = edge().coordinator
    with reading(coordinator.engine) as connection:
        return _resource(tiles.checkpoint(connection, coordinator.guard, coordinator.tiles))


@blueprint.route("/v1/log/tile/<path:name>", endpoint="tile", parameters=[_TILE_NAME])
@blueprint.route("/tile/<path:name>", endpoint="tile_at_root", parameters=[_TILE_NAME])
@describe("Read a tile or a bundle of entries", answers={200: (_TILE, {tiles.BYTES: BYTES})})
def tile(name: str) -> Response:
    """Give hashes or entries in blocks of 256."""
    read.no_query(request)
    with reading(edge().coordinator.engine) as connection:
        return _resource(tiles.tile(connection, f"tile/{name}"))


@blueprint.route("/v1/log/proof")
@describe(
    "Prove that an entry is in the log",
    query=InclusionQuery,
    answers={200: ("The proof.", {read.JSON: InclusionProof})},
    refuses=[Invalid],
)
def inclusion() -> Response:
    """Give the hashes that lead from an entry to the root of a size."""
    asked = read.query(request, InclusionQuery())
    index, size = asked["index"], asked["size"]
    if index >= size:
        raise Invalid("The entry would stand behind the end of that log.", path="index")
    coordinator = edge().coordinator
    with reading(coordinator.engine) as connection:
        proof = tiles.inclusion(connection, index, size, coordinator.tiles)
    return _forever({"index": index, "size": size, "proof": [node.hex() for node in proof]})


@blueprint.route("/v1/log/consistency")
@describe(
    "Prove that the log only grew",
    query=ConsistencyQuery,
    answers={200: ("The proof.", {read.JSON: ConsistencyProof})},
    refuses=[Invalid],
)
def consistency() -> Response:
    """Give the hashes that show that the log of size `new` begins with the log of size `old`."""
    asked = read.query(request, ConsistencyQuery())
    old, new = asked["old"], asked["new"]
    if old > new:
        raise Invalid("The earlier size is the smaller one.", path="old")
    coordinator = edge().coordinator
    with reading(coordinator.engine) as connection:
        proof = tiles.consistency(connection, old, new, coordinator.tiles)
    return _forever({"old": old, "new": new, "proof": [node.hex() for node in proof]})


def _resource(found: tiles.Resource) -> Response:
    response = Response(found.data, content_type=found.content_type)
    response.headers["Cache-Control"] = found.cache_control
    return response


def _forever(value: dict[str, object]) -> Response:
    response = json_answer(value)
    response.headers["Cache-Control"] = tiles.FOREVER
    return response

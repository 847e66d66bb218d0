"""GET /v1/keys: the coordinator's and the log's public keys, for people to compare and connectors to pin."""

from __future__ import annotations

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.http.answer import json_answer
from coordinator.http.describe import describe
from coordinator.http.edge import edge
from coordinator.http.reading import JSON, no_query

blueprint = Blueprint("keys", __name__, description="Public keys of the coordinator and of its log.")


class PublicKey(Schema):
    """A public key of RFC 8037."""

    kty = fields.String(required=True, validate=validate.Equal("OKP"))
    crv = fields.String(required=True, validate=validate.OneOf(["Ed25519", "X25519"]))
    x = fields.String(required=True)


class CoordinatorKey(Schema):
    """A key that signs receipts, heads and access tokens."""

    kid = fields.String(required=True)
    jwk = fields.Nested(PublicKey, required=True)
    valid_from = fields.String(allow_none=True)
    valid_until = fields.String(allow_none=True)


class Keys(Schema):
    """All public keys, and the log's name."""

    coordinator = fields.List(fields.Nested(CoordinatorKey), required=True)
    log = fields.Nested(PublicKey, required=True)
    origin = fields.String(required=True)


@blueprint.route("/v1/keys")
@describe("Read the coordinator's public keys", answers={200: ("The keys.", {JSON: Keys})})
def keys() -> Response:
    """Give the keys. Compare their thumbprints over another channel before you pin them."""
    no_query(request)
    here = edge()
    return json_answer(
        {
            "coordinator": [
                {"kid": kid, "jwk": key.jwk} for kid, key in here.coordinator.verifying_keys.items()
            ],
            "log": here.coordinator.log_key.public.jwk,
            "origin": here.config.origin,
        }
    )

"""POST /v1/token: a signed assertion and a proof of the key, against a short token bound to that key."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, current_app, g, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from coordinator.database.engine import reading
from coordinator.http import access_token, proof
from coordinator.http import reading as read
from coordinator.http.authenticate import proof_header
from coordinator.http.authlib_tokens import ASSERTION_TYPE, Doors, MemberClient, TokenServer
from coordinator.http.describe import describe
from coordinator.http.edge import Edge, edge
from coordinator.http.seen import Window, once, take
from coordinator.register.members import Key, load_keys_of, load_members
from schemas.errors import Invalid, KeyNotInForce, Malformed, NotSignedIn

PATH = "/v1/token"
_FORM_LIMIT = 8 * 1024
_NAME = "accord.token_server"

blueprint = Blueprint("token", __name__, description="Signing in with one of the member's own keys.")


class TokenRequest(Schema):
    """The form of the token request; client_id may be left out, the assertion names the member."""

    grant_type = fields.String(required=True, validate=validate.Equal("client_credentials"))
    client_assertion_type = fields.String(required=True, validate=validate.Equal(ASSERTION_TYPE))
    client_assertion = fields.String(required=True)
    client_id = fields.String()


class TokenAnswer(Schema):
    """The token, for ten minutes, good only with a proof of the key."""

    access_token = fields.String(required=True)
    token_type = fields.String(required=True, validate=validate.Equal("DPoP"))
    expires_in = fields.Integer(required=True)


@blueprint.route(PATH, methods=["POST"])
@describe(
    "Ask for an access token",
    body={read.FORM: TokenRequest},
    headers=[{"in": "header", "name": "DPoP", "required": True, "schema": {"type": "string"}}],
    answers={200: ("The token.", {read.JSON: TokenAnswer})},
    refuses=[Invalid, NotSignedIn],
)
def token() -> Response:
    """Check the proof and the assertion, then sign a token that only the holder of that key can use."""
    here = edge()
    now = here.now()
    per_address = Window("token", here.config.rates.tokens_per_address_per_minute, 60)
    take(here.coordinator, per_address, request.remote_addr or "", now=now)
    read.no_query(request)
    _check_form()
    g.proof = proof.check(proof_header(request), method="POST", address=here.address(PATH), now=now)
    server: TokenServer = current_app.extensions[_NAME]
    answer = server.answer()
    # Only now, so that only members write; a proof that was used before gets no token, whoever shows it.
    once(here.coordinator, g.proof.once, until_ms=g.proof.until_ms)
    return answer


def attach(app: Flask) -> None:
    """Make the token server of this application."""
    app.extensions[_NAME] = TokenServer(app, _doors(edge(app)))


def _check_form() -> None:
    """Read the form with a limit; refuse names that are unknown or given twice."""
    read.body(request, content_type=read.FORM, limit=_FORM_LIMIT, keep=True)
    pairs = list(request.form.items(multi=True))
    if len(pairs) != len(dict(pairs)):
        raise Malformed("A parameter is given twice.")
    read.checked(TokenRequest(), dict(pairs))


def _doors(here: Edge) -> Doors:
    issuer, lifetime = here.config.public_url, here.config.token_ttl_s

    def sign(member: str, jkt: str, kid: str) -> str:
        grant = access_token.Grant(member, jkt, kid)
        return access_token.issue(
            grant, issuer=issuer, key=here.coordinator.key, now=here.now(), lifetime_s=lifetime
        )

    def remember(name: str, until_ms: int) -> None:
        once(here.coordinator, name, until_ms=until_ms)

    return Doors(
        audiences=(issuer, here.address(PATH)),
        client=lambda member: _client(here, member),
        once=remember,
        token=sign,
        lifetime_s=lifetime,
        now=here.now,
    )


def _client(here: Edge, member: str) -> MemberClient | None:
    """Look a member up with the signing keys that are in force; None when it does not take part."""
    now = here.now()
    with reading(here.coordinator.engine) as connection:
        found = load_members(connection, [member]).get(member)
        keys = load_keys_of(connection, [member])
    if found is None or found.status != "active":
        return None
    return MemberClient(member, {kid: key.jwk for kid, key in keys.items() if _signs(key, now)})


def _signs(key: Key, now: datetime) -> bool:
    try:
        key.check_in_force(use="sign", at=now, now=now)
    except KeyNotInForce:
        return False
    return True

"""From token to member: who asks, proved by a key of theirs that is in force now.

Takes a request, gives the member's id and keeps it in `g.member`; raises NotSignedIn. What the member may see
is decided by the route's own flow.
"""

from __future__ import annotations

from datetime import datetime

from flask import Request, g
from sqlalchemy import Connection

from coordinator.database.engine import reading
from coordinator.http import access_token, proof
from coordinator.http.edge import edge
from coordinator.http.seen import once
from coordinator.register.members import load_keys, load_members
from schemas.errors import KeyNotInForce, MemberNotActive, NotSignedIn


def sign_in(request: Request) -> str:
    """Check who asks.

    1. the scheme is DPoP                              (a bound token used as a bearer token)
    2. the token is ours, for us, in time, bound       (forged, foreign, expired tokens)
    3. the proof is for this request and this token    (proofs moved, made ahead, replayed later)
    4. the proof's key is the one the token is bound to
    5. the member takes part, and its key that asked
       for the token is in force, now                  (stolen keys, members that left)
    6. the proof was not used before                   (replay); last, so that only members write
    """
    here = edge()
    now = here.now()
    token = _token(request)
    grant = access_token.check(
        token, issuer=here.config.public_url, keys=here.coordinator.verifying_keys, now=now
    )
    shown = proof.check(
        proof_header(request),
        method=request.method,
        address=here.address(request.path),
        now=now,
        access_token=token,
    )
    if shown.jkt != grant.jkt:
        raise NotSignedIn("The access token is bound to another key.", error="invalid_token")
    with reading(here.coordinator.engine) as connection:
        check_in_force(connection, grant.member, grant.kid, now)
    once(here.coordinator, shown.once, until_ms=shown.until_ms)
    g.member = grant.member
    return grant.member


def check_in_force(connection: Connection, member: str, kid: str, now: datetime) -> None:
    """Raise NotSignedIn unless the member takes part and the key is one it signs with, now."""
    members, keys = load_members(connection, [member]), load_keys(connection, [kid])
    if member not in members or kid not in keys or keys[kid].member != member:
        raise NotSignedIn("The key is not one of this member.")
    try:
        members[member].check_active()
        keys[kid].check_in_force(use="sign", at=now, now=now)
    except (MemberNotActive, KeyNotInForce) as error:
        raise NotSignedIn("The key or its member is not in force any more.") from error


def proof_header(request: Request) -> str:
    """Give the one DPoP header."""
    shown = request.environ.get("HTTP_DPOP")
    if not isinstance(shown, str):
        raise NotSignedIn(
            "The DPoP header is missing.",
            remedy="Send a proof with each request (RFC 9449).",
            error="invalid_dpop_proof",
        )
    return shown


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "dpop" or not token:
        raise NotSignedIn(
            "The Authorization header is not a DPoP access token.",
            remedy="Ask for a token at /v1/token and send it as: Authorization: DPoP <token>.",
        )
    return token

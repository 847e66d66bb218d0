"""The token endpoint's server: OAuth 2 client credentials with private_key_jwt, by Authlib (RFC 6749, 7523).

The only file that calls Authlib. Takes a form that was read and a DPoP proof that was checked, gives a token
answer or raises NotSignedIn. Members are the clients; their signing keys are the credentials.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from flask import Flask, Response, g, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from schemas.errors import NotSignedIn, Refusal
from schemas.signed import KID
from schemas.wire import b64u, parse, split_compact, unb64u

__all__ = ["ASSERTION_TYPE", "Doors", "MemberClient", "TokenServer"]

METHOD = "private_key_jwt"
LIFETIME_S = 300
"""Seconds that an assertion may be good for: longer ones would be kept."""
LEEWAY_S = 60
_ASSERTION_LIMIT = 4096
_TYPES = frozenset({None, "JWT", "client-authentication+jwt"})
"""`typ` of an assertion: none or JWT (RFC 7523), or the explicit one of its revision."""


@dataclass(frozen=True, slots=True)
class MemberClient(ClientMixin):
    """A member as OAuth sees one: its id and the signing keys that are in force."""

    client_id: str
    keys: Mapping[str, Mapping[str, str]]

    def get_client_id(self) -> str:
        """Give the member's id."""
        return self.client_id

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Allow signed assertions at the token endpoint, nothing else."""
        return method == METHOD and endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        """Allow client credentials, nothing else."""
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: Collection[str] | str) -> str:  # noqa: ARG002 - Authlib's signature
        """Give no scope: what a member may do is decided for each request."""
        return ""


@dataclass(frozen=True, slots=True)
class Doors:
    """What the server needs from the coordinator: look a member up, remember, and sign."""

    audiences: tuple[str, ...]
    client: Callable[[str], MemberClient | None]
    once: Callable[[str, int], None]
    token: Callable[[str, str, str], str]
    lifetime_s: int
    now: Callable[[], datetime]


class _Assertion(JWTBearerClientAssertion):
    """Checks a client assertion: Ed25519 only, known header, known key, short life, used once."""

    CLIENT_AUTH_METHOD = METHOD  # type: ignore[misc]  # meant to be replaced, though the stubs say Final

    def __init__(self, doors: Doors) -> None:
        super().__init__(leeway=LEEWAY_S)
        self._doors = doors

    def get_audiences(self) -> list[str]:
        return list(self._doors.audiences)

    def resolve_client_public_key(self, client: MemberClient) -> KeySet:
        return KeySet([OKPKey.import_key({**jwk, "kid": kid}) for kid, jwk in client.keys.items()])

    def extract_assertion(self, assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read header and claims strictly, before any key is looked up."""
        try:
            header_text, claims_text, signature = split_compact(assertion.encode(), 3, limit=_ASSERTION_LIMIT)
            header, claims = parse(unb64u(header_text)), parse(unb64u(claims_text))
            unb64u(signature)
        except Refusal as error:
            raise InvalidClientError(description="The assertion is not a strict compact JWT.") from error
        kid = header.get("kid")
        if (
            header.get("alg") != "Ed25519"
            or header.get("typ") not in _TYPES
            or set(header) - {"alg", "typ", "kid"}
        ):
            raise InvalidClientError(description="The header is alg Ed25519, kid and typ JWT, nothing else.")
        if not isinstance(kid, str) or not KID.fullmatch(kid):
            raise InvalidClientError(description="The kid is a SHA-256 thumbprint (RFC 7638).")
        return header, claims

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Verify with the one algorithm (the library's own default is RS256, ES256 and HS256)."""
        try:
            token = jwt.decode(assertion, resolve_key, algorithms=["Ed25519"])
        except (JoseError, ValueError) as error:
            raise InvalidClientError(description="The signature fits no key of this member.") from error
        g.signed_with = token.header["kid"]
        self.verify_claims(token.claims)
        return token.claims

    def verify_claims(self, claims: Mapping[str, Any]) -> None:
        """Check issuer, subject, audience, time and single use, by the coordinator's clock.

        1. iss and sub are the member, aud is this server    (assertions for others)
        2. it has begun, has not ended, and ends soon        (old and long-lived assertions)
        3. it was not used before; last, so that only members write
        """
        now = int(self._doors.now().timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=LEEWAY_S,
            iss={"essential": True},
            sub={"essential": True},
            aud={"essential": True, "values": self.get_audiences()},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except JoseError as error:
            raise InvalidClientError(description=f"{error.description}.") from error
        if claims["sub"] != claims["iss"]:
            raise InvalidClientError(description="Issuer and subject are the member itself.")
        if type(claims["exp"]) is not int or claims["exp"] > now + LIFETIME_S + LEEWAY_S:
            raise InvalidClientError(description=f"An assertion is good for at most {LIFETIME_S} s.")
        if not self.validate_jti(claims, claims["jti"]):
            raise InvalidClientError(description="The jti is a text that was never used before.")

    def validate_jti(self, claims: Mapping[str, Any], jti: object) -> bool:
        if not isinstance(jti, str) or not jti:
            return False
        name = b64u(hashlib.sha256(f"assertion\0{claims['sub']}\0{jti}".encode()).digest())
        self._doors.once(name, (int(claims["exp"]) + LEEWAY_S + 1) * 1000)
        return True


class _Grant(ClientCredentialsGrant):
    """Client credentials, for members that sign with their own keys and for nobody else."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)


class TokenServer(AuthorizationServer):
    """Authlib's server, with our tokens and with refusals in the place of OAuth's error documents."""

    def __init__(self, app: Flask, doors: Doors) -> None:
        super().__init__(app, query_client=doors.client, save_token=_keep_nothing)
        self._doors = doors
        generate: Any = self._generate  # the stubs ask for a class of Authlib's, the code for a function
        self.register_token_generator("default", generate)
        self.register_client_auth_method(METHOD, _Assertion(doors))
        self.register_grant(_Grant)

    def answer(self) -> Response:
        """Answer the request at hand, whose DPoP proof is in `g.proof`."""
        response: Any = self.create_token_response()  # handle_response() makes it Flask's
        if not isinstance(response, Response):
            raise TypeError("The token server gave no response.")
        return response

    def handle_error_response(self, request: object, error: OAuth2Error) -> NoReturn:  # noqa: ARG002 - Authlib's signature
        """Turn OAuth's errors into the one shape that all errors have; `error` keeps OAuth's name."""
        raise NotSignedIn(
            error.description or "The token request was refused.",
            remedy="Sign a fresh assertion with a key of yours in force (RFC 7523), aud = this address.",
            error=error.error or "invalid_request",
        )

    def _generate(self, *, client: MemberClient, **_options: object) -> dict[str, object]:
        if request.form.get("client_id", client.client_id) != client.client_id:
            raise InvalidClientError(description="The form names another client than the assertion.")
        token = self._doors.token(client.client_id, g.proof.jkt, g.signed_with)
        return {"access_token": token, "token_type": "DPoP", "expires_in": self._doors.lifetime_s}


def _keep_nothing(token: object, request: object) -> None:
    """Tokens speak for themselves; none is stored."""

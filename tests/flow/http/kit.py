"""A coordinator in a folder and members that talk to it, for tests at the HTTP edge.

Everything is real: settings, keys, database, application. Only the clock can be set.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from coordinator.app import create_app
from coordinator.cli import coordinator
from coordinator.commands.register import new_code
from coordinator.commands.setup import found
from coordinator.config import Config, from_mapping
from coordinator.database.engine import writing
from coordinator.database.tables import enrolment_codes
from coordinator.http.edge import edge
from coordinator.register.codes import code_key
from schemas import instant, message
from schemas.keys import SealingKey, SigningKey
from schemas.messages.envelope import compose
from schemas.messages.member_v1 import code_proof
from schemas.seal import open_sealed
from schemas.wire import b64u
from tests.placed import placing

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PUBLIC_URL = "https://accord.example.org"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


def settings(folder: Path, database_url: str, **changed: Any) -> Config:
    """Make settings for a coordinator in a folder."""
    values = {
        "database_url": database_url,
        "origin": "accord.example.org/log",
        "name": "Test",
        "keys_dir": "keys",
        "bind": "127.0.0.1:0",
        "public_url": PUBLIC_URL,
        **changed,
    }
    return from_mapping(values, source="test", folder=folder)


def application(folder: Path, database_url: str, clock: Clock | None = None, **changed: Any) -> Flask:
    """Found a coordinator and make its application, with its threads running."""
    config = settings(folder, database_url, **changed)
    found(config)
    return placing(create_app(config, started=True, now=clock or instant.now))


def initialised(folder: Path, database_url: str, *words: str) -> Result:
    """Make a coordinator's folder as its operator does, by `accord coordinator init`."""
    return CliRunner().invoke(coordinator, ["init", str(folder), "--database-url", database_url, *words])


def jwt(header: Mapping[str, Any], claims: Mapping[str, Any], key: SigningKey) -> str:
    """Sign any header and claims, also such as no library would."""
    text = ".".join(b64u(json.dumps(part).encode()) for part in (header, claims))
    return f"{text}.{b64u(key.sign(text.encode()))}"


@dataclass
class Party:
    """A member with its keys, talking to an application by a test client."""

    id: str
    app: Flask
    clock: Clock
    kind: str = "public"
    sign: SigningKey = field(default_factory=SigningKey.generate)
    seal: SealingKey = field(default_factory=SealingKey.generate)
    dpop: SigningKey = field(default_factory=SigningKey.generate)

    @property
    def public_url(self) -> str:
        return edge(self.app).config.public_url

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    # --- enrolling ---------------------------------------------------------------------------------

    def invite(self) -> str:
        """Let the operator make a code."""
        code = new_code()
        until = instant.to_ms(self.clock() + timedelta(days=7))
        row = {"key_hash": code_key(code), "member": self.id, "kind": self.kind, "expires_at": until}
        with writing(edge(self.app).coordinator.engine) as connection:
            connection.execute(insert(enrolment_codes), row)
        return code

    def challenge(self) -> bytes:
        """Ask for a challenge and open it."""
        said = self.client.post("/v1/members/challenge", json={"seal": self.seal.public.jwk})
        assert said.status_code == 200, said.text
        (sender,) = edge(self.app).coordinator.verifying_keys
        return open_sealed(said.get_json()["jwe"], keys={self.seal.public.kid: self.seal}, sender_kid=sender)

    def enrolment(self, code: str, challenge: bytes | None = None) -> bytes:
        """Write the message with which the member enrols."""
        now = self.clock()
        body = {
            "member": {"id": self.id, "kind": self.kind, "name": self.id.title()},
            "keys": {
                "sign": self.sign.public.jwk,
                "seal": self.seal.public.jwk,
                "valid_from": instant.format(now - timedelta(days=1)),
                "valid_until": instant.format(now + timedelta(days=365)),
            },
            "code_proof": code_proof(code, sign_kid=self.sign.kid, seal_kid=self.seal.public.kid),
            "challenge": b64u(challenge if challenge is not None else self.challenge()),
        }
        return self.message("member.enrol/1", body=body)

    def enrol(self) -> Party:
        """Enrol; the coordinator must agree."""
        said = self.client.post(
            "/v1/members", data=self.enrolment(self.invite()), content_type="application/jose"
        )
        assert said.status_code == 201, said.text
        return self

    # --- messages ----------------------------------------------------------------------------------

    def message(self, type_name: str, *, to: list[str] | None = None, **fields: Any) -> bytes:
        """Sign a message."""
        fields.setdefault("at", self.clock())
        payload = compose(type=type_name, sender=self.id, to=to or ["coordinator"], **fields)
        return message.sign(payload, self.sign)

    def post(self, raw: bytes) -> TestResponse:
        """Hand one message over."""
        return self.client.post("/v1/messages", data=raw, content_type="application/jose")

    # --- signing in --------------------------------------------------------------------------------

    def assertion(
        self, *, key: SigningKey | None = None, head: Mapping[str, Any] | None = None, **claims: Any
    ) -> str:
        """Sign the JWT of private_key_jwt."""
        key = key or self.sign
        now = int(self.clock().timestamp())
        body = {
            "iss": self.id,
            "sub": self.id,
            "aud": f"{self.public_url}/v1/token",
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
            **claims,
        }
        header = {"alg": "Ed25519", "typ": "JWT", "kid": key.kid, **(head or {})}
        return jwt(header, {name: value for name, value in body.items() if value is not None}, key)

    def proof(
        self,
        method: str,
        path: str,
        token: str | None = None,
        *,
        key: SigningKey | None = None,
        **claims: Any,
    ) -> str:
        """Sign a DPoP proof."""
        key = key or self.dpop
        body = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": self.public_url + path,
            "iat": int(self.clock().timestamp()),
            **claims,
        }
        if token is not None:
            body["ath"] = b64u(hashlib.sha256(token.encode()).digest())
        return jwt({"typ": "dpop+jwt", "alg": "Ed25519", "jwk": key.public.jwk}, body, key)

    def ask_token(
        self, *, assertion: str | None = None, proof: str | None = None, **form: str
    ) -> TestResponse:
        """Ask for an access token."""
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
            **form,
        }
        headers = {"DPoP": proof or self.proof("POST", "/v1/token")}
        return self.client.post("/v1/token", data=data, headers=headers)

    def token(self) -> str:
        """Get an access token."""
        said = self.ask_token()
        assert said.status_code == 200, said.text
        token: str = said.get_json()["access_token"]
        return token

    def headers(self, method: str, path: str, token: str | None = None) -> dict[str, str]:
        """Give the two headers of a signed-in request."""
        token = token or self.token()
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, path, token)}

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        """Send a signed-in request."""
        return self.client.open(path, method=method, headers=self.headers(method, path), **options)

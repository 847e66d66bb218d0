"""The local API of real connectors in one process: a client with the right token for each member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from connectors.api.app import create_app
from connectors.config import Limits
from connectors.evidence.log_source import HttpLog
from tests.flow.exchange.world import URL, World

TOKEN = "a-token-that-is-long-enough-for-the-local-api"


@dataclass
class Caller:
    """The agency's own software, which knows the token."""

    app: Flask
    token: str | None = TOKEN

    def ask(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **options: Any
    ) -> TestResponse:
        """Send one request."""
        headers = dict(options.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None or method == "POST":
            options.setdefault("json", body if body is not None else {})
        return self.app.test_client().open(path, method=method, headers=headers, **options)

    def get(self, path: str) -> Any:
        """Read something that must be there."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def post(self, path: str, body: Any = None, *, status: int = 202, key: str | None = None) -> Any:
        """Have something done that must succeed."""
        answer = self.ask("POST", path, body, key=key)
        assert answer.status_code == status, answer.text
        return answer.json if answer.data else None

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Ask for something that must be refused; give status and code."""
        answer = self.ask(method, path, body, **options)
        assert answer.mimetype == "application/problem+json", answer.text
        assert answer.json is not None
        assert answer.json["status"] == answer.status_code
        return answer.status_code, answer.json["code"]


def caller(world: World, member: str, **limits: int) -> Caller:
    """Make the local API of one member."""
    app = create_app(
        world.members[member],
        token=TOKEN,
        log=HttpLog(URL, world.session(member)),
        limits=Limits(**limits),
    )
    return Caller(app)

"""Visits to the portal's pages without a browser: real application, sessions and protection of forms.

pages = Pages(world.members[PORTAL], settings)      # open_portal and create_portal
visit = pages.visit(account)                        # a client that is signed in to this account
visit.get("/home"); visit.post("/join/", code="…")  # the form's token is fetched and sent along
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from connectors.exchange.connector import Connector
from connectors.pages.sessions import Kept, hashed
from connectors.portal.app import create_portal
from connectors.portal.opening import open_portal
from connectors.portal.portal import Portal
from connectors.portal.sessions import Sessions
from connectors.portal.settings import OidcSettings, PortalSettings
from schemas.instant import to_ms

ORIGIN = "http://localhost:8760"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def settings(folder: Path, **changed: Any) -> PortalSettings:
    """Make the settings of a portal in a folder."""
    (folder / "oidc-secret").write_text("sample")
    values: dict[str, Any] = {
        "public_url": ORIGIN,
        "name": {"en": "Sample portal", "fr": "Portail exemple"},
        "contact": {"phone": "0800 000 000"},
        "oidc": OidcSettings(
            issuer="http://localhost:9400",
            client_id="accord-portal",
            client_secret_file=folder / "oidc-secret",
            name={"en": "Sample sign-in", "fr": "Connexion exemple"},
        ),
    }
    return PortalSettings(**(values | changed))


@dataclass
class Visit:
    """One visitor's browser, more or less."""

    client: FlaskClient
    address: str = "203.0.113.7"
    _token: str | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, environ_overrides={"REMOTE_ADDR": self.address}, **options)

    def token(self) -> str:
        """Give the token that forms of this session carry."""
        if self._token is None:
            found = _TOKEN.search(self.get("/sign-in").text)
            assert found is not None, "no form on the page"
            self._token = found[1]
        return self._token

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form; `fields` may hold lists."""
        data = {"csrf_token": self.token(), **fields}
        return self.client.post(path, data=data, environ_overrides={"REMOTE_ADDR": self.address})


@dataclass
class Pages:
    """The pages of one portal."""

    connector: Connector
    settings: PortalSettings
    folder: Path
    made: Portal = field(init=False)
    app: Flask = field(init=False)

    def __post_init__(self) -> None:
        """Open them."""
        self.made, secret = open_portal(self.connector, self.settings, self.folder)
        self.app = create_portal(self.made, secret=secret)

    def visit(self, account: str | None = None, **said: Any) -> Visit:
        """Give a client, signed in to an account just now if one is named; `said` goes into its session."""
        client = self.app.test_client()
        if account is not None:
            held, now = secrets.token_urlsafe(32), self.connector.clock()
            data = {"account": account, "acr": "substantial", "auth_time": to_ms(now), **said}
            Sessions(self.connector.database).save(hashed(held), Kept(data, now + timedelta(hours=8)), now)
            client.set_cookie("session", held)
        return Visit(client)

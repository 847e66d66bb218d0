"""Opens a portal on an open connector: tables, brand, sign-in, and the secret that its processes share."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from connectors.errors import ConfigRefused
from connectors.exchange.connector import Connector
from connectors.pages.brand import Brand
from connectors.pages.live import Places
from connectors.pages.sign_in import Provider
from connectors.pages.throttle import Throttle
from connectors.portal.portal import Portal
from connectors.portal.sessions import Attempts
from connectors.portal.settings import PortalSettings
from connectors.portal.store.database import bring_up_to_date

_SHARED_FILE: Final = "pages-secret"
_SECRET_BYTES: Final = 32


def open_portal(connector: Connector, settings: PortalSettings, keys: Path) -> tuple[Portal, str]:
    """Give the portal, and the secret that protects its forms; every process on these keys has the same."""
    bring_up_to_date(connector.database)
    secret = _secret(keys)
    made = Portal(
        connector=connector,
        settings=settings,
        brand=_brand(settings),
        provider=_provider(settings),
        throttle=Throttle(Attempts(connector.database), secret.encode()),
        places=Places(settings.live_connections),
    )
    return made, secret


def _brand(settings: PortalSettings) -> Brand:
    if settings.logo is not None and not settings.logo.is_file():
        raise ConfigRefused(
            f"There is no logo {settings.logo}.", remedy="Correct portal.logo, or leave it out."
        )
    return Brand(
        name=settings.name,
        colour=settings.colour,
        logo=None if settings.logo is None else str(settings.logo),
        exit_url=settings.exit_url,
        contact=settings.contact,
    )


def _provider(settings: PortalSettings) -> Provider:
    oidc = settings.oidc
    try:
        secret = oidc.client_secret()
    except OSError as error:
        raise ConfigRefused(
            f"The secret of the sign-in cannot be read from {oidc.client_secret_file}.",
            remedy="Write there what the identity provider gave you, readable by this account alone.",
        ) from error
    return Provider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=secret,
        scope=oidc.scope,
        acr_values=oidc.acr_step_up,
        name=oidc.name,
    )


def _secret(keys: Path) -> str:
    """Read the secret, or make it in a new file that only its owner reads."""
    path = keys / _SHARED_FILE
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(_SECRET_BYTES))
    return path.read_text("ascii").strip()

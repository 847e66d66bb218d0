"""One citizens' portal: the connector that holds the citizens' seats, its settings, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flask import Flask, current_app

from connectors.exchange.connector import Connector
from connectors.pages.brand import Brand
from connectors.pages.live import Places
from connectors.pages.sign_in import Provider
from connectors.pages.throttle import Throttle
from connectors.portal.settings import PortalSettings

_NAME: Final = "accord.portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """What every page of the portal can reach."""

    connector: Connector
    settings: PortalSettings
    brand: Brand
    provider: Provider
    throttle: Throttle
    places: Places = field(default_factory=lambda: Places(16))

    def now(self) -> datetime:
        """Give the time by the connector's clock."""
        return self.connector.clock()

    @property
    def origin(self) -> str:
        """Scheme, host and port of the pages: where passkeys are made and used."""
        return self.settings.public_url.rstrip("/")


def attach(app: Flask, made: Portal) -> None:
    """Put it where `portal` finds it."""
    app.extensions[_NAME] = made


def portal() -> Portal:
    """Give the portal of the application that answers now."""
    found: Portal = current_app.extensions[_NAME]
    return found

"""Brings the portal's tables to a version, in a database that the connector has opened."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Engine

from connectors.exchange.store import migrate as connectors

_PORTALS: Final = "connectors.portal.store:migrations"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the migrations up to `revision`, or all the way down to `base`."""
    connectors.migrate(engine, revision, _PORTALS)


def newest() -> str | None:
    """Give the last version that there are migrations for."""
    return connectors.newest(_PORTALS)

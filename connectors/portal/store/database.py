"""Brings the portal's tables up to date in the connector's database; opens and knows no other."""

from __future__ import annotations

from typing import Final

from sqlalchemy import inspect, text

from connectors.exchange.store.database import Database

NEWEST: Final = "0004"
"""The last file of `migrations/versions/`; a test holds the two together."""


def bring_up_to_date(database: Database) -> None:
    """Make the portal's tables, or bring those of an earlier version to this one."""
    with database.reading() as connection:
        known = inspect(connection).has_table("portal_version")
        version = connection.scalar(text("SELECT version_num FROM portal_version")) if known else None
    if version != NEWEST:
        from connectors.portal.store.migrate import migrate  # noqa: PLC0415 - half a second that most starts save

        migrate(database.engine)

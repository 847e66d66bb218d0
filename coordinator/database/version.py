"""Which version of the tables a database has, told without the migration tool, which is slow to load.

The newest version is written down here; a test holds it to the migrations themselves.
"""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text

from coordinator.database.engine import reading

NEWEST = "0003"
"""The last file of `migrations/`."""
_VERSION = text("SELECT version_num FROM alembic_version")


class NotMigrated(Exception):
    """The database is not at the version that this program needs."""


def version_of(engine: Engine) -> str | None:
    """Give the version that the database is at, None for an empty one."""
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        version: str | None = connection.scalar(_VERSION)
        return version


def check_version(engine: Engine) -> None:
    """Raise NotMigrated unless the database is at the newest version."""
    if version_of(engine) != NEWEST:
        raise NotMigrated(f"The database is not at version {NEWEST}: run `accord coordinator migrate`.")

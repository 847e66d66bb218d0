"""Brings a database to a version of the tables.

Takes an engine; needs no alembic.ini. The steps themselves are in `migrations/`, in the order of their
numbers. After a step forward PostgreSQL's statistics are refreshed: a plan that was made while a table was
empty would go on reading the whole table.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from coordinator.database.engine import is_postgresql, writing
from coordinator.database.version import NEWEST, version_of

_HERE = Path(__file__).parent


def upgrade(engine: Engine, version: str = "head") -> None:
    """Go forward to a version; where the database is at the newest already, nothing is done."""
    if version == "head" and version_of(engine) == NEWEST:
        return
    with writing(engine) as connection:
        command.upgrade(_config(connection), version)
    with writing(engine) as connection:
        if is_postgresql(connection):
            connection.exec_driver_sql("ANALYZE")


def downgrade(engine: Engine, version: str) -> None:
    """Go back to a version; `base` removes everything."""
    with writing(engine) as connection:
        command.downgrade(_config(connection), version)


def newest() -> str | None:
    """Give the last version that there are migrations for."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "alembic"))
    config.set_main_option("version_locations", str(_HERE / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    return config

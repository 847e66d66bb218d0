"""Brings a database to a version of its tables, by a folder of migrations; the connector's unless told."""

from __future__ import annotations

from typing import Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

CONNECTORS: Final = "connectors.exchange.store:migrations"


def migrate(engine: Engine, revision: str = "head", scripts: str = CONNECTORS) -> None:
    """Run the migrations up to `revision`, or all the way down to `base`."""
    config = _config(scripts)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


def newest(scripts: str = CONNECTORS) -> str | None:
    """Give the last version that there are migrations for."""
    return ScriptDirectory.from_config(_config(scripts)).get_current_head()


def _config(scripts: str) -> Config:
    config = Config()
    config.set_main_option("script_location", scripts)
    config.set_main_option("path_separator", "os")
    return config

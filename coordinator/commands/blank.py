"""A coordinator in an empty folder, for its description alone."""

from __future__ import annotations

from pathlib import Path

from coordinator.app import create_app
from coordinator.commands.setup import found
from coordinator.config import from_mapping
from coordinator.http.edge import edge
from coordinator.http.openapi import of


def blank_description(folder: Path) -> str:
    """Describe an application with keys and database of its own in this folder."""
    values = {
        "database_url": "sqlite:///blank.sqlite3",
        "origin": "blank.invalid/log",
        "name": "Blank",
        "keys_dir": "keys",
        "bind": "127.0.0.1:0",
        "public_url": "https://blank.invalid",
    }
    config = from_mapping(values, source="the blank settings", folder=folder)
    found(config)
    app = create_app(config)
    edge(app).coordinator.engine.dispose()
    return of(app)

"""Databases at the newest version, empty or with a world in them, on both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from coordinator.database.engine import open_database
from coordinator.database.migrate import upgrade
from tests.conftest import MakeDatabase
from tests.factories import World, make_world


def prepare(url: str) -> None:
    """Bring a database to the newest version."""
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture
def migrated_url(make_database: MakeDatabase) -> str:
    """Give the URL of an empty database at the newest version."""
    return make_database(prepared_by=prepare)


@pytest.fixture
def engine(migrated_url: str) -> Iterator[Engine]:
    """Give an engine on an empty database at the newest version."""
    opened = open_database(migrated_url)
    yield opened
    opened.dispose()


@pytest.fixture
def world(tmp_path: Path, migrated_url: str) -> Iterator[World]:
    """Give a world."""
    made = make_world(tmp_path, migrated_url)
    yield made
    made.stop()

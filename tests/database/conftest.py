"""Databases at the newest version, empty or with a world in them, on both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from coordinator.database.engine import open_database
from tests.factories import World, make_world


@pytest.fixture
def migrated_url(coordinator_url: str) -> str:
    """Give the URL of an empty database at the newest version."""
    return coordinator_url


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

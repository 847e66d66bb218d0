"""The log as a fixture, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coordinator.database.engine import open_database
from tests.conftest import MakeDatabase
from tests.unit.log.world import Log, prepare


@pytest.fixture
def log(make_database: MakeDatabase, tmp_path: Path) -> Iterator[Log]:
    """Give a founded, empty log."""
    engine = open_database(make_database(prepared_by=prepare))
    yield Log(engine, tmp_path)
    engine.dispose()

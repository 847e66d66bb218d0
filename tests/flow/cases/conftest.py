"""The fixtures of the cases's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.flow.exchange.world import World


@pytest.fixture
def world(tmp_path: Path, make_database: MakeDatabase) -> Iterator[World]:
    made = World(tmp_path, make_database)
    yield made
    made.close()

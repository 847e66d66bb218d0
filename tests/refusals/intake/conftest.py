"""A world for each test of a refusal: agencies, a portal, an agreement, a case, a consent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import World, make_world


@pytest.fixture
def world(tmp_path: Path, coordinator_url: str) -> Iterator[World]:
    """Give a world."""
    made = make_world(tmp_path, coordinator_url)
    yield made
    made.stop()

"""An application with a clock that stands still, and two members that enrolled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from coordinator.http.edge import edge
from tests.flow.http.kit import Clock, Party, application


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, coordinator_url: str, clock: Clock) -> Iterator[Flask]:
    app = application(tmp_path, coordinator_url, clock)
    yield app
    edge(app).coordinator.stop()


@pytest.fixture
def housing(app: Flask, clock: Clock) -> Party:
    return Party("city-housing", app, clock).enrol()


@pytest.fixture
def clinic(app: Flask, clock: Clock) -> Party:
    return Party("north-clinic", app, clock, kind="charity").enrol()

"""What an attack is tried on: a coordinator alone, its HTTP edge, or a coordinator with real connectors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from coordinator.http.edge import edge
from tests import factories
from tests.conftest import MakeDatabase
from tests.flow.exchange import world as exchanges
from tests.flow.http.kit import Clock, Party, application


@pytest.fixture
def world(tmp_path: Path, coordinator_url: str) -> Iterator[factories.World]:
    """Give a coordinator with members, an agreement, a case and a consent; messages are made by hand."""
    made = factories.make_world(tmp_path, coordinator_url)
    yield made
    made.stop()


@pytest.fixture
def exchange(tmp_path: Path, make_database: MakeDatabase) -> Iterator[exchanges.World]:
    """Give a coordinator to which real connectors talk over HTTP."""
    made = exchanges.World(tmp_path, make_database)
    yield made
    made.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(tmp_path: Path, coordinator_url: str, clock: Clock) -> Iterator[Flask]:
    """Give a coordinator's HTTP edge."""
    made = application(tmp_path, coordinator_url, clock)
    yield made
    edge(made).coordinator.stop()


@pytest.fixture
def housing(app: Flask, clock: Clock) -> Party:
    return Party("city-housing", app, clock).enrol()


@pytest.fixture
def clinic(app: Flask, clock: Clock) -> Party:
    return Party("north-clinic", app, clock, kind="charity").enrol()

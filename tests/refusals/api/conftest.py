"""Three members with an agreement, and the local API of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeDatabase
from tests.flow.api.kit import Caller, caller
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World


@pytest.fixture
def world(tmp_path: Path, make_database: MakeDatabase) -> Iterator[World]:
    made = World(tmp_path, make_database)
    made.agreed()
    yield made
    made.close()


@pytest.fixture
def debt(world: World) -> Caller:
    return caller(world, DEBT)


@pytest.fixture
def housing(world: World) -> Caller:
    return caller(world, HOUSING)


@pytest.fixture
def portal(world: World) -> Caller:
    return caller(world, PORTAL)

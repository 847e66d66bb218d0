"""A real portal: a coordinator, two agencies and the portal's own tables, in one process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.exchange.connector import Connector
from connectors.portal.store.database import bring_up_to_date
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import PORTAL, World
from tests.flow.portal.life import Life
from tests.flow.portal.post_office import PostOffice
from tests.flow.portal.visits import Visit


@pytest.fixture
def world(tmp_path: Path, make_database: MakeDatabase) -> Iterator[World]:
    """Only the portal is enrolled."""
    made = World(tmp_path, make_database)
    bring_up_to_date(made.enrol(PORTAL, "portal").database)
    yield made
    made.close()


@pytest.fixture
def portal(world: World) -> Connector:
    return world.members[PORTAL]


# --- a portal with people in it ---------------------------------------------------------------------


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    """Agencies with an agreement, and the portal's pages; a file whose tests can share one has its own."""
    made = Life(tmp_path, make_database)
    yield made
    made.close()


@pytest.fixture
def citizen(life: Life) -> str:
    """Somebody with an account."""
    return life.person()


@pytest.fixture
def visit(life: Life, citizen: str) -> Visit:
    """The citizen is signed in."""
    return life.visit(citizen)


@pytest.fixture
def case(life: Life, citizen: str) -> str:
    """The citizen's case, with debt advice in it."""
    return life.case_of(citizen)


# --- a portal alone ---------------------------------------------------------------------------------


@pytest.fixture
def post_office(tmp_path: Path) -> Iterator[PostOffice]:
    """A server that takes e-mail, not started yet."""
    made = PostOffice(tmp_path)
    yield made
    made.stop()

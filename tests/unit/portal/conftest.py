"""A database with the portal's tables, on both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from connectors.exchange.store.database import Database, open_database
from connectors.portal.store.database import bring_up_to_date
from tests.conftest import MakeDatabase


def prepare(url: str) -> None:
    """Make the connector's and the portal's tables."""
    opened = open_database(url)
    bring_up_to_date(opened)
    opened.close()


@pytest.fixture
def database(make_database: MakeDatabase) -> Iterator[Database]:
    opened = open_database(make_database(prepared_by=prepare))
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """One transaction in which a test says everything."""
    with database.writing() as opened:
        yield opened

"""What the databases of tests are copies of: one with the coordinator's tables, one with a connector's.

Each takes the URL of an empty database; `make_database(prepared_by=…)` calls it once for a whole worker.
"""

from __future__ import annotations

import connectors.exchange.store.database as connectors_database
import coordinator.database.engine as coordinators_database
from coordinator.database.migrate import upgrade


def coordinators_tables(url: str) -> None:
    """Make the coordinator's tables."""
    engine = coordinators_database.open_database(url)
    upgrade(engine)
    engine.dispose()


def connectors_tables(url: str) -> None:
    """Make the tables of a connector."""
    connectors_database.open_database(url).close()

"""Messages about agreements: what they say was fetched and proven before; here only an end is noted."""

from __future__ import annotations

from sqlalchemy import Connection

from connectors.exchange import agreements
from connectors.exchange.connector import Connector
from connectors.exchange.incoming.arrival import Opened
from connectors.exchange.store import agreements as rows


def _noted(_connector: Connector, _connection: Connection, _opened: Opened) -> None:
    """A proposal or a signature: the agreement was fetched with all of its signatures in the step before."""


def _retired(_connector: Connector, connection: Connection, opened: Opened) -> None:
    """A party retired the agreement: no answer of the coordinator can bring it back here."""
    ref = agreements.ref_in(opened.message)
    if ref is not None:
        rows.retired(connection, ref)


RULES = {agreements.PROPOSE: _noted, agreements.SIGN: _noted, agreements.RETIRE: _retired}

"""Learns every agreement that is in force, so that a citizen sees what the law allows before it is used.

A portal signs no agreement and is told of none; what rests on a law would else be shown only after it moved.
Takes the register's list as a hint: what is in an agreement is believed by its parties' signatures alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from connectors.exchange import agreements
from connectors.exchange.connector import Connector
from connectors.exchange.store import agreements as stored
from schemas.errors import Refusal
from schemas.instant import from_ms

EVERY: Final = timedelta(hours=1)
_ENDS: Final = frozenset({"in_force", "retired"})
_AT_ONCE: Final = 50
"""Agreements that one round fetches."""
_log = structlog.get_logger("accord.portal")


def learn_agreements(connector: Connector, now: datetime) -> int:
    """Fetch the agreements that are new, or have ended since, at most once an hour; gives how many.

    One that is not as its parties signed it keeps none of the others out. Raises Unavailable.
    """
    with connector.database.reading() as connection:
        known = {row.ref: row for row in stored.everything(connection)}
    if any(now - from_ms(row.checked_at) < EVERY for row in known.values()):
        return 0
    listed = {
        ref: status for each in _list(connector) if (ref := _ref(each)) and (status := each.get("status"))
    }
    changed = [
        ref
        for ref, status in listed.items()
        if status in _ENDS and (known[ref].status if ref in known else "retired") != status
    ]
    learnt = sum(_learn(connector, ref) for ref in changed[:_AT_ONCE])
    with connector.database.writing() as connection:
        stored.looked_at(connection, now)
    return learnt


def _list(connector: Connector) -> list[dict[str, Any]]:
    found = connector.coordinator.agreements().get("agreements", ())
    return [each for each in found if isinstance(each, dict)]


def _ref(each: dict[str, Any]) -> str | None:
    document = each.get("document")
    if not isinstance(document, dict) or "id" not in document or "version" not in document:
        return None
    return f"{document['id']}@{document['version']}"


def _learn(connector: Connector, ref: str) -> bool:
    try:
        agreements.learn(connector, ref)
    except Refusal as refusal:
        _log.warning("agreement not learnt", code=refusal.code)
        return False
    return True

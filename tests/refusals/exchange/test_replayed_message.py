"""A log that holds the same message twice is an alarm, and the second copy changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from connectors.exchange import runner
from connectors.exchange.store import inbox, requests
from coordinator.database.tables import log_entries
from coordinator.http.edge import edge
from schemas import log
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import forge_tree, kinds, lie


def _twice(world: World, page: dict[str, Any]) -> dict[str, Any]:
    """Put the page's last message at the end of a longer log once more; every proof of it is right."""
    with edge(world.app).coordinator.engine.connect() as connection:
        entries = connection.execute(select(log_entries).order_by(log_entries.c.index)).all()
    last = page["messages"][-1]
    leaves = [log.leaf_hash(bytes(entry.commitment)) for entry in entries]
    leaves.append(leaves[last["index"]])
    size = len(leaves)
    with world.members[HOUSING].database.reading() as connection:
        seen = inbox.last_checkpoint(connection)
    forged = forge_tree(world, page, size, log.tree_root(leaves), HOUSING, last=size - 1)
    letters = [*page["messages"], {**last, "index": size - 1}]
    return {
        **forged,
        "messages": [
            {**each, "inclusion": [node.hex() for node in log.inclusion_proof(leaves, each["index"])]}
            for each in letters
        ],
        "consistency": [node.hex() for node in log.consistency_proof(leaves, seen[0])] if seen else [],
    }


def test_the_second_copy_is_noticed_and_not_applied(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    lie(world, HOUSING, "/v1/mailbox?", lambda page: _twice(world, page) if page["messages"] else page)
    runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == ["replayed_message"]
    with world.members[HOUSING].database.reading() as connection:
        waiting = requests.in_state(connection, "waiting", "received", "answered")
        assert [row.id for row in waiting] == [request]

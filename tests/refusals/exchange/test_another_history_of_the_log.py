"""A log that does not continue what was seen raises an alarm, is not used, and stops releases."""

from __future__ import annotations

import pytest

from connectors.exchange import runner
from connectors.exchange.errors import HistoryChanged
from connectors.exchange.outgoing import flow as outgoing
from connectors.exchange.store import alarms, inbox
from schemas import head
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import be_honest, coordinator_key, forge_tree, kinds, lie, state


def _size(world: World) -> int:
    with world.members[HOUSING].database.reading() as connection:
        seen = inbox.last_checkpoint(connection)
        assert seen is not None
        return seen[0]


@pytest.mark.parametrize("larger_by", [0, 1, 7])
def test_another_tree_of_the_same_or_a_larger_size(world: World, larger_by: int):
    world.everything()
    size = _size(world) + larger_by
    lie(world, HOUSING, "/v1/mailbox?", lambda page: forge_tree(world, page, size, b"\x07" * 32, HOUSING))
    with pytest.raises(HistoryChanged):
        runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == ["history_changed"]


def test_a_smaller_tree(world: World):
    world.everything()
    size = _size(world) - 1
    lie(world, HOUSING, "/v1/mailbox?", lambda page: forge_tree(world, page, size, b"\x07" * 32, HOUSING))
    with pytest.raises(HistoryChanged):
        runner.sync_once(world.members[HOUSING])


def test_a_checkpoint_signed_with_another_key(world: World):
    world.everything()
    lie(
        world,
        HOUSING,
        "/v1/mailbox?",
        lambda page: {**page, "checkpoint": page["checkpoint"].replace("\n— ", "\n— x")},
    )
    with pytest.raises(HistoryChanged):
        runner.sync_once(world.members[HOUSING])


def test_a_head_for_another_member(world: World):
    world.everything()

    def swap(page):
        other = forge_tree(world, page, 1, b"\x07" * 32, HOUSING)
        return {**page, "head": other["head"].replace(".", ".", 1)} | {"checkpoint": page["checkpoint"]}

    lie(world, HOUSING, "/v1/mailbox?", lambda page: {**page, "head": world_head(world, page)})
    with pytest.raises(HistoryChanged):
        runner.sync_once(world.members[HOUSING])


def world_head(world: World, page) -> str:
    said = head.check(page["head"].encode(), lambda _k, _p: coordinator_key(world).public, member=HOUSING)
    return head.issue(
        head.Head(DEBT, said.at, said.size, said.root, said.last, said.last_consent), coordinator_key(world)
    ).decode()


def test_an_older_head_is_refused(world: World):
    """A replayed head would let a withdrawal be forgotten that an earlier one vouched for."""
    world.everything()
    size = _size(world)
    with world.members[HOUSING].database.reading() as connection:
        _, root = inbox.last_checkpoint(connection) or (0, b"")
    lie(
        world,
        HOUSING,
        "/v1/mailbox?",
        lambda page: forge_tree(world, page, size, root, HOUSING, last_consent=-1),
    )
    with pytest.raises(HistoryChanged):
        runner.sync_once(world.members[HOUSING])


def test_releases_stop_until_an_operator_has_looked(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    housing = world.members[HOUSING]
    size = _size(world)
    lie(world, HOUSING, "/v1/mailbox?", lambda page: forge_tree(world, page, size, b"\x07" * 32, HOUSING))
    with pytest.raises(HistoryChanged):
        runner.sync_once(housing)
    be_honest(world, HOUSING)
    world.settle()
    assert state(world, HOUSING, request) == ("waiting", "alarm_raised")
    with housing.database.writing() as connection:
        (alarm,) = alarms.open_alarms(connection)
        alarms.clear(connection, alarm.id, "operator", world.clock())
    world.clock.move(minutes=6)
    outgoing.work(housing)
    assert state(world, HOUSING, request)[0] == "answered"

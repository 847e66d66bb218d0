"""A coordinator that keeps a withdrawal back has signed that it exists: releases wait, an alarm is raised."""

from __future__ import annotations

from typing import Any

from connectors.exchange import runner
from connectors.exchange.acts import consents
from connectors.exchange.incoming import flow as incoming
from connectors.exchange.incoming.rejecting import read_claims
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.refusals.exchange.hostile import be_honest, kinds, lie, state


def _without_withdrawals(page: dict[str, Any]) -> dict[str, Any]:
    kept = [
        each
        for each in page["messages"]
        if read_claims(each["message"].encode()).type != "consent.withdraw/1"
    ]
    return {**page, "messages": kept}


def test_a_hidden_withdrawal_stops_releases_and_is_noticed(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    incoming.receive(world.members[HOUSING])  # collected, not answered yet
    consents.withdraw(world.members[PORTAL], consent)
    lie(world, HOUSING, "/v1/mailbox?", _without_withdrawals)
    runner.sync_once(world.members[PORTAL])

    runner.sync_once(world.members[HOUSING])
    assert state(world, HOUSING, request)[0] == "waiting"
    runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == ["message_hidden"]

    be_honest(world, HOUSING)
    runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == []
    world.clock.move(minutes=6)
    runner.sync_once(world.members[HOUSING])
    assert state(world, HOUSING, request) == ("failed", "consent_not_in_force")


def test_what_was_only_late_ends_the_alarm(world: World):
    _, consent = world.everything()
    consents.withdraw(world.members[PORTAL], consent)
    lie(world, HOUSING, "/v1/mailbox?", lambda page: {**page, "messages": []})
    runner.sync_once(world.members[PORTAL])
    runner.sync_once(world.members[HOUSING])
    runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == ["message_hidden"]
    be_honest(world, HOUSING)
    runner.sync_once(world.members[HOUSING])
    assert kinds(world, HOUSING) == []

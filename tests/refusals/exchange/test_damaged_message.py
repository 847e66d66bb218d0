"""A message that cannot be verified is kept aside and blocks nothing behind it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exchange import runner
from connectors.exchange.incoming.rejecting import read_claims
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import aside, be_honest, kinds, lie, problem, state


def _damage(member: str, kind: str = "record.request/1"):
    """Change one member of the page's entry that carries a message of this type."""

    def change(page: dict[str, Any]) -> dict[str, Any]:
        for each in page["messages"]:
            if read_claims(each["message"].encode()).type == kind:
                _spoil(each, member)
                break
        return page

    return change


def _spoil(entry: dict[str, Any], member: str) -> None:
    if member == "inclusion":
        entry["inclusion"] = [("00" * 32), *entry["inclusion"][1:]]
    else:
        head, body, signature = entry[member].split(".")
        entry[member] = f"{head}.{body}.{'A' * 6}{signature[6:]}"


def _two_requests(world: World) -> tuple[str, str]:
    case, consent = world.everything()
    first, second = world.request(case, consent), world.request(case, consent)
    runner.sync_once(world.members[DEBT])
    return first, second


def test_a_message_whose_signature_does_not_fit_is_rejected_and_the_next_is_answered(world: World):
    first, second = _two_requests(world)
    lie(world, HOUSING, "/v1/mailbox?", _damage("message"))
    runner.sync_once(world.members[HOUSING])
    be_honest(world, HOUSING)
    world.settle()
    assert aside(world, HOUSING) == [("record.request/1", "rejected", "bad_signature")]
    assert problem(world, DEBT, first)["reason"] == "bad_signature"
    assert state(world, HOUSING, second)[0] == "answered"


@pytest.mark.parametrize(
    ("member", "reason"), [("receipt", "receipt_mismatch"), ("inclusion", "inclusion_mismatch")]
)
def test_a_receipt_or_proof_that_does_not_fit_is_kept_aside(world: World, member: str, reason: str):
    _, second = _two_requests(world)
    lie(world, HOUSING, "/v1/mailbox?", _damage(member))
    runner.sync_once(world.members[HOUSING])
    be_honest(world, HOUSING)
    world.settle()
    (left,) = aside(world, HOUSING)
    assert left[0] == "record.request/1"
    assert left[2] == reason
    assert kinds(world, HOUSING) == [reason]  # the coordinator's fault: releases stop
    assert state(world, HOUSING, second)[0] == "waiting"

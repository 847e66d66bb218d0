"""Keys that do not follow from the pinned first key are refused with an alarm, though the coordinator
vouches for them.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.exchange.acts import membership
from connectors.exchange.errors import KeysSwapped
from schemas import instant, message, receipt
from schemas.keys import SealingKey, SigningKey
from schemas.messages.envelope import compose
from schemas.wire import b64u
from tests.flow.exchange.world import DEBT, HOUSING, World
from tests.refusals.exchange.hostile import coordinator_key, kinds, lie


def _another_member(world: World, member: str) -> dict[str, Any]:
    """Make an enrolment under a member's id with keys of the middle's own, and a real receipt for it."""
    sign, seal, now = SigningKey.generate(), SealingKey.generate(), world.clock()
    body = {
        "member": {"id": member, "kind": "charity", "name": member},
        "keys": {
            "sign": sign.public.jwk,
            "seal": seal.public.jwk,
            "valid_from": instant.format(now),
            "valid_until": instant.format(now.replace(year=now.year + 1)),
        },
        "code_proof": b64u(bytes(32)),
        "challenge": b64u(bytes(32)),
    }
    payload = compose(type="member.enrol/1", sender=member, to=["coordinator"], at=now, body=body)
    raw = message.sign(payload, sign)
    verified = message.verify(raw, lambda _k, _p: sign.public)
    promise = receipt.issue(
        id=payload["id"], sha256=verified.sha256, salt=bytes(16), admitted_at=now, key=coordinator_key(world)
    )
    entry = {"index": 10**6, "message": raw.decode(), "receipt": promise.decode()}
    return {
        "id": member,
        "kind": "charity",
        "name": member,
        "status": "active",
        "messages": [entry],
        "keys": [],
    }


def test_another_first_key_for_a_pinned_member(world: World):
    world.everything()
    lie(world, HOUSING, f"/v1/members/{DEBT}", lambda _entry: _another_member(world, DEBT))
    with pytest.raises(KeysSwapped):
        world.members[HOUSING].directory.refresh(DEBT)
    assert kinds(world, HOUSING) == ["keys_swapped"]


def test_a_first_key_that_is_not_the_one_in_the_agreement(world: World):
    world.agencies()
    lie(world, HOUSING, f"/v1/members/{DEBT}", lambda _entry: _another_member(world, DEBT))
    directory = world.members[HOUSING].directory
    with pytest.raises(KeysSwapped):
        directory.check_first_key(DEBT, world.members[DEBT].keyring.entries[0].kid)
    assert kinds(world, HOUSING) == ["keys_swapped"]


def test_a_chain_with_a_link_taken_out(world: World):
    world.everything()
    membership.rotate(world.members[DEBT])
    world.settle()
    world.members[HOUSING].directory.refresh(DEBT)
    lie(world, HOUSING, f"/v1/members/{DEBT}", lambda entry: {**entry, "messages": entry["messages"][:1]})
    with pytest.raises(KeysSwapped):
        world.members[HOUSING].directory.refresh(DEBT)

"""P13: somebody has a member's signing key. From the moment it is ended it opens nothing; what was admitted
before stands; and the thief cannot end the member's own keys afterwards.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from schemas import instant, receipt
from schemas.errors import KeyNotInForce, Refusal
from schemas.keys import SigningKey
from tests.factories import Actor, World, id_of
from tests.flow.http.kit import Party
from tests.rotation import change_keys, new_key


@pytest.fixture
def stolen(world: World) -> Actor:
    """End a key of housing's; give who still has it."""
    thief = world.housing
    fresh = SigningKey.generate()
    world.must(change_keys(world, add=[new_key(world, "sign", fresh.public.jwk)], end=[thief.sign.kid]))
    world.actors[thief.id] = world.housing = Actor(thief.id, thief.kind, fresh, thief.seal)
    return thief


@pytest.mark.parametrize("hours", [0, 1, 24, 24 * 6])
def test_it_signs_nothing_whatever_time_it_names(world: World, stolen: Actor, hours: int):
    raws = [
        world.release(stolen, at=world.clock() - timedelta(hours=hours)),
        world.message("case.close/1", stolen, at=world.clock() - timedelta(hours=hours), body={}),
        world.message("member.leave/1", stolen, to=["coordinator"], case=None, body={})
        if hours == 0
        else world.release(stolen),
    ]
    for raw in raws:
        assert isinstance(world.refused(raw), KeyNotInForce)


def test_it_does_not_bring_itself_back_or_end_its_successor(world: World, stolen: Actor):
    other = SigningKey.generate()
    attempts = [
        change_keys(world, sender=stolen, add=[new_key(world, "sign", other.public.jwk)]),
        change_keys(world, sender=stolen, end=[world.housing.sign.kid]),
        change_keys(world, add=[new_key(world, "sign", stolen.sign.public.jwk)]),
    ]
    for raw in attempts:
        assert isinstance(world.refused(raw), Refusal)
    world.must(world.release(world.housing))


def test_receipts_of_before_stand(world: World):
    raw = world.release()
    admitted = world.must(raw)
    fresh = SigningKey.generate()
    end = [world.housing.sign.kid]
    world.must(change_keys(world, add=[new_key(world, "sign", fresh.public.jwk)], end=end))
    keys = world.coordinator.verifying_keys
    checked = receipt.check(
        admitted.receipt,
        lambda kid, _payload: keys[kid],
        id=id_of(raw),
        sha256=hashlib.sha256(raw).digest(),
    )
    assert checked.admitted_at == world.clock()
    assert world.must(raw).receipt == admitted.receipt


def test_an_access_token_got_with_it_is_worth_nothing_from_then_on(housing: Party):
    token = housing.token()
    assert (
        housing.client.get("/v1/mailbox", headers=housing.headers("GET", "/v1/mailbox", token)).status_code
        == 200
    )
    fresh = {
        "use": "sign",
        "jwk": SigningKey.generate().public.jwk,
        "valid_from": instant.format(housing.clock()),
        "valid_until": instant.format(housing.clock() + timedelta(days=30)),
    }
    end = {"kid": housing.sign.kid, "at": instant.format(housing.clock())}
    said = housing.post(housing.message("member.keys/1", body={"add": [fresh], "end": [end]}))
    assert said.status_code == 201, said.text
    assert housing.ask_token().status_code == 401
    headers = housing.headers("GET", "/v1/mailbox", token)
    assert housing.client.get("/v1/mailbox", headers=headers).status_code == 401

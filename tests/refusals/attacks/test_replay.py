"""P1: everything that was ever said, said again three times, in another order and after a restart: nothing
happens a second time, at the coordinator or at anybody's connector.
"""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy import select

from connectors.exchange import runner
from connectors.exchange.acts import consents
from connectors.exchange.store import tables
from coordinator.database.engine import reading
from coordinator.database.metadata import metadata
from coordinator.database.tables import messages, refusals
from coordinator.http.edge import edge
from coordinator.intake.flow import Admitted
from schemas.errors import Refusal
from tests import factories
from tests.factories import id_of
from tests.flow.exchange.world import PORTAL, World

TIMES = 3
_MAY_CHANGE = {"dpop_seen"}
"""Remembered proofs of sign-ins: each request has a new one."""


def _coordinator(exchange: World) -> dict[str, list[Any]]:
    """Give every row of the coordinator."""
    with reading(edge(exchange.app).coordinator.engine) as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in metadata.sorted_tables
            if table.name not in _MAY_CHANGE
        }


def _connectors(exchange: World) -> dict[str, list[str]]:
    """Give every row of every connector but the cursor, which knows when it last asked."""
    found = {}
    for member, connector in exchange.members.items():
        with connector.database.reading() as connection:
            for table in tables.outbox.metadata.sorted_tables:
                if table.name not in {"cursor", "cursors", "members"}:
                    rows = sorted(map(repr, connection.execute(table.select())))
                    found[f"{member}.{table.name}"] = rows
    return found


def _everything_said(exchange: World) -> list[bytes]:
    with reading(edge(exchange.app).coordinator.engine) as connection:
        raws = connection.scalars(select(messages.c.raw).order_by(messages.c.seq)).all()
    # What the coordinator said itself is not handed over by anybody; enrolments have an address of their own.
    return [bytes(raw) for raw in raws]


def _post(exchange: World, raw: bytes) -> tuple[int, str]:
    client = exchange.app.test_client()
    said = client.post("/v1/messages", data=raw, content_type="application/jose")
    if said.status_code == 422:
        said = client.post("/v1/members", data=raw, content_type="application/jose")
    return said.status_code, said.get_json().get("receipt") or said.get_json()["code"]


def test_a_whole_story_said_again_has_no_second_effect(exchange: World):
    case, consent = exchange.everything()
    exchange.request(case, consent)
    exchange.settle()
    consents.withdraw(exchange.members[PORTAL], consent)
    exchange.settle()
    said = _everything_said(exchange)
    before, held = _coordinator(exchange), _connectors(exchange)
    assert len(said) > 15

    first = {raw: _post(exchange, raw) for raw in said}
    assert {status for status, _ in first.values()} <= {200, 403}
    assert [status for status, _ in first.values()].count(200) >= len(said) - 1
    chance = random.Random(1)
    for _ in range(TIMES - 1):
        chance.shuffle(said)
        assert {raw: _post(exchange, raw) for raw in said} == first
    assert _coordinator(exchange) == before

    exchange.restart_coordinator()
    assert {raw: _post(exchange, raw) for raw in said} == first
    assert _coordinator(exchange) == before
    for connector in exchange.members.values():
        runner.sync_once(connector)
    assert _connectors(exchange) == held


def test_what_was_refused_stays_refused_when_it_would_be_lawful_now(world: factories.World):
    """A stored message of somebody cannot be kept back until it suits."""
    world.must(world.decide("suspend"))
    early = world.release()
    first = world.refused(early)
    world.must(world.decide("resume"))
    for _ in range(TIMES):
        again = world.refused(early)
        assert (again.code, again.detail) == (first.code, first.detail)
    with reading(world.coordinator.engine) as connection:
        stored = connection.execute(refusals.select().where(refusals.c.id == id_of(early))).all()
    assert len(stored) == 1
    world.must(world.release())


def test_the_same_bytes_many_times_in_one_batch_are_one_message(world: factories.World):
    raw = world.release()
    answers = world.coordinator.admit_batch([raw] * TIMES)
    assert len({answer.receipt for answer in answers if isinstance(answer, Admitted)}) == 1
    assert [isinstance(answer, Admitted) and answer.duplicate for answer in answers] == [False, True, True]


def test_the_same_words_under_the_same_id_with_another_signature_are_refused(world: factories.World):
    """Ed25519 signs the same bytes alike, so other bytes are another message."""
    raw = world.release()
    world.must(raw)
    other = world.release(id=id_of(raw))
    answer = world.send(other)
    assert isinstance(answer, Refusal)
    assert answer.code == "already_said"

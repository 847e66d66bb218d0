"""What was held back from the citizen, as the coordinator says: an agency must have said it in this case."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.exchange.acts import access as looking
from connectors.exchange.acts import coordination
from connectors.exchange.incoming import judge_access
from connectors.exchange.store import access, inbox, outbox
from connectors.exchange.store.tables import emergencies
from coordinator.http.edge import edge
from schemas import instant, message
from schemas.errors import Invalid, Refusal, Unverified, WrongRecipients
from schemas.messages import envelope
from schemas.messages.delivery_v1 import DELAYED
from tests.flow.exchange.test_other_bases import CLAUSE, PURPOSES, _flow
from tests.flow.exchange.world import AGREEMENT, DEBT, PORTAL, World, there


@pytest.fixture
def told(world: World) -> tuple[World, str, Any]:
    """An emergency was held back and told on its date; gives its case, and what the coordinator said."""
    agreement = {
        "purposes": PURPOSES,
        "clauses": [{**CLAUSE, "withhold": True}],
        "flows": [_flow(each["code"]) for each in PURPOSES],
        "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
    }
    case, _ = world.everything(agreement=agreement)
    on = instant.format(world.clock() + timedelta(days=2))
    opened = looking.Emergency(
        case=case,
        agreement=AGREEMENT,
        reason="danger",
        categories=["housing"],
        until=world.clock() + timedelta(hours=2),
        second_person="worker-9",
        notice={"kind": "delayed", "on": on, "officer": "officer-1", "ground": str(CLAUSE["id"])},
    )
    looking.open_emergency(world.members[DEBT], opened)
    world.settle()
    world.clock.move(days=2, minutes=1)
    edge(world.app).coordinator.tick()
    world.settle()
    portal = world.members[PORTAL]
    with portal.database.reading() as connection:
        (row,) = inbox.of_type(connection, DELAYED, case)
        assert len(access.emergencies_of(connection, case)) == 1
    verified = message.verify(row.raw, portal.coordinator.pinned.key_for)
    return world, case, envelope.load(verified)


def judged(world: World, said: Any, member: str = PORTAL) -> Refusal:
    """Let it be taken in by somebody who did not know of it; gives why it was refused."""
    connector = world.members[member]
    opened = SimpleNamespace(message=said)
    with pytest.raises(Refusal) as refused, connector.database.writing() as connection:
        connection.execute(delete(emergencies))
        judge_access.RULES[DELAYED](connector, connection, opened)  # type: ignore[arg-type]  # it reads no more of it
    return refused.value


def test_it_is_told_to_the_citizen_alone(told: tuple[World, str, Any]):
    world, _, said = told
    assert isinstance(judged(world, said, DEBT), WrongRecipients)


def test_an_emergency_of_another_case_is_not_shown_in_this_one(told: tuple[World, str, Any]):
    world, _, said = told
    assert isinstance(judged(world, replace(said, case=world.case())), Invalid)


def test_what_no_agency_has_signed_is_not_believed(told: tuple[World, str, Any]):
    world, _, said = told
    head, body, _ = said.body["message"].split(".")
    forged = {**said.body, "message": f"{head}.{body}.{'A' * 86}"}
    assert isinstance(judged(world, replace(said, body=forged)), Unverified)


def test_the_receipt_of_something_else_is_not_believed(told: tuple[World, str, Any]):
    world, case, said = told
    debt = world.members[DEBT]
    note = coordination.add_note(debt, case, "Another message.")
    world.settle()
    with debt.database.reading() as connection:
        other = there(outbox.find(connection, note))
    assert isinstance(judged(world, replace(said, body={**said.body, "receipt": other.receipt})), Unverified)

"""What two people at one organisation press at the same moment, in two processes, is said once.

Both have read that it is still open before either of them writes: what keeps the second back is the write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import select

from connectors.exchange.acts import cases
from connectors.exchange.connector import Connector
from connectors.exchange.store import cases as stored
from connectors.exchange.store import outbox
from connectors.exchange.store.database import open_database
from connectors.exchange.store.tables import outbox as outbox_table
from schemas.errors import Refusal
from schemas.messages import case_v1
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World

Act = Callable[[Connector, str], str]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Connector, Act, str], list[str]]]:
    """Give what lets two processes of a connector do the same to an invitation; it gives what each got."""
    opened = []

    def do(connector: Connector, act: Act, invitation: str) -> list[str]:
        url = connector.database.engine.url.render_as_string(hide_password=False)
        twins = [replace(connector, database=open_database(url)) for _ in range(2)]
        opened.extend(twins)
        look, together = stored.invitation, Barrier(2)

        def looked_together(*arguments: Any) -> Any:
            found = look(*arguments)
            with suppress(BrokenBarrierError):  # with SQLite the second waits before it looks
                together.wait(timeout=2)
            return found

        def press(twin: Connector) -> str:
            try:
                act(twin, invitation)
            except Refusal as refusal:
                return refusal.code
            return "said"

        with monkeypatch.context() as patched, ThreadPoolExecutor(2) as hands:
            patched.setattr(stored, "invitation", looked_together)
            return sorted(hands.map(press, twins))

    yield do
    for each in opened:
        each.database.close()


def said(connector: Connector, kind: str) -> int:
    """Give how often a connector said something of a type."""
    with connector.database.reading() as connection:
        return len(connection.execute(select(outbox_table.c.id).where(outbox_table.c.type == kind)).all())


def test_of_two_who_accept_an_invitation_one_takes_the_seat(
    world: World, at_once: Callable[[Connector, Act, str], list[str]]
):
    world.agencies()
    world.agree()
    world.members[HOUSING] = housing = replace(world.members[HOUSING], auto_join=False)
    case = world.case()
    cases.invite_agency(world.members[PORTAL], case, HOUSING, Authority("seat"))
    world.settle()
    with housing.database.reading() as connection:
        (waiting,) = stored.invitations_in(connection, "open")
    assert at_once(housing, cases.accept_invitation, waiting.id) == ["already_decided", "said"]
    world.settle()
    assert said(housing, case_v1.JOIN) == 1
    for member in (HOUSING, PORTAL):
        with world.members[member].database.reading() as connection:
            seat = stored.seat(connection, case, "agency", HOUSING)
            assert seat is not None
            assert seat.status == "active"
            assert outbox.failed(connection) == []


def test_of_two_who_have_compared_the_keys_one_attests_them(
    world: World, at_once: Callable[[Connector, Act, str], list[str]]
):
    world.agencies()
    debt = world.members[DEBT]
    case = cases.open_case(debt)
    invitation = cases.invite_citizen(debt, case, PORTAL)
    with debt.database.writing() as connection:  # another code than the one that was handed over
        stored.move_invitation(connection, invitation.id, "open", code="AAAAA-BBBBB-CCCCC-DDDDD")
    world.settle()
    cases.join_case(world.members[PORTAL], invitation.code)
    world.settle()
    second, first = at_once(debt, cases.attest_in_person, invitation.id)
    assert first == "said"
    assert second in {"already_decided", "not_here"}, "by whether it had looked before or after the first"
    world.settle()
    assert said(debt, case_v1.ATTEST) == 1
    with debt.database.reading() as connection:
        assert stored.citizen_seat(connection, case) is not None
        assert outbox.failed(connection) == []

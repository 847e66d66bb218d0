"""What a round costs in which nothing is to be done: a connector is idle most of the time.

The bounds are what it takes today; whoever has a reason for more may raise them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Insert, event

from connectors.exchange import runner
from connectors.exchange.connector import Connector
from connectors.exchange.keeping import flow as keeping
from connectors.exchange.keeping.due import is_anything_due
from connectors.exchange.store import access
from connectors.exchange.store import tables as rows
from connectors.exchange.store.tables_preview import previews as preview_rows
from schemas import instant
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, START, World


@contextmanager
def _said(connector: Connector) -> Iterator[list[str]]:
    """Give the statements that a connector's database gets meanwhile, without those that frame them."""
    engine, said = connector.database.engine, list[str]()

    def note(*arguments: object) -> None:
        if not str(arguments[2]).startswith("BEGIN"):
            said.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("member", [HOUSING, DEBT, PORTAL])
def test_a_round_without_anything_to_do_asks_little_of_the_database(world: World, member: str):
    world.everything()
    world.settle()
    with _said(world.members[member]) as said:
        done = runner.sync_once(world.members[member])
    assert not done.anything
    assert len([each for each in said if each.startswith("SELECT")]) <= 10
    assert len([each for each in said if not each.startswith("SELECT")]) <= 3  # position, head, no alarm


@pytest.mark.parametrize("member", [HOUSING, DEBT, PORTAL])
def test_where_nothing_is_due_the_keeper_looks_once_at_everything(world: World, member: str):
    world.everything()
    world.settle()
    with _said(world.members[member]) as said:
        keeping.keep(world.members[member])
    assert len(said) == 2  # what time it is, and whether anything is due by then


AT = instant.to_ms(START)
DUE: dict[str, Insert] = {
    "a closed case": rows.cases.insert().values(
        id="c",
        status="closed",
        opened_by=DEBT,
        opened_at=AT,
        language="en",
        acting_for_citizen=False,
        swept=False,
    ),
    "a look that nobody was told of": rows.views.insert().values(
        id=access.view_told_later(START),
        case="c",
        viewed="s",
        member=DEBT,
        at=AT,
        actor={},
        reason={},
        automatic=False,
    ),
    "bytes that are still in the files": rows.inbox.insert().values(
        log_index=900,
        id="m",
        sender=HOUSING,
        type="record.release/1",
        case="c",
        sha256="",
        receipt="r",
        state="rejected",
        received_at=AT,
    ),
    "a copy whose time is over": rows.statements.insert().values(
        id="s",
        message="m",
        sender=HOUSING,
        type="record.release/1",
        case="c",
        schema="housing.tenancy/1",
        issuer=HOUSING,
        at=AT,
        basis="consent",
        categories=[],
        mine=False,
        contested=False,
        plaintext=b"{}",
        state="current",
        erase_at=AT,
    ),
}
"""What alone makes the keeper look; the other reasons each have a test of what is done then."""


@pytest.mark.parametrize("what", DUE)
def test_the_keeper_sees_what_is_due_even_where_it_is_all_there_is(world: World, what: str):
    world.agreed()
    debt = world.members[DEBT]
    with debt.database.writing() as connection:
        assert not is_anything_due(debt, connection, START)
        connection.execute(DUE[what])
        assert is_anything_due(debt, connection, START)


@pytest.mark.parametrize("status", ["withdrawn", "granted"])
def test_the_keeper_sees_a_first_look_that_waits_in_vain(world: World, status: str):
    case, consent = world.everything(consent={"preview": True})
    world.request(case, consent)
    world.settle()
    housing = world.members[HOUSING]
    with housing.database.writing() as connection:
        assert connection.execute(preview_rows.select()).one().state == "waiting"
        connection.execute(rows.consents.update().values(status=status, swept=True))
        assert is_anything_due(housing, connection, START) is (status == "withdrawn")


@pytest.mark.only_on("postgresql", reason="SQLite keeps no locks on tables")
def test_who_reads_does_not_keep_an_erasure_waiting(world: World):
    world.agreed()
    debt = world.members[DEBT]
    with debt.database.reading() as reader:
        reader.execute(rows.statements.select()).all()
        debt.database.forget_overwritten(world.clock())


@pytest.mark.only_on("postgresql", reason="SQLite has no server that could end a connection")
def test_a_connection_that_the_server_has_ended_is_replaced(world: World):
    world.agreed()
    database = world.members[DEBT].database
    with database.reading() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with world.members[HOUSING].database.reading() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%s, 10000)", (mine,))
    with database.writing() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != mine

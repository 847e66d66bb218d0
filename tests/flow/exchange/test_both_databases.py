"""The same story with the connectors' stores on each kind of database."""

from __future__ import annotations

from pathlib import Path

from connectors.exchange.acts import consents as deciding
from connectors.exchange.keeping.board import erasures_due
from connectors.exchange.store import alarms, inbox, outbox, statements
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, housing_records


def test_from_enrolment_to_erasure(tmp_path: Path, make_database: MakeDatabase):
    world = World(tmp_path)
    try:
        world.enrol(HOUSING, sources={"register": housing_records()}, storage=make_database())
        world.enrol(DEBT, "charity", storage=make_database())
        world.enrol(PORTAL, "portal", storage=make_database())
        world.agree()
        case = world.case()
        consent = world.consent(case)
        world.invite_source(case, consent)
        request = world.request(case, consent)
        world.settle()
        with world.members[DEBT].database.reading() as connection:
            (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        deciding.withdraw(world.members[PORTAL], consent)
        world.settle()
        with world.members[PORTAL].database.reading() as connection:
            (erasure,) = erasures_due(connection, case)
            assert erasure.confirmed_at == world.clock()
        for member in world.members.values():
            with member.database.reading() as connection:
                assert outbox.failed(connection) == []
                assert inbox.aside(connection) == []
                assert alarms.open_alarms(connection) == []
        assert record
    finally:
        world.close()

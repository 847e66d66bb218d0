"""The whole story between a real coordinator and three real connectors: enrolment to erasure."""

from __future__ import annotations

from connectors.cases.gather import read_case
from connectors.exchange.acts import access as looking
from connectors.exchange.acts import consents as deciding
from connectors.exchange.store import access, alarms, consents, inbox, outbox, requests, statements
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there


def test_a_record_goes_from_source_to_recipient_is_seen_withdrawn_and_erased(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()

    debt, housing, portal = world.members[DEBT], world.members[HOUSING], world.members[PORTAL]
    with debt.database.reading() as connection:
        (released,) = [s for s in statements.answers_to(connection, request) if not s.mine]
    assert released.schema == "housing.tenancy/1"

    shown = looking.view_record(
        debt, released.id, looking.Actor("worker-7", "adviser"), looking.Reason("plan")
    )
    assert shown.content == {
        "landlord": f"{CANARY} Habitat Nord",
        "rent": {"amount": 61200, "currency": "EUR"},
    }
    world.settle()
    with portal.database.reading() as connection:
        (view,) = access.views_of(connection, case)
        assert (view.viewed, view.member, view.actor["pseudonym"]) == (released.id, DEBT, "worker-7")
        assert len([s for s in statements.of_case(connection, case) if s.type == "record.release/1"]) == 1

    deciding.withdraw(portal, consent)
    world.settle()
    with debt.database.reading() as connection:
        assert there(consents.find(connection, consent)).status == "withdrawn"
        gone = there(statements.find(connection, released.id))
        assert (gone.state, gone.plaintext, gone.erased_why) == ("erased", None, "withdrawn")
    with portal.database.reading() as connection:
        erasures = read_case(connection, portal, case, world.clock()).erasures
        due = {(each.member, each.confirmed_at) for each in erasures if each.due_since is not None}
        # The record, and at its source the request that named the person.
        assert due == {(DEBT, world.clock()), (HOUSING, world.clock())}
    with housing.database.reading() as connection:
        assert [e.member for e in access.erasures_of(connection, case)] == [DEBT]
    for member in world.members.values():
        with member.database.reading() as connection:
            assert outbox.failed(connection) == []
            assert inbox.aside(connection) == []
            assert alarms.open_alarms(connection) == []


def test_a_request_that_was_answered_is_not_answered_again(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    with world.members[HOUSING].database.reading() as connection:
        assert there(requests.find(connection, request)).state == "answered"
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        assert len([s for s in statements.answers_to(connection, request) if not s.mine]) == 1

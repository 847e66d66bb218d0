"""Seats: codes that fit and do not fit, citizens who come alone, key rotation, leaving and closing."""

from __future__ import annotations

import pytest

from connectors.exchange.acts import cases, membership, records
from connectors.exchange.store import cases as case_store
from connectors.exchange.store import inbox, outbox, requests, statements
from schemas.errors import WrongCode
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there


def test_a_code_that_fits_nothing_is_refused_at_the_portal(world: World):
    world.agencies()
    with pytest.raises(WrongCode):
        cases.join_case(world.members[PORTAL], "AAAAA-BBBBB-CCCCC-DDDDD")


def test_keys_that_were_not_bound_with_the_code_wait_for_a_person(world: World):
    world.agencies()
    debt, portal = world.members[DEBT], world.members[PORTAL]
    case = cases.open_case(debt)
    invitation = cases.invite_citizen(debt, case, PORTAL)
    with debt.database.writing() as connection:  # another code than the one that was handed over
        case_store.move_invitation(connection, invitation.id, "open", code="AAAAA-BBBBB-CCCCC-DDDDD")
    world.settle()
    cases.join_case(portal, invitation.code)
    world.settle()
    with debt.database.reading() as connection:
        assert case_store.citizen_seat(connection, case) is None
        assert there(case_store.invitation(connection, invitation.id)).state == "needs_a_person"
    cases.attest_in_person(debt, invitation.id)
    world.settle()
    with portal.database.reading() as connection:
        assert there(case_store.citizen_seat(connection, case)).attested_by == DEBT


def test_a_citizen_who_comes_alone_invites_an_agency(world: World):
    world.agencies()
    portal, debt = world.members[PORTAL], world.members[DEBT]
    case = cases.open_case_for_citizen(portal, cases.SignIn(acr="substantial", auth_time=world.clock()))
    world.settle()
    cases.invite_agency(portal, case, DEBT, Authority("seat"))
    world.settle()
    with portal.database.reading() as connection:
        assert there(case_store.seat(connection, case, "agency", DEBT)).status == "active"
    with debt.database.reading() as connection:
        assert outbox.failed(connection) == []
        assert case_store.find(connection, case) is not None


def test_keys_rotate_without_a_gap(world: World):
    case, consent = world.everything()
    housing, debt = world.members[HOUSING], world.members[DEBT]
    old = {entry.kid for entry in housing.keyring.entries}
    world.clock.move(hours=1)
    membership.rotate(housing)
    world.settle()
    assert housing.keyring.signing_key(world.clock()).kid not in old
    request = world.request(case, consent)
    world.settle()
    with debt.database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert record.state == "current"
        assert inbox.aside(connection) == []
    for kid in old:
        membership.end_key(housing, kid)
    world.settle()
    world.clock.move(hours=2)
    debt.directory.refresh(HOUSING)
    again = world.request(case, consent)
    world.settle()
    with debt.database.reading() as connection:
        assert len([row for row in statements.answers_to(connection, again) if not row.mine]) == 1


def test_closing_a_case_erases_other_agencies_records(world: World):
    case, consent = world.everything()
    request = world.request(case, consent)
    world.settle()
    cases.close(world.members[DEBT], case, outcome="helped")
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        (record,) = [row for row in statements.answers_to(connection, request) if not row.mine]
        assert (record.state, record.erased_why) == ("erased", "case_closed")
    with world.members[PORTAL].database.reading() as connection:
        assert there(case_store.find(connection, case)).status == "closed"
    cases.reopen(world.members[PORTAL], case, "It is not over.")
    world.settle()
    with world.members[DEBT].database.reading() as connection:
        assert there(case_store.find(connection, case)).status == "open"


def test_the_citizen_ends_an_agencys_seat(world: World):
    case, _ = world.everything()
    cases.end_agencys_seat(world.members[PORTAL], case, HOUSING)
    world.settle()
    with world.members[PORTAL].database.reading() as connection:
        assert outbox.failed(connection) == []
        assert there(case_store.seat(connection, case, "agency", HOUSING)).status == "ended"


def test_the_citizen_asks_an_agency_for_their_own_record(world: World):
    case, _ = world.everything()
    portal = world.members[PORTAL]
    request = records.request_records(
        portal,
        case,
        source=HOUSING,
        categories={"housing": ["landlord", "rent", "tenure"]},
        identify={"family_name": "Martin", "birth_date": "1990-04-01"},
        why={"en": "To see what you have."},
        authority=Authority("seat"),
    )
    world.settle()
    with world.members[HOUSING].database.reading() as connection:
        assert inbox.aside(connection) == []
    with portal.database.reading() as connection:
        declined = requests.declines_of(connection, request)
        assert [row.rule for row in declined] == ["no_rule_permits"]

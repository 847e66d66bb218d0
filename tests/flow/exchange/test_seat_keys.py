"""Passkeys of a seat after joining: they come by an earlier one or by an agency's word, and they go."""

from __future__ import annotations

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import cases, consents
from connectors.exchange.acts import seat_keys as acts
from connectors.exchange.seat_keys import comparison_number
from connectors.exchange.store import alarms, inbox, outbox, statements
from connectors.exchange.store import cases as case_store
from connectors.exchange.store import consents as consent_store
from connectors.exchange.store import seat_keys as rows
from schemas import instant
from schemas.consent_proof import consent_challenge
from schemas.errors import ProofRefused
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World, there
from tests.passkeys import Authenticator, case_with, change, consent_by, document

OLD, NEW = Authenticator("phone"), Authenticator("laptop")
PASSKEY = {"proof": {"housing": "passkey"}}


def states(world: World, member: str, case: str) -> tuple[set[str], set[str], set[str]]:
    """Give the kids that are in force, wait and have ended, as a member knows them."""
    view = acts.passkeys_in(world.members[member], case)
    return tuple({each.kid for each in found} for found in (view.in_force, view.waiting, view.ended))  # type: ignore[return-value]  # three of them


def is_proven(world: World, member: str, consent: str) -> bool:
    with world.members[member].database.reading() as connection:
        row = there(consent_store.find(connection, consent))
        return bool(row.proven) and row.status == "granted"


def nothing_wrong(world: World) -> None:
    for connector in world.members.values():
        with connector.database.reading() as connection:
            assert alarms.open_alarms(connection) == []
            assert inbox.aside(connection) == []
            assert outbox.failed(connection) == []


@pytest.fixture
def exchange(world: World) -> World:
    world.agreed(**PASSKEY)
    return world


def test_a_passkey_that_an_earlier_one_confirmed_counts_at_once(exchange: World):
    case = case_with(exchange, OLD)
    change(exchange, case, [NEW], by=OLD)
    for member in (PORTAL, DEBT):
        assert states(exchange, member, case) == ({OLD.kid, NEW.kid}, set(), set())
    consent = consent_by(exchange, case, NEW)
    assert is_proven(exchange, DEBT, consent)
    nothing_wrong(exchange)


def test_an_old_passkey_is_replaced_by_a_new_one_in_one_step(exchange: World):
    case = case_with(exchange, OLD)
    change(exchange, case, [NEW], [OLD.kid], by=OLD)
    assert states(exchange, DEBT, case) == ({NEW.kid}, set(), {OLD.kid})
    assert is_proven(exchange, DEBT, consent_by(exchange, case, NEW))
    nothing_wrong(exchange)


def test_a_passkey_without_proof_waits_until_an_agency_has_compared_it(exchange: World):
    case = case_with(exchange, OLD)
    brought = change(exchange, case, [NEW])
    debt = exchange.members[DEBT]
    assert states(exchange, DEBT, case) == ({OLD.kid}, {NEW.kid}, set())
    (waiting,) = acts.waiting_keys(debt)
    assert (waiting.case, waiting.message) == (case, brought)
    seen_by_the_citizen = acts.passkeys_in(exchange.members[PORTAL], case).waiting[0].number
    assert waiting.passkeys[0].number == seen_by_the_citizen == comparison_number(NEW.kid)
    acts.attest_keys(debt, case, brought)
    exchange.settle()
    for member in (PORTAL, DEBT):
        assert states(exchange, member, case) == ({OLD.kid, NEW.kid}, set(), set())
    assert acts.passkeys_in(exchange.members[PORTAL], case).in_force[1].vouched_by == DEBT
    assert is_proven(exchange, DEBT, consent_by(exchange, case, NEW))
    nothing_wrong(exchange)


def test_an_agency_may_attest_some_of_what_waits(exchange: World):
    third = Authenticator("tablet")
    case = case_with(exchange)
    brought = change(exchange, case, [NEW, third])
    acts.attest_keys(exchange.members[DEBT], case, brought, [NEW.kid])
    exchange.settle()
    assert states(exchange, PORTAL, case) == ({NEW.kid}, {third.kid}, set())


def test_an_agency_that_joins_later_learns_the_whole_history(exchange: World):
    case = case_with(exchange, OLD)
    change(exchange, case, [NEW], by=OLD)
    change(exchange, case, end=[OLD.kid])
    consent = consent_by(exchange, case, NEW)
    assert not is_proven(exchange, HOUSING, consent)  # it was told of it before it sits in the case
    cases.invite_agency(exchange.members[DEBT], case, HOUSING, Authority("consent", consent))
    exchange.settle()
    assert is_proven(exchange, HOUSING, consent)
    assert states(exchange, HOUSING, case) == ({NEW.kid}, set(), {OLD.kid})
    request = exchange.request(case, consent)
    exchange.settle()
    with exchange.members[DEBT].database.reading() as connection:
        assert len([row for row in statements.answers_to(connection, request) if not row.mine]) == 1
    nothing_wrong(exchange)


def test_a_consent_stays_good_for_one_who_joins_after_its_passkey_has_ended(exchange: World):
    case = case_with(exchange, OLD)
    consent = consent_by(exchange, case, OLD)
    change(exchange, case, end=[OLD.kid])
    exchange.invite_source(case, consent)
    assert is_proven(exchange, HOUSING, consent)
    assert states(exchange, HOUSING, case) == (set(), set(), {OLD.kid})
    nothing_wrong(exchange)


def test_losing_every_passkey_blocks_neither_withdrawing_nor_what_was_signed_before(exchange: World):
    case = case_with(exchange, OLD)
    consent = consent_by(exchange, case, OLD)
    exchange.invite_source(case, consent)
    acts.end_passkeys(exchange.members[PORTAL], case, [OLD.kid])
    exchange.settle()
    request = exchange.request(case, consent)
    exchange.settle()
    with exchange.members[DEBT].database.reading() as connection:
        assert len([row for row in statements.answers_to(connection, request) if not row.mine]) == 1
    asked = document(exchange, case)
    with pytest.raises(ProofRefused):
        consents.grant(exchange.members[PORTAL], asked, [OLD.confirm(consent_challenge(asked))])
    consents.withdraw(exchange.members[PORTAL], consent)
    exchange.settle()
    with exchange.members[HOUSING].database.reading() as connection:
        assert there(consent_store.find(connection, consent)).status == "withdrawn"
    nothing_wrong(exchange)


def test_a_citizen_who_came_alone_adds_by_the_portals_word(exchange: World):
    portal = exchange.members[PORTAL]
    sign_in = cases.SignIn(acr="substantial", auth_time=exchange.clock())
    case = cases.open_case_for_citizen(portal, sign_in)
    exchange.settle()
    change(exchange, case, [NEW])
    assert states(exchange, PORTAL, case) == ({NEW.kid}, set(), set())
    cases.invite_agency(portal, case, DEBT, Authority("seat"))
    exchange.settle()
    assert is_proven(exchange, DEBT, consent_by(exchange, case, NEW))
    assert states(exchange, DEBT, case) == ({NEW.kid}, set(), set())
    nothing_wrong(exchange)


def test_an_end_reaches_an_agency_that_has_just_sat_down(exchange: World):
    case = case_with(exchange, OLD)
    consent = consent_by(exchange, case, OLD)
    cases.invite_agency(exchange.members[DEBT], case, HOUSING, Authority("consent", consent))
    for _ in range(4):  # the portal does not hear of it
        for member in (DEBT, HOUSING):
            runner.sync_once(exchange.members[member])
    change(exchange, case, end=[OLD.kid])
    assert states(exchange, HOUSING, case) == (set(), set(), {OLD.kid})
    with exchange.members[HOUSING].database.reading() as connection:
        seat = there(case_store.citizen_seat(connection, case))
        (said,) = rows.of_seat(connection, case, seat.join_id)
        assert said.placed
    with exchange.members[PORTAL].database.reading() as connection:
        assert outbox.failed(connection) == []


def test_a_passkey_ends_in_a_closed_case_and_none_is_added(exchange: World):
    case = case_with(exchange, OLD)
    cases.close(exchange.members[DEBT], case)
    exchange.settle()
    change(exchange, case, end=[OLD.kid])
    assert states(exchange, DEBT, case) == (set(), set(), {OLD.kid})
    change(exchange, case, [NEW])
    with exchange.members[PORTAL].database.reading() as connection:
        assert [row.problem["code"] for row in outbox.failed(connection)] == ["case_closed"]
    assert states(exchange, PORTAL, case) == (set(), set(), {OLD.kid})


def test_an_end_that_waited_too_long_is_said_again_and_what_was_proven_waits(exchange: World):
    case = case_with(exchange, OLD)
    portal = exchange.members[PORTAL]
    draft = acts.seat_keys_draft(portal, case, [NEW.passkey], [OLD.kid])
    proof = OLD.confirm(draft.challenge)
    acts.add_passkeys(portal, case, [NEW.passkey], [OLD.kid], proof, at=draft.at)
    exchange.clock.move(days=8)
    exchange.settle()
    for member in (PORTAL, DEBT):
        assert states(exchange, member, case) == (set(), {NEW.kid}, {OLD.kid})


def test_the_draft_is_for_the_instant_at_which_it_was_made(exchange: World):
    case = case_with(exchange, OLD)
    portal = exchange.members[PORTAL]
    draft = acts.seat_keys_draft(portal, case, [NEW.passkey])
    exchange.clock.move(minutes=5)
    acts.add_passkeys(portal, case, [NEW.passkey], (), OLD.confirm(draft.challenge), at=draft.at)
    exchange.settle()
    assert states(exchange, DEBT, case) == ({OLD.kid, NEW.kid}, set(), set())
    assert instant.format(draft.at) != instant.format(exchange.clock())

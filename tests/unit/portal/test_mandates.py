"""Acting for somebody, from the code to the end, and what the person is shown of it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from connectors.portal import accounts
from connectors.portal.acting import mandates
from connectors.portal.acting.rules import KINDS, POWERS, Terms
from connectors.portal.errors import MandateNotInForce
from connectors.portal.store import deeds, joint_decisions, mails
from connectors.portal.store import mandates as stored
from schemas.errors import Refusal
from tests.unit.portal.people import (
    EVIDENCE,
    START,
    Visit,
    acting,
    case_of,
    entered,
    given,
    helper,
    mandate_of,
    ms,
    parent,
    person,
    ward,
    with_email,
)

LATER = START + timedelta(days=1)


def acts(connection, visit: Visit) -> list[str]:
    return [row.act for row in mandates.shown_deeds(connection, visit, LATER)]


def test_what_is_given_waits_for_the_code_and_is_then_in_force(connection):
    citizen, friend = person(connection), person(connection)
    made = mandates.give(connection, citizen, given(powers=["view", "grant"]), START)
    row = stored.find(connection, made.id)
    assert row is not None
    assert (row.status, row.delegate, row.principal) == ("invited", None, citizen.account)
    assert mandates.accept(connection, friend, made.code, LATER) == made.id
    row = stored.find(connection, made.id)
    assert row is not None
    assert (row.status, row.delegate, row.valid_from) == ("active", friend.account, ms(LATER))
    assert row.powers == ["view", "grant"]
    assert [each.id for each in stored.held_by(connection, friend.account)] == [made.id]
    assert acts(connection, citizen) == ["mandate.accept"]


def test_a_code_is_not_kept_and_can_be_typed_as_people_type(connection):
    citizen = person(connection)
    made = mandates.give(connection, citizen, given(), START)
    row = stored.find(connection, made.id)
    assert row is not None
    assert made.code not in str(row)
    typed = f"  {made.code.lower().replace('-', ' – ')} "
    assert mandates.accept(connection, person(connection), typed, START) == made.id
    row = stored.find(connection, made.id)
    assert row is not None
    assert row.code_hash is None


@pytest.mark.parametrize(
    ("kind", "powers"),
    [
        ("informal_helper", ("view", "withdraw")),
        ("nominee", ("view", "refuse", "withdraw")),
    ],
)
def test_a_mandate_has_the_usual_powers_of_its_kind(connection, kind, powers):
    made = mandates.give(connection, person(connection), given(kind=kind), START)
    row = stored.find(connection, made.id)
    assert row is not None
    assert tuple(row.powers) == powers


@pytest.mark.parametrize("kind", [name for name, each in KINDS.items() if each.by_staff])
def test_staff_enter_what_rests_on_law_with_evidence_and_the_person_is_shown_it(connection, kind):
    citizen = person(connection)
    made = mandates.enter(connection, citizen.account, entered(kind=kind), START)
    row = stored.find(connection, made.id)
    assert row is not None
    assert (row.created_by, row.evidence, tuple(row.powers)) == ("staff", EVIDENCE, POWERS)
    assert acts(connection, citizen) == ["mandate.enter"]


def test_the_principal_ends_it_at_once_and_the_delegate_can_do_nothing_any_more(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen)
    accounts.may(connection, visit, case, "view", LATER)
    mandates.end(connection, citizen, mandate_of(visit), LATER)
    with pytest.raises(MandateNotInForce):
        accounts.may(connection, visit, case, "view", LATER)
    row = stored.find(connection, mandate_of(visit))
    assert row is not None
    assert (row.status, row.ended_by, row.end_reason) == ("ended", citizen.account, None)


def test_the_delegate_ends_it_and_the_person_is_shown_that(connection):
    citizen = person(connection)
    visit = helper(connection, citizen)
    mandates.end(connection, visit, mandate_of(visit), LATER)
    assert "mandate.end" in acts(connection, citizen)


def test_staff_end_what_rests_on_law_and_say_why(connection):
    child = ward(connection)
    visit = parent(connection, child)
    mandates.end_by_staff(connection, mandate_of(visit), "court order", LATER)
    row = stored.find(connection, mandate_of(visit))
    assert row is not None
    assert (row.status, row.ended_by, row.end_reason) == ("ended", "staff", "court order")


def test_a_power_of_attorney_can_be_ended_by_whom_it_is_for(connection):
    citizen = person(connection)
    visit = parent(connection, citizen.account, kind="power_of_attorney")
    mandates.end(connection, citizen, mandate_of(visit), LATER)
    with pytest.raises(MandateNotInForce):
        accounts.visible_cases(connection, visit, LATER)


def test_the_clock_ends_what_has_run_out_and_invitations_that_nobody_took_up(connection):
    citizen = person(connection)
    short = helper(connection, citizen, valid_until=START + timedelta(days=10))
    mandates.give(connection, citizen, given(), START)
    long = helper(connection, citizen)
    assert mandates.end_run_out(connection, START + timedelta(days=9)) == 0
    assert mandates.end_run_out(connection, START + timedelta(days=14)) == 2
    assert mandates.end_run_out(connection, START + timedelta(days=14)) == 0
    states = {row.id: row.status for row in stored.given_by(connection, citizen.account)}
    assert states[mandate_of(short)] == "ended"
    assert states[mandate_of(long)] == "active"


def test_a_mandate_permits_nothing_after_its_end_even_before_anybody_has_tidied_up(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen, valid_until=START + timedelta(days=10))
    with pytest.raises(MandateNotInForce):
        accounts.may(connection, visit, case, "view", START + timedelta(days=10))


def test_what_a_citizen_gave_can_be_renewed(connection):
    citizen = person(connection)
    visit = helper(connection, citizen)
    until = LATER + timedelta(days=300)
    mandates.renew(connection, citizen, mandate_of(visit), until, LATER)
    row = stored.find(connection, mandate_of(visit))
    assert row is not None
    assert row.valid_until == ms(until)


def test_the_terms_of_a_citizen_may_be_for_all_cases_or_for_some(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen, cases=[case])
    assert visit.mandate is not None
    assert visit.mandate.cases == [case]
    everything = helper(connection, citizen)
    assert everything.mandate is not None
    assert everything.mandate.cases is None


@pytest.mark.parametrize("same_code", [True, False], ids=["one code twice", "two codes"])
def test_somebody_who_is_quick_takes_up_one_mandate_and_not_two(database, same_code):
    with database.writing() as connection:
        child, me = ward(connection), person(connection)
        codes = [mandates.enter(connection, child, entered(joint=True), START).code for _ in range(2)]
    refused: list[Refusal] = []

    def take(code: str) -> None:
        try:
            with database.writing() as connection:
                mandates.accept(connection, me, code, START)
        except Refusal as refusal:
            refused.append(refusal)

    tried = [codes[0], codes[0] if same_code else codes[1]]
    threads = [threading.Thread(target=take, args=(code,)) for code in tried]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.reading() as connection:
        assert len(stored.in_force(connection, child, START)) == 1
    assert len(refused) == 1


# --- what is done -----------------------------------------------------------------------------------


def test_every_act_of_a_delegate_is_shown_and_told_without_saying_what_it_was(connection):
    citizen = with_email(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen)
    mandates.did(connection, visit, "consent.withdraw", LATER, case=case, about="consent-1")
    mandates.did(connection, visit, "note.add", LATER, case=case)
    (first, second) = [
        row for row in mandates.shown_deeds(connection, citizen, LATER) if row.act != "mandate.accept"
    ]
    assert {first.act, second.act} == {"consent.withdraw", "note.add"}
    assert {first.by_account, second.by_account} == {visit.account}
    assert [row.kind for row in mails.of_account(connection, citizen.account)] == ["delegate_acted"]
    deeds.seen(connection, citizen.account, [first.id], LATER)
    left = [row.id for row in mandates.shown_deeds(connection, citizen, LATER) if row.seen_at is None]
    assert first.id not in left


def test_what_somebody_does_for_themselves_is_no_deed(connection):
    citizen = person(connection)
    mandates.did(connection, citizen, "consent.withdraw", LATER)
    assert mandates.shown_deeds(connection, citizen, LATER) == []


def test_a_delegate_is_not_shown_what_others_did(connection):
    citizen = person(connection)
    one, other = helper(connection, citizen), helper(connection, citizen)
    mandates.did(connection, one, "note.add", LATER)
    assert mandates.shown_deeds(connection, other, LATER) == []


def test_what_is_held_back_for_safety_is_shown_after_the_day_of_review(connection):
    citizen = with_email(connection)
    visit = parent(connection, citizen.account, kind="guardian")
    review = LATER + timedelta(days=30)
    mandates.hold_back(
        connection, mandate_of(visit), ground="protection order", review_at=review, by_role="lead", now=LATER
    )
    mandates.did(connection, visit, "consent.withdraw", LATER)
    assert mandates.shown_deeds(connection, citizen, LATER) == []
    assert mails.of_account(connection, citizen.account) == []
    later = [row.act for row in mandates.shown_deeds(connection, citizen, review)]
    assert "consent.withdraw" in later


def test_a_change_of_who_decides_ends_what_waited_for_another(connection):
    child = ward(connection)
    first = parent(connection, child, joint=True)
    joint_decisions.begin(connection, "request-1", account=child, decision={}, now=START)
    parent(connection, child, joint=True)
    (row,) = [joint_decisions.find(connection, "request-1")]
    assert row is not None
    assert row.state == "ended"
    joint_decisions.begin(connection, "request-2", account=child, decision={}, now=START)
    mandates.end_by_staff(connection, mandate_of(first), "court order", LATER)
    assert joint_decisions.pending(connection, child) == []


def test_terms_without_powers_have_the_usual_ones_in_the_order_in_which_people_read_them():
    terms = Terms(kind="nominee", valid_until=LATER, powers={"withdraw", "view", "grant"})
    assert terms.whole_powers == ("view", "withdraw", "grant")


def test_whoever_acts_is_read_from_the_mandate_itself(connection):
    visit = helper(connection, person(connection))
    assert acting(connection, mandate_of(visit)).principal == visit.principal

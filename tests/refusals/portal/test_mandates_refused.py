"""Mandates that cannot be given, taken up, used or ended, each with its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.portal import accounts
from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.acting.codes import CODE_LIFE
from connectors.portal.acting.rules import NEEDED, POWERS, Terms
from connectors.portal.errors import (
    MandateNotInForce,
    MandateRefused,
    NotYours,
    NotYoursToEnd,
    PowerMissing,
)
from connectors.portal.store import mandates as stored
from schemas.errors import SamePerson, WrongCode, WrongTransition
from tests.unit.portal.people import (
    EVIDENCE,
    START,
    acting,
    case_of,
    entered,
    given,
    helper,
    mandate_of,
    parent,
    person,
    ward,
)

LATER = START + timedelta(days=1)


@pytest.mark.parametrize(
    "terms",
    [
        given(kind="parental"),
        given(kind="power_of_attorney"),
        given(kind="king"),
        given(kind="informal_helper", powers=["view", "grant"]),
        given(kind="informal_helper", powers=["view", "refuse"]),
        given(powers=["withdraw"]),
        given(powers=["view", "own"]),
        given(valid_until=START),
        given(valid_until=START + timedelta(days=367)),
        given(cases=[]),
        given(joint=True),
    ],
)
def test_a_citizen_cannot_give_this(connection, terms: Terms):
    with pytest.raises(MandateRefused):
        mandates.give(connection, person(connection), terms, START)


@pytest.mark.parametrize(
    "terms",
    [
        entered(kind="nominee"),
        entered(kind="informal_helper"),
        entered(of_age_on=None),
        entered(of_age_on=START),
        entered(valid_until=START + timedelta(days=500)),
        entered(kind="guardian", joint=True),
        entered(kind="guardian", valid_until=START),
        *(
            entered(kind="guardian", evidence={name: text for name, text in EVIDENCE.items() if name != left})
            for left in EVIDENCE
        ),
        entered(kind="guardian", evidence={**EVIDENCE, "reference": "  "}),
    ],
)
def test_staff_cannot_enter_this(connection, terms: Terms):
    child = ward(connection)
    with pytest.raises(MandateRefused):
        mandates.enter(connection, child, terms, START)


def test_nobody_gives_a_mandate_for_cases_of_somebody_else(connection):
    citizen, other = person(connection), person(connection)
    foreign = case_of(connection, other.account)
    with pytest.raises(NotYours):
        mandates.give(connection, citizen, given(cases=[foreign]), START)
    with pytest.raises(NotYours):
        mandates.enter(connection, citizen.account, entered(kind="guardian", cases=[foreign]), START)


def test_a_mandate_is_not_passed_on(connection):
    visit = helper(connection, person(connection), powers=POWERS)
    with pytest.raises(MandateRefused):
        mandates.give(connection, visit, given(), START)


def test_staff_enter_none_for_an_account_that_there_is_not(connection):
    with pytest.raises(NotYours):
        mandates.enter(connection, "nobody", entered(kind="guardian"), START)


# --- the code ---------------------------------------------------------------------------------------


def test_a_wrong_a_used_and_an_old_code_are_refused_alike(connection):
    citizen, friend = person(connection), person(connection)
    used = mandates.give(connection, citizen, given(), START)
    mandates.accept(connection, friend, used.code, START)
    old = mandates.give(connection, citizen, given(), START)
    ended = mandates.give(connection, citizen, given(), START)
    mandates.end(connection, citizen, ended.id, START)
    said = []
    for code, now in (
        ("AAAAA-AAAAA-AAAAA-AAAAA", START),
        ("", START),
        ("\udcff", START),
        (used.code, START),
        (ended.code, START),
        (old.code, START + CODE_LIFE),
    ):
        with pytest.raises(WrongCode) as caught:
            mandates.accept(connection, person(connection), code, now)
        said.append((caught.value.detail, caught.value.remedy, caught.value.facts))
    assert len(set(map(str, said))) == 1


def test_nobody_takes_up_their_own_mandate_or_acts_while_taking_one_up(connection):
    citizen = person(connection)
    made = mandates.give(connection, citizen, given(), START)
    with pytest.raises(SamePerson):
        mandates.accept(connection, citizen, made.code, START)
    with pytest.raises(SamePerson):
        mandates.accept(connection, helper(connection, person(connection)), made.code, START)


def test_one_person_does_not_hold_two_of_a_kind_for_the_same(connection):
    child = ward(connection)
    first = parent(connection, child, joint=True)
    second = mandates.enter(connection, child, entered(joint=True), START)
    me = person(connection)
    with pytest.raises(MandateRefused):
        mandates.accept(connection, type(me)(first.account), second.code, START)
    assert mandates.accept(connection, me, second.code, START)


# --- using it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [act for act, power in NEEDED.items() if power not in {"view", "withdraw"}])
def test_a_helper_does_nothing_but_see_and_withdraw(connection, act: str):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen, kind="informal_helper")
    accounts.may_act(connection, visit, case, "consent.withdraw", START)
    with pytest.raises(PowerMissing):
        accounts.may_act(connection, visit, case, act, START)


def test_a_mandate_is_used_by_its_delegate_alone(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    visit = helper(connection, citizen)
    thief = type(visit)(person(connection).account, visit.mandate)
    with pytest.raises(MandateNotInForce):
        accounts.may(connection, thief, case, "view", START)
    with pytest.raises(MandateNotInForce):
        accounts.visible_cases(connection, thief, START)


def test_a_mandate_that_nobody_took_up_is_of_no_use(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    made = mandates.give(connection, citizen, given(), START)
    stranger = person(connection)
    row = stored.find(connection, made.id)
    with pytest.raises(MandateNotInForce):
        accounts.may(connection, type(stranger)(stranger.account, row), case, "view", START)


def test_a_ward_who_has_come_of_age_is_not_acted_for_even_before_the_clock_has_tidied_up(connection):
    child = ward(connection)
    case = case_of(connection, child)
    of_age = START + timedelta(days=400)
    visit = parent(connection, child, valid_until=of_age, of_age_on=of_age)
    accounts.may(connection, visit, case, "grant", of_age - timedelta(seconds=1))
    with pytest.raises(MandateNotInForce):
        accounts.may(connection, visit, case, "grant", of_age)


def test_who_acts_in_one_case_or_may_only_look_brings_the_person_into_no_other(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)
    for visit in (
        helper(connection, citizen, powers=POWERS, cases=[case]),
        helper(connection, citizen, kind="informal_helper"),
    ):
        with pytest.raises(PowerMissing):
            accounts.take_case(connection, visit, "another case", START)


# --- ending and renewing ----------------------------------------------------------------------------


def test_what_rests_on_law_is_not_ended_by_whom_it_is_for(connection):
    citizen = person(connection)
    for kind in ("parental", "guardian", "court_deputy"):
        visit = parent(connection, citizen.account, kind=kind)
        with pytest.raises(NotYoursToEnd):
            mandates.end(connection, citizen, mandate_of(visit), LATER)


def test_a_stranger_ends_and_renews_nothing(connection):
    visit = helper(connection, person(connection))
    stranger = person(connection)
    for mandate in (mandate_of(visit), "no such mandate"):
        with pytest.raises(NotYours):
            mandates.end(connection, stranger, mandate, LATER)
        with pytest.raises(NotYours):
            mandates.renew(connection, stranger, mandate, LATER + timedelta(days=1), LATER)


def test_a_delegate_of_a_person_does_not_end_the_mandates_of_others(connection):
    citizen = person(connection)
    one, other = helper(connection, citizen, powers=POWERS), helper(connection, citizen)
    with pytest.raises(NotYours):
        mandates.end(connection, one, mandate_of(other), LATER)
    with pytest.raises(NotYours):
        mandates.renew(connection, one, mandate_of(one), LATER + timedelta(days=9), LATER)


def test_an_end_is_final(connection):
    citizen = person(connection)
    visit = helper(connection, citizen)
    mandates.end(connection, citizen, mandate_of(visit), LATER)
    with pytest.raises(WrongTransition):
        mandates.end(connection, citizen, mandate_of(visit), LATER)
    with pytest.raises(WrongTransition):
        mandates.end_by_staff(connection, mandate_of(visit), "again", LATER)
    with pytest.raises(WrongTransition):
        mandates.renew(connection, citizen, mandate_of(visit), LATER + timedelta(days=1), LATER)


def test_a_mandate_is_renewed_by_its_giver_within_a_year_and_before_its_end(connection):
    citizen = person(connection)
    mine = mandate_of(helper(connection, citizen, valid_until=START + timedelta(days=20)))
    for until in (LATER, LATER + timedelta(days=367)):
        with pytest.raises(MandateRefused):
            mandates.renew(connection, citizen, mine, until, LATER)
    after = START + timedelta(days=20)
    with pytest.raises(WrongTransition):
        mandates.renew(connection, citizen, mine, after + timedelta(days=10), after)
    staffs = mandate_of(parent(connection, citizen.account, kind="power_of_attorney"))
    with pytest.raises(MandateRefused):
        mandates.renew(connection, citizen, staffs, LATER + timedelta(days=10), LATER)
    waiting = mandates.give(connection, citizen, given(), START).id
    with pytest.raises(WrongTransition):
        mandates.renew(connection, citizen, waiting, LATER + timedelta(days=10), LATER)


def test_staff_end_only_what_there_is(connection):
    with pytest.raises(NotYours):
        mandates.end_by_staff(connection, "no such mandate", "x", LATER)


@pytest.mark.parametrize(
    "changed",
    [
        {"ground": " "},
        {"by_role": ""},
        {"review_at": LATER},
        {"review_at": LATER + timedelta(days=184)},
    ],
)
def test_holding_back_has_a_ground_a_role_and_a_near_day_of_review(connection, changed):
    visit = helper(connection, person(connection))
    flag: dict[str, Any] = {
        "ground": "protection order",
        "review_at": LATER + timedelta(days=30),
        "by_role": "lead",
    }
    with pytest.raises(MandateRefused):
        mandates.hold_back(connection, mandate_of(visit), **{**flag, **changed}, now=LATER)
    with pytest.raises(NotYours):
        mandates.hold_back(connection, "no such mandate", **flag, now=LATER)


# --- a sign-in of one's own -------------------------------------------------------------------------


def test_a_wards_code_is_single_use_and_for_nobody_who_acts_for_them(connection):
    child = ward(connection)
    visit = parent(connection, child)
    code = coming_of_age.offer_sign_in(connection, child, START)
    with pytest.raises(SamePerson):
        coming_of_age.take_over(connection, type(visit)(visit.account), code, START)
    with pytest.raises(WrongCode):
        coming_of_age.take_over(connection, acting(connection, mandate_of(visit)), code, START)
    with pytest.raises(WrongCode):
        coming_of_age.take_over(connection, person(connection), code, START + CODE_LIFE)
    coming_of_age.take_over(connection, person(connection), code, START)
    with pytest.raises(WrongCode):
        coming_of_age.take_over(connection, person(connection), code, START)


def test_a_second_code_makes_the_first_worthless(connection):
    child = ward(connection)
    first = coming_of_age.offer_sign_in(connection, child, START)
    second = coming_of_age.offer_sign_in(connection, child, START)
    with pytest.raises(WrongCode):
        coming_of_age.take_over(connection, person(connection), first, START)
    assert coming_of_age.take_over(connection, person(connection), second, START) == child


def test_only_a_ward_gets_such_a_code(connection):
    for account in (person(connection).account, "nobody"):
        with pytest.raises(NotYours):
            coming_of_age.offer_sign_in(connection, account, START)


def test_a_mandates_code_is_no_code_for_a_sign_in_and_the_reverse(connection):
    child = ward(connection)
    link = coming_of_age.offer_sign_in(connection, child, START)
    made = mandates.enter(connection, child, entered(), START)
    with pytest.raises(WrongCode):
        mandates.accept(connection, person(connection), link, START)
    with pytest.raises(WrongCode):
        coming_of_age.take_over(connection, person(connection), made.code, START)

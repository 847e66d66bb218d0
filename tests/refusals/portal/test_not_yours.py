"""What is somebody else's is refused letter by letter as what does not exist, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from connectors.portal import accounts
from connectors.portal.errors import NotYours, PowerMissing
from connectors.portal.store import receipts
from schemas.errors import Refusal
from tests.unit.portal.people import START, asked, case_of, helper, permitted, person

LATER = START + timedelta(days=1)
THINGS: dict[str, Callable[..., Any]] = {
    "request": accounts.request,
    "consent": accounts.consent,
    "statement": accounts.statement,
}


def refused(function: Callable[..., Any], *arguments: Any) -> tuple[Any, ...]:
    with pytest.raises(Refusal) as caught:
        function(*arguments)
    refusal = caught.value
    return type(refusal), refusal.code, refusal.detail, refusal.remedy, refusal.facts, refusal.to_problem()


def a_thing(connection, kind: str, case: str) -> str:
    if kind == "statement":
        return str(uuid4())
    return asked(connection, case) if kind == "request" else permitted(connection, case)


def test_a_foreign_case_is_refused_as_an_unknown_one(connection):
    mine, other = person(connection), person(connection)
    foreign = case_of(connection, other.account)
    unknown = str(uuid4())
    assert refused(accounts.may, connection, mine, foreign, "view", LATER) == refused(
        accounts.may, connection, mine, unknown, "view", LATER
    )
    assert refused(accounts.may, connection, mine, foreign, "view", LATER)[0] is NotYours


@pytest.mark.parametrize("kind", ["request", "consent"])
def test_a_foreign_thing_is_refused_as_an_unknown_one(connection, kind):
    mine, other = person(connection), person(connection)
    own = a_thing(connection, kind, case_of(connection, mine.account))
    foreign = a_thing(connection, kind, case_of(connection, other.account))
    nobodys = a_thing(connection, kind, str(uuid4()))
    look = THINGS[kind]
    assert look(connection, mine, own, "view", LATER).id == own
    said = {str(refused(look, connection, mine, each, "view", LATER)) for each in (foreign, nobodys, "x")}
    assert len(said) == 1
    assert refused(look, connection, mine, foreign, "view", LATER)[0] is NotYours


@pytest.mark.parametrize("kind", THINGS)
def test_a_mandate_that_has_ended_is_refused_before_anything_is_looked_up(connection, kind):
    citizen = person(connection)
    own = a_thing(connection, kind, case_of(connection, citizen.account))
    visit = helper(connection, citizen, valid_until=START + timedelta(days=10))
    after = START + timedelta(days=10)
    said = {
        str(refused(THINGS[kind], connection, visit, each, "view", after)) for each in (own, str(uuid4()))
    }
    assert len(said) == 1


def test_a_delegate_reaches_no_case_beyond_the_mandate_and_not_their_own_by_it(connection):
    citizen = person(connection)
    shown, hidden = case_of(connection, citizen.account), case_of(connection, citizen.account)
    visit = helper(connection, citizen, cases=[shown])
    own = case_of(connection, visit.account)
    for case in (hidden, own, str(uuid4())):
        assert refused(accounts.may, connection, visit, case, "view", LATER)[0] is NotYours
        request = asked(connection, case)
        assert refused(accounts.request, connection, visit, request, "view", LATER)[0] is NotYours
    # Without a power they are told so, since they see the case anyhow.
    assert refused(accounts.may, connection, visit, shown, "grant", LATER)[0] is PowerMissing


def test_a_receipt_is_given_to_its_own_holder_and_within_the_mandates_cases(connection):
    citizen, stranger = person(connection), person(connection)
    shown, hidden = case_of(connection, citizen.account), case_of(connection, citizen.account)
    for number, case in (("one", shown), ("two", hidden)):
        receipts.keep(
            connection, number, account=citizen.account, case=case, kind="granted", document={}, now=START
        )
    visit = helper(connection, citizen, cases=[shown])
    assert accounts.receipt(connection, citizen, "two", LATER).case == hidden
    assert accounts.receipt(connection, visit, "one", LATER).case == shown
    said = {
        str(refused(accounts.receipt, connection, who, number, LATER))
        for who, number in ((visit, "two"), (visit, "none"), (stranger, "one"), (citizen, "none"))
    }
    assert len(said) == 1


def test_a_visitor_who_says_to_be_another_without_a_mandate_is_refused(connection):
    citizen = person(connection)
    case = case_of(connection, citizen.account)

    class Pretender:
        account = person(connection).account
        principal = citizen.account
        mandate = None

    assert refused(accounts.may, connection, Pretender(), case, "view", LATER)[0] is NotYours
    assert refused(accounts.visible_cases, connection, Pretender(), LATER)[0] is NotYours
    assert refused(accounts.take_case, connection, Pretender(), "case", LATER)[0] is NotYours

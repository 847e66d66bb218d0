"""Two parents: a yes needs both and the same words, a no needs one, nobody decides alone by being first."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from connectors.exchange.errors import AlreadyDecided
from connectors.exchange.store import consents
from connectors.portal.acting import joint, mandates
from connectors.portal.acting.joint import Matter
from connectors.portal.errors import NotYours, PowerMissing
from connectors.portal.store import joint_decisions
from tests.unit.portal.people import (
    START,
    Visit,
    asked,
    case_of,
    entered,
    helper,
    mandate_of,
    parent,
    person,
    ward,
)

LATER = START + timedelta(days=1)
ALL = {"added": ["rent"], "shorter": None}
LESS: dict[str, object] = {"added": [], "shorter": None}


@pytest.fixture
def family(connection) -> tuple[Visit, Visit, str, str]:
    """Two parents of a child, a case of the child, a request in it."""
    child = ward(connection)
    case = case_of(connection, child)
    return (
        parent(connection, child, joint=True),
        parent(connection, child, joint=True),
        case,
        asked(connection, case),
    )


def test_a_yes_waits_for_the_other_and_is_then_sent(connection, family):
    one, other, case, request = family
    assert joint.needed(connection, one, case, LATER)
    first = joint.agree(connection, one, Matter(request, case, ALL), LATER)
    assert (first.both_agree, first.waits_for) == (False, (other.account,))
    again = joint.agree(connection, one, Matter(request, case, ALL), LATER)
    assert not again.both_agree
    second = joint.agree(connection, other, Matter(request, case, ALL), LATER)
    assert (second.both_agree, second.waits_for, second.decision) == (True, (), ALL)


def test_another_decision_begins_anew(connection, family):
    one, other, case, request = family
    joint.agree(connection, one, Matter(request, case, ALL), LATER)
    assert not joint.agree(connection, other, Matter(request, case, LESS), LATER).both_agree
    assert joint.agree(connection, one, Matter(request, case, LESS), LATER).both_agree


def test_one_no_is_enough_and_a_later_yes_comes_too_late(connection, family):
    one, other, case, request = family
    joint.agree(connection, one, Matter(request, case, ALL), LATER)
    joint.disagree(connection, other, request, case, LATER)
    with pytest.raises(AlreadyDecided):
        joint.agree(connection, one, Matter(request, case, ALL), LATER)
    row = joint_decisions.find(connection, request)
    assert row is not None
    assert (row.state, row.disagreed) == ("refused", [other.account])


def test_what_was_answered_is_not_agreed_on_again(connection, family):
    one, _other, case, request = family
    consents.answered(connection, request, "granted", str(uuid4()))
    for say in (
        lambda: joint.agree(connection, one, Matter(request, case, ALL), LATER),
        lambda: joint.disagree(connection, one, request, case, LATER),
    ):
        with pytest.raises(AlreadyDecided):
            say()


def test_an_agreement_that_could_not_be_sent_can_be_sent_by_either(connection, family):
    one, other, case, request = family
    joint.agree(connection, one, Matter(request, case, ALL), LATER)
    assert joint.agree(connection, other, Matter(request, case, ALL), LATER).both_agree
    joint.unsent(connection, request)
    assert joint.agree(connection, one, Matter(request, case, ALL), LATER).both_agree
    # The process may also have stopped before it could say that nothing was sent.
    assert joint.agree(connection, other, Matter(request, case, ALL), LATER).both_agree


def test_a_parent_alone_decides_alone(connection):
    child = ward(connection)
    case = case_of(connection, child)
    alone = parent(connection, child)
    assert not joint.needed(connection, alone, case, LATER)


def test_the_first_parent_to_come_waits_for_the_one_who_was_invited(connection):
    child = ward(connection)
    case = case_of(connection, child)
    one = parent(connection, child, joint=True)
    invited = mandates.enter(connection, child, entered(joint=True), START)
    request = asked(connection, case)
    assert joint.needed(connection, one, case, LATER)
    assert not joint.agree(connection, one, Matter(request, case, ALL), LATER).both_agree
    mandates.end_by_staff(connection, invited.id, "declined", LATER)
    assert not joint.needed(connection, one, case, LATER)
    assert joint.agree(connection, one, Matter(request, case, ALL), LATER).both_agree


def test_a_yes_of_one_whose_mandate_has_ended_counts_no_more(connection, family):
    one, other, case, request = family
    joint.agree(connection, one, Matter(request, case, ALL), LATER)
    mandates.end_by_staff(connection, mandate_of(one), "court order", LATER)
    third = parent(connection, one.principal, joint=True)
    standing = joint.agree(connection, other, Matter(request, case, ALL), LATER)
    assert (standing.both_agree, standing.waits_for) == (False, (third.account,))


def test_only_who_may_decide_in_this_case_agrees(connection, family):
    one, _other, case, request = family
    elsewhere = case_of(connection, one.principal)
    with pytest.raises(NotYours):
        joint.agree(connection, one, Matter(request, elsewhere, ALL), LATER)
    with pytest.raises(NotYours):
        joint.agree(connection, person(connection), Matter(request, case, ALL), LATER)
    citizen = person(connection)
    own = case_of(connection, citizen.account)
    with pytest.raises(PowerMissing):
        joint.agree(connection, helper(connection, citizen), Matter(asked(connection, own), own, ALL), LATER)
    assert joint_decisions.pending(connection, one.principal) == []

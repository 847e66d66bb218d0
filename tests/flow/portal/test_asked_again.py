"""Asked once more: what would end with a yes, what differs from what was allowed, what cannot be allowed.

And what a yes needs that no form can give: something that is allowed, and a passkey that the case knows.
"""

from __future__ import annotations

import pytest

from connectors.exchange.acts import consents as asking
from connectors.exchange.acts import records
from connectors.exchange.store import consents, offers, previews
from connectors.exchange.store import statements as stored
from connectors.portal.store import notices
from tests.flow.exchange.world import DEBT, HOUSING, there
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.test_deciding_forms import allowed, asked, data, permission, preview

NARROW = data(("landlord", "needed", False), ("rent", "optional", False))
NEVER = "This was to take the place of a permission that is over"


@pytest.fixture
def me(citizen):
    return citizen


def page(visit, place):
    return seen(visit.get(place).text)


# --- in the place of a permission -------------------------------------------------------------------


def test_a_yes_that_ends_another_permission_says_so_before(life, me, case):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case, data=NARROW))
    old = permission(life, case).id
    first = page(visit, f"/requests/{asked(life, case, data=NARROW, supersedes=old)}").first
    assert "Takes the place of" in first
    assert "Your permission of 10 March 2031, which ends if you allow this." in first
    assert "What the new permission leaves out is deleted." in first
    assert "It is paused now" not in first


def test_a_yes_that_lets_data_flow_again_says_so_before(life, me, case):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case))
    old = permission(life, case).id
    visit.post(f"/permissions/{old}/suspend")
    life.world.settle()
    found = page(visit, f"/requests/{asked(life, case, supersedes=old)}").first
    assert "It is paused now. If you allow this, data can be shared again." in found


def test_what_is_said_of_the_old_permission_is_kept_with_the_notice(life, me, case):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case))
    old = permission(life, case).id
    allowed(life, visit, asked(life, case, supersedes=old))
    digest = permission(life, case).document["notice"]["sha256"]
    with life.portal.database.reading() as connection:
        assert "Takes the place of" in there(notices.find(connection, digest)).text.decode()


@pytest.mark.parametrize("why", ["withdrawn", "unknown"])
def test_what_no_yes_can_bring_about_is_not_offered(life, me, case, why):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case))
    old = permission(life, case).id
    if why == "withdrawn":
        request = asked(life, case, supersedes=old)
        visit.post(f"/permissions/{old}/withdraw")
        life.world.settle()
    else:
        request = asked(life, case, supersedes="00000000-0000-4000-8000-000000000000")
    found = visit.get(f"/requests/{request}").text
    assert NEVER in seen(found).main
    assert 'value="allow"' not in found
    assert 'value="refuse"' in found
    assert visit.post(f"/requests/{request}", decision="allow").status_code == 409
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="refuse").location


# --- what is different ------------------------------------------------------------------------------


def test_what_is_different_is_measured_by_what_was_allowed(life, me, case):
    """Whoever had left something out is not told that nothing is new (consent rule 16)."""
    visit = life.visit(me)
    allowed(life, visit, asked(life, case, data=NARROW))
    found = page(visit, f"/requests/{asked(life, case, data=NARROW)}").first
    assert "This was allowed before. This is different now:" in found
    assert "New: Rent per month" in found


def test_somebody_who_said_no_is_told_that_the_same_is_asked_again(life, me, case):
    visit = life.visit(me)
    visit.post(f"/requests/{asked(life, case)}", decision="refuse")
    life.world.settle()
    again = asked(life, case)
    assert "The answer before was no. Nothing is different now." in page(visit, f"/requests/{again}").first


# --- a suggestion -----------------------------------------------------------------------------------


@pytest.fixture
def taken_up(life, me, case):
    """A suggestion that the asker has taken up; gives the visit, the old request and the new one."""
    visit, old = life.visit(me), asked(life, case)
    assert visit.post(f"/requests/{old}/suggest", kept=["housing.landlord"]).status_code == 303
    life.world.settle()
    debt = life.world.members[DEBT]
    with debt.database.reading() as connection:
        (offer,) = offers.of_case(connection, case)
    new = asking.accept_offer(debt, offer.id)
    life.world.settle()
    return visit, old, new


def test_a_suggestion_that_was_taken_up_is_named(taken_up):
    visit, _, new = taken_up
    found = page(visit, f"/requests/{new}").first
    assert "They took up the suggestion. This is different now:" in found
    assert "No longer asked for: Rent per month" in found


def test_the_request_that_was_replaced_leads_to_the_newer_one(taken_up):
    visit, old, new = taken_up
    assert f"/requests/{new}" in page(visit, f"/requests/{old}").links
    for word in ("allow", "refuse"):
        answer = visit.post(f"/requests/{old}", decision=word)
        assert answer.status_code == 409
        assert "This request was replaced" in answer.text


def test_nothing_else_can_be_suggested_for_what_was_answered(life, me, case):
    visit, request = life.visit(me), asked(life, case)
    visit.post(f"/requests/{request}", decision="refuse")
    answer = visit.get(f"/requests/{request}/suggest")
    assert (answer.status_code, answer.location) == (302, f"/requests/{request}")


# --- what a yes needs -------------------------------------------------------------------------------


def test_a_yes_to_nothing_is_asked_what_to_and_is_no_fault_of_the_rules(life, me, case):
    request = asked(life, case, data=NARROW[1:])
    visit = life.visit(me)
    visit.get(f"/requests/{request}")
    answer = visit.post(f"/requests/{request}", decision="allow", shorter="30")
    assert answer.status_code == 422
    assert "Tick what you want to allow. If it is nothing, press “Don’t allow”." in seen(answer.text).main
    assert life.state(request) == "open"
    assert (
        "/receipts/" in visit.post(f"/requests/{request}", decision="allow", added=["housing.rent"]).location
    )


def test_nobody_is_led_to_confirm_with_a_passkey_that_the_case_does_not_know(life, me, case):
    request = asked(life, case)
    visit = life.visit(me)
    visit.get(f"/requests/{request}")
    answer = visit.post(f"/requests/{request}", decision="allow", passkey="yes")
    assert answer.status_code == 422
    assert "None of your passkeys counts in this case" in answer.text
    assert visit.get(f"/requests/{request}/confirm").status_code == 302


def test_the_page_says_until_when_one_can_answer_and_who_learns_what(life, me, case):
    found = page(life.visit(me), f"/requests/{asked(life, case)}").main
    assert "You can answer until 24 March 2031." in found
    assert "these organisations are told: Debt-Advice and City-Housing." in found
    assert "If you do not, only Debt-Advice is told." in found


def test_a_shorter_time_can_be_chosen_and_taken_back_again(life, me, case):
    request = asked(life, case)
    (form,) = [
        each for each in page(life.visit(me), f"/requests/{request}").forms if "decision" in each.fields
    ]
    assert form.fields["shorter"].values == ["", "7", "30"]
    assert not form.fields["shorter"].chosen


# --- seen first and contested -----------------------------------------------------------------------


def test_what_was_contested_is_not_passed_on_before_it_is_shown_with_the_mark(life, me, case):
    release = preview(life, me, case)
    visit = life.visit(me)
    with life.portal.database.reading() as connection:
        old = there(previews.find(connection, release))
    records.contest(life.portal, old.statement, "The rent is wrong.", ["rent"])
    found = visit.get(f"/previews/{release}").text
    assert "You said that something is wrong here." in found
    assert 'value="pass"' not in found
    assert 'value="stop"' in found
    life.world.settle()
    (link,) = [each for each in page(visit, f"/previews/{release}").links if each.startswith("/previews/")]
    assert link != f"/previews/{release}"
    assert "If you pass it on, the mark goes with it." in page(visit, link).main
    assert visit.post(link, decision="pass").status_code == 303
    life.world.settle()
    with life.world.members[DEBT].database.reading() as connection:
        marked = [row.contested for row in stored.of_case(connection, case) if not row.mine]
    assert marked == [True]
    assert "This was passed on." in page(visit, link).main


def test_a_record_that_was_passed_on_says_so(life, me, case):
    release = preview(life, me, case)
    visit = life.visit(me)
    visit.post(f"/previews/{release}", decision="stop")
    assert "This was not passed on." in page(visit, f"/previews/{release}").main
    with life.portal.database.reading() as connection:
        assert consents.of_case(connection, case)[-1].status == "granted", "the permission goes on"


# --- a passkey where the agreement demands one ------------------------------------------------------


@pytest.fixture
def by_two(life, me):
    """A case whose agreement demands a passkey for one of two kinds of data; gives the case."""
    flow = {"source": HOUSING, "recipient": DEBT, "purpose": "debt-plan"}
    kinds = (
        ("housing", "housing.tenancy/1", ["landlord"]),
        ("income", "income.sources/1", ["monthly_total"]),
    )
    flows = [{**flow, "category": kind, "schema": schema, "fields": names} for kind, schema, names in kinds]
    life.world.agree(version=2, flows=flows, proof={"income": "passkey"})
    return life.case_of(me)


def income(necessity):
    what = {"category": "income", "schema": "income.sources/1", "fields": ["monthly_total"], "special": False}
    return [*data(("landlord", "needed", False)), {**what, "necessity": necessity}]


def test_a_passkey_is_demanded_only_for_what_is_allowed(life, me, by_two):
    """Somebody without one leaves out what would need it, and says yes to the rest."""
    request = asked(life, by_two, agreement="winter-support@2", data=income("optional"))
    visit = life.visit(me)
    assert "To allow this, you confirm with a passkey." in page(visit, f"/requests/{request}").main
    answer = visit.post(f"/requests/{request}", decision="allow", added=["income.monthly_total"])
    assert answer.status_code == 422
    assert "None of your passkeys counts in this case" in answer.text
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="allow").location
    life.world.settle()
    assert [each["category"] for each in permission(life, by_two).document["data"]] == ["housing"]


def test_without_a_passkey_what_needs_one_is_not_allowed_and_the_page_says_what_to_do(life, me, by_two):
    request = asked(life, by_two, agreement="winter-support@2", data=income("needed"))
    visit = life.visit(me)
    found = page(visit, f"/requests/{request}")
    assert "To allow this, you confirm with a passkey. You have none yet." in found.main
    assert "/account/passkeys/" in found.links
    assert visit.post(f"/requests/{request}", decision="allow").status_code == 422
    assert life.state(request) == "open"
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="refuse").location

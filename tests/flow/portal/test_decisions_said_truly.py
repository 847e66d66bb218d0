"""What the pages about decisions say is so: who asks, who decided, what has changed, who else decides."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.exchange.acts import consents as asking
from connectors.exchange.store import consents
from connectors.portal.store import deeds, receipts
from connectors.portal.store import mandates as stored_mandates
from schemas import instant
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, PORTAL, terms
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.test_signing_in_again import goes_on_to, sign_in
from tests.wsgi import cut

OPTIONAL = {"needed": ["landlord"], "optional": ["rent"]}
WHY = {"en": "For your plan.", "fr": "Pour le plan."}


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase):
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


@pytest.fixture
def me(life):
    return life.person()


@pytest.fixture
def case(life, me):
    return life.case_of(me)


def asked(life: Life, case: str, **changed: Any) -> str:
    request = asking.ask_consent(life.world.members[DEBT], case, terms(life.now(), **changed), WHY)
    life.world.settle()
    return request


def data(**fields: list[str]) -> list[dict[str, Any]]:
    usual = {"category": "housing", "schema": "housing.tenancy/1", "special": False}
    return [{**usual, "fields": names, "necessity": necessity} for necessity, names in fields.items()]


def chosen(html: str) -> tuple[bool, bool]:
    """Say whether an optional field and an earlier end are chosen on a request's page."""
    (form,) = [each for each in seen(html).forms if "decision" in each.fields]
    return form.fields["added"].chosen, form.fields["shorter"].chosen


def allowed(life: Life, visit, request: str) -> str:
    """Say yes on the page; gives where the receipt is."""
    visit.get(f"/requests/{request}")
    answer = visit.post(f"/requests/{request}", decision="allow")
    assert "/receipts/" in answer.location
    life.world.settle()
    return str(answer.location)


def permission(life: Life, case: str):
    with life.portal.database.reading() as connection:
        return consents.of_case(connection, case)[-1]


# --- signing in again -------------------------------------------------------------------------------


def test_what_was_chosen_is_still_chosen_after_signing_in_again_and_only_then(life, me, case):
    request = asked(life, case, data=data(**OPTIONAL))
    page, visit = f"/requests/{request}", life.visit(me)
    assert chosen(visit.get(page).text) == (False, False)
    life.world.clock.move(minutes=61)
    answer = visit.post(page, decision="allow", added=["housing.rent", "invented"], shorter="30")
    assert goes_on_to(answer) == page
    visit = sign_in(life, visit, me)
    other = asked(life, case, data=data(**OPTIONAL))
    assert chosen(visit.get(f"/requests/{other}").text) == (False, False)
    assert chosen(visit.get(page).text) == (True, True)
    assert chosen(visit.get(page).text) == (False, False), "nothing is chosen by us"


def test_somebody_else_who_signs_in_there_finds_nothing_chosen(life, me, case):
    request = asked(life, case, data=data(**OPTIONAL))
    visit = life.visit(me)
    visit.get(f"/requests/{request}")
    life.world.clock.move(minutes=61)
    visit.post(f"/requests/{request}", decision="allow", added=["housing.rent"])
    other, mandate, _ = life.given(me, powers=["view", "grant"])
    visit = sign_in(life, visit, other)
    visit.post(f"/acting/{mandate}/begin")
    assert chosen(visit.get(f"/requests/{request}").text) == (False, False)


# --- who asks, and who gets it ----------------------------------------------------------------------


def test_an_organisation_goes_by_its_name_in_the_register_whatever_it_calls_itself(life, me, case):
    request = asked(life, case, controllers=[{"member": DEBT, "name": "Ministry of Everything"}])
    visit = life.visit(me)
    page = seen(visit.get(f"/requests/{request}").text)
    assert "Debt-Advice asks for your permission" in page.main
    assert page.main.count("Ministry of Everything") == 1, "who is responsible, in their own words"
    assert "Ministry" not in seen(visit.get(allowed(life, visit, request)).text).main


# --- who decided ------------------------------------------------------------------------------------


def test_who_acts_for_somebody_is_not_told_that_they_decided_what_the_person_did(life, me, case):
    visit = life.visit(me)
    receipt = allowed(life, visit, asked(life, case))
    place = f"/permissions/{permission(life, case).id}"
    helper, mandate, _ = life.given(me)
    acting = life.visit(helper, mandate)
    assert "Somebody else allowed this." in acting.get(receipt).text
    assert "Somebody else allowed this." in acting.get("/receipts/").text
    assert "Somebody else allowed it" in acting.get(place).text
    assert "You allowed" not in acting.get(place).text + acting.get(receipt).text
    assert "You allowed this." in visit.get(receipt).text
    visit.post(f"{place}/suspend")
    assert "by somebody else. It would end on" in acting.get(place).text
    acting.post(f"{place}/withdraw")
    assert "because you took it back." in acting.get(place).text
    assert "because somebody who acts for you took it back." in visit.get(place).text


def test_who_took_it_back_is_known_though_it_had_to_be_said_again_after_a_long_outage(life, me, case):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case))
    place = f"/permissions/{permission(life, case).id}"
    helper, mandate, _ = life.given(me)
    life.world.lines[PORTAL].before = cut
    life.visit(helper, mandate).post(f"{place}/withdraw")
    life.world.clock.move(days=8)
    life.world.lines[PORTAL].before = None
    life.world.settle()
    assert permission(life, case).status == "withdrawn"
    page = life.visit(me).get(place).text
    assert "because somebody who acts for you took it back." in page
    assert "You took it back" not in page


def test_a_page_of_a_request_does_not_say_you_of_what_somebody_else_answered(life, me, case):
    request = asked(life, case)
    helper, mandate, _ = life.given(me)
    life.visit(helper, mandate).post(f"/requests/{request}", decision="refuse")
    page = life.visit(me).get(f"/requests/{request}").text
    assert "You said" not in page
    assert "The answer to this was no." in page


def test_what_somebody_refused_leads_to_the_request_and_its_receipt_names_it(life, me, case):
    request = asked(life, case)
    helper, mandate, _ = life.given(me)
    life.visit(helper, mandate).post(f"/requests/{request}", decision="refuse")
    with life.portal.database.reading() as connection:
        (done,) = [row for row in deeds.of_account(connection, me) if row.act == "consent.refuse"]
        (receipt,) = receipts.of_account(connection, me)
    assert (done.about, receipt.document["request"]) == (request, request)
    assert f"/requests/{request}" in seen(life.visit(me).get("/acting/").text).links


# --- what is different from the last time -----------------------------------------------------------


def test_what_was_optional_and_is_needed_now_is_said(life, me, case):
    until = f"{life.now() + timedelta(days=80):%Y-%m-%dT%H:%M:%S}.000Z"
    asked(life, case, data=data(**OPTIONAL), valid_until=until)
    life.world.clock.move(minutes=1)
    page = life.visit(me).get(
        f"/requests/{asked(life, case, data=data(needed=['landlord', 'rent']), valid_until=until)}"
    )
    main = seen(page.text).main
    assert "This is different now:" in main
    assert "Now needed:" in main
    assert "New:" not in main


@pytest.mark.parametrize(
    ("both", "words"),
    [
        (({"preview": True}, {}), "You do not see each record first any more."),
        (({}, {"identify_with": ["family_name", "given_name", "birth_date"]}), "They find your file by"),
        (({}, {"consequence_of_refusal": {"en": "You wait.", "fr": "Vous attendez."}}), "If you say no"),
        (({}, {"data_period": {"from": "2030-01-01", "to": "2030-12-31"}}), "Only data of this time"),
        (
            (
                {},
                {
                    "on_withdrawal": {
                        "erased": False,
                        "kept": ["housing"],
                        "why": {"en": "The law wants it.", "fr": "La loi le veut."},
                    }
                },
            ),
            "When you take it back",
        ),
    ],
    ids=["preview", "identify", "no", "period", "withdrawal"],
)
def test_whatever_else_has_changed_is_said(life, me, case, both, words):
    first, then = both
    until = instant.format(life.now() + timedelta(days=80))
    asked(life, case, valid_until=until, **first)
    life.world.clock.move(minutes=1)
    request = asked(life, case, valid_until=until, **then)
    main = seen(life.visit(me).get(f"/requests/{request}").text).main
    changed = main.partition("This is different now:")[2].partition("What for")[0]
    assert words in changed


def test_an_end_on_the_same_day_is_no_change(life, me, case):
    for hours in (1, 2):
        until = instant.format(life.now().replace(hour=hours, minute=0) + timedelta(days=80))
        request = asked(life, case, valid_until=until)
    assert "Ends on" not in seen(life.visit(me).get(f"/requests/{request}").text).main


# --- two who decide ---------------------------------------------------------------------------------


def test_who_decides_alone_since_the_other_gave_it_back_is_not_said_to_wait(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    (one, by_one), (other, by_other) = life.parents(child)
    first = life.visit(one, by_one)
    first.get(f"/requests/{request}")
    first.post(f"/requests/{request}", decision="allow")
    life.visit(other).post(f"/acting/{by_other}/end")
    page = first.get(f"/requests/{request}").text
    assert "Another person decides with you" not in page
    assert "your yes waits" not in page
    assert "/receipts/" in first.post(f"/requests/{request}", decision="allow").location


def test_two_are_not_asked_what_somebody_answered_before_they_decided_together(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    until = life.now() + timedelta(days=200)
    guardian, mandate, _ = life.given(child, kind="guardian", valid_until=until)
    life.visit(guardian, mandate).post(f"/requests/{request}", decision="refuse")
    (parent, by), _ = life.parents(child)
    page = life.visit(parent, by).get(f"/requests/{request}").text
    assert "The answer to this was no." in page
    assert "Neither of you has answered." not in page


def test_a_yes_does_not_wait_for_an_invited_parent_who_may_not_say_yes(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    of_age = life.now() + timedelta(days=400)
    said = {"kind": "parental", "valid_until": life.now() + timedelta(days=300), "of_age_on": of_age}
    _mandate, code = life.invited(child, **said, joint=True)
    life.invited(child, **said, joint=True, powers=["view"])
    parent = life.person("Sample Parent")
    life.visit(parent).post("/acting/code", code=code)
    visit = life.visit(parent, _mandate)
    assert "Another person decides with you" not in visit.get(f"/requests/{request}").text
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="allow").location


# --- an end that nobody has written down yet --------------------------------------------------------


def test_a_code_that_nobody_used_in_time_is_not_said_to_have_been_given_back(life, me):
    mandate, _code = life.invited(me, kind="nominee", valid_until=life.now() + timedelta(days=90))
    visit = life.visit(me)
    life.world.clock.move(days=15)
    visit = life.visit(me)
    page = visit.get("/acting/").text
    with life.portal.database.reading() as connection:
        row = stored_mandates.find(connection, mandate)
    assert row is not None
    assert row.status == "invited", "the clock has not come by"
    assert "Its time was over." in page
    assert "They gave it back." not in page

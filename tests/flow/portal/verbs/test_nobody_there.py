"""While no organisation takes part, the pages say so, and nothing typed is lost."""

from __future__ import annotations

from connectors.exchange.acts import cases, coordination
from schemas.messages.envelope import Authority
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.verbs.kit import (
    KEPT,
    TYPED,
    WRITING,
    asks,
    both,
    folded,
    join,
    offers,
    record_of,
    send,
    undelivered,
)


def test_what_is_sent_before_anybody_is_there_stays_in_the_form(life, visit, alone):
    for verb in WRITING:
        answer = send(visit, alone, verb)
        assert answer.status_code == 422
        assert KEPT in answer.text
        assert "once City-Housing has accepted the invitation" in answer.text
        assert not undelivered(life, alone)


def test_no_form_is_offered_before_anybody_is_there_but_the_reason(visit, alone):
    for verb in WRITING:
        page = visit.get(f"/cases/{alone}/{verb}")
        assert page.status_code == 200
        assert "once City-Housing has accepted the invitation" in page.text
        assert not any("text" in form.fields for form in seen(page.text).forms)


def test_the_tabs_say_why_nothing_can_be_written_yet(visit, alone):
    assert not offers(visit, alone) & set(WRITING)
    for tab in ("", "/messages", "/documents"):
        assert "once City-Housing has accepted the invitation" in visit.get(f"/cases/{alone}{tab}").text


def test_once_it_has_accepted_everything_can_be_sent(life, visit, alone):
    join(life, alone)
    assert set(WRITING) <= offers(visit, alone)
    for verb in WRITING:
        assert send(visit, alone, verb, to=[HOUSING]).status_code == 303
        assert not undelivered(life, alone)


def test_after_the_last_organisation_has_left_nothing_typed_is_lost(life, visit, case):
    cases.leave(life.world.members[DEBT], case)
    life.world.settle()
    for verb in WRITING:
        answer = send(visit, case, verb)
        assert answer.status_code == 422
        assert KEPT in answer.text
        assert "No organisation takes part now" in answer.text
        assert not offers(visit, case) & set(WRITING)


def test_several_that_were_asked_are_all_named(life, visit, alone):
    cases.invite_agency(life.portal, alone, DEBT, Authority("seat"))
    life.world.settle()
    text = visit.get(f"/cases/{alone}/note").text
    assert "once one of these has accepted: City-Housing and Debt-Advice" in text


def test_asking_an_organisation_whose_part_has_ended_says_so(life, citizen, visit, case):
    both(life, citizen, case)
    cases.leave(life.world.members[HOUSING], case)
    life.world.settle()
    page = visit.get(f"/cases/{case}/messages/new?kind=complaint&to={HOUSING}").text
    assert "City-Housing no longer takes part in this case" in page
    assert "You can write to the others below." in page
    assert "data protection authority" in page
    assert asks(page, "to").values == [DEBT]
    assert "no longer takes part" not in visit.get(f"/cases/{case}/messages/new?to={DEBT}").text
    assert "no longer takes part" not in visit.get(f"/cases/{case}/messages/new?to=nobody-known").text


def test_an_answer_to_somebody_who_has_left_stays_in_the_form(life, citizen, visit, case):
    both(life, citizen, case)
    coordination.send_message(
        life.world.members[HOUSING], case, coordination.Words(text="When?", kind="question")
    )
    (thread,) = folded(life, case).threads
    where = f"/cases/{case}/messages/{thread.id}"
    assert "Your answer" in visit.get(where).text
    cases.leave(life.world.members[HOUSING], case)
    life.world.settle()
    page = visit.get(where).text
    assert "nobody would read your answer" in page
    assert "Your answer</label>" not in page
    answer = visit.post(f"{where}/reply", text=TYPED)
    assert answer.status_code == 422
    assert KEPT in answer.text
    assert "nobody would read your answer" in answer.text


def test_a_mark_that_nobody_would_read_stays_in_the_form(life, citizen, visit, case):
    record = record_of(life, case, both(life, citizen, case))
    for member in (HOUSING, DEBT):
        cases.leave(life.world.members[member], case)
    life.world.settle()
    where = f"/cases/{case}/records/{record}"
    assert f"{where}/contest" not in seen(visit.get(where).text).links
    assert "nobody else who has this data does" in visit.get(f"{where}/contest").text
    answer = visit.post(f"{where}/contest", text=TYPED, wrong=["landlord"])
    assert answer.status_code == 422
    assert KEPT in answer.text

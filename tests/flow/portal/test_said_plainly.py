"""Faults, questions, endings: said so that somebody who is tired finds the place and the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.exchange import runner
from connectors.exchange.acts import cases, coordination
from connectors.exchange.store import consents as stored
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT
from tests.flow.portal.life import Life


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


def allowed(life: Life, citizen: str) -> tuple[str, str]:
    """Say yes to a request; gives the case and the permission."""
    case = life.case_of(citizen)
    request, visit = life.asked(case), life.visit(citizen)
    visit.get(f"/requests/{request}")
    visit.post(f"/requests/{request}", decision="allow")
    life.world.settle()
    with life.portal.database.reading() as connection:
        (row,) = stored.of_case(connection, case)
    return case, str(row.id)


def faults(html: str) -> list[str]:
    return re.findall(r'<a href="#\w+">([^<]+)</a>', html.partition("error-summary")[2])


def test_a_fault_at_the_top_says_which_field_it_means(life: Life) -> None:
    visit = life.visit(life.person())
    assert faults(visit.post("/join/", code="").text) == ["Your code: Fill this in."]
    refused = faults(visit.post("/acting/give/helper").text)
    assert "Until when? Choose one of these." in refused
    visit.client.set_cookie("language", "fr")
    assert faults(visit.post("/join/", code="").text) == ["Votre code\u202f: Remplissez ce champ."]


def test_a_question_that_waits_leads_to_where_it_is_answered(life: Life) -> None:
    citizen = life.person()
    case = life.case_of(citizen)
    asked = coordination.Words(text="When can you come?", kind="question", subject="Your visit")
    coordination.send_message(life.world.members[DEBT], case, asked)
    life.world.settle()
    summary = life.visit(citizen).get(f"/cases/{case}").text
    found = re.search(r'href="([^"]+)">Expected from you: an answer to a question', summary)
    assert found is not None
    assert "Your answer" in life.visit(citizen).get(found[1]).text


def test_what_waits_for_the_reader_is_not_said_to_wait_for_somebody(life: Life) -> None:
    citizen = life.person()
    case = life.case_of(citizen)
    coordination.give_outcome(life.world.members[DEBT], case, coordination.Result(outcome="got_help"))
    life.world.settle()
    summary = life.visit(citizen).get(f"/cases/{case}").text
    assert "Waits for you" in summary
    assert "Waits for the person" not in summary


def test_a_closed_case_says_so_before_anything_else_and_so_does_its_permission(life: Life) -> None:
    citizen = life.person()
    case, permission = allowed(life, citizen)
    said = "Nothing is shared by this permission as long as it stays closed."
    visit = life.visit(citizen)
    assert said not in visit.get(f"/permissions/{permission}").text
    cases.close(life.portal, case)
    assert said in visit.get(f"/permissions/{permission}").text
    summary = visit.get(f"/cases/{case}").text
    assert summary.index("Nothing more is shared in it.") < summary.index("What waits")
    assert summary.index("Open the case again") < summary.index("What waits")


def test_nobody_counts_the_seconds_of_who_was_asked_just_now_to_delete(life: Life) -> None:
    citizen = life.person()
    case, permission = allowed(life, citizen)
    life.world.invite_source(case, permission)
    life.world.request(case, permission)
    life.world.settle()
    life.visit(citizen).post(f"/permissions/{permission}/withdraw")
    runner.sync_once(life.portal)
    page = life.visit(citizen).get(f"/permissions/{permission}").text
    assert "has not answered for less than a minute" in page


def test_a_permission_that_nobody_used_is_not_said_to_be_used_0_times(life: Life) -> None:
    citizen = life.person()
    allowed(life, citizen)
    page = life.visit(citizen).get("/permissions/").text
    assert "Not used yet." in page
    assert "Used 0" not in page


def test_who_can_be_called_is_called_with_one_touch(life: Life) -> None:
    assert 'href="tel:0800000000">0800 000 000</a>' in life.visit(life.person()).get("/home").text


def test_nobody_reads_about_a_switch_of_laws_that_there_are_not(life: Life) -> None:
    citizen = life.person()
    page = life.visit(citizen).get("/who-looked/by-law").text
    assert "No law lets the organisations" in page
    assert "You cannot switch this off here" not in page


@pytest.mark.parametrize("acts", [["withdraw"], ["suspend"], ["suspend", "resume"]], ids="-".join)
def test_who_presses_twice_is_led_to_the_receipt_of_what_they_did(life: Life, acts: list[str]) -> None:
    citizen = life.person()
    _, permission = allowed(life, citizen)
    visit, page = life.visit(citizen), f"/permissions/{permission}"
    for act in acts:
        receipt = visit.post(f"{page}/{act}").location
    again = visit.post(f"{page}/{acts[-1]}")
    assert (again.status_code, again.location) == (303, receipt)
    assert "That was done already." not in visit.get(receipt).text
    if acts == ["withdraw"]:
        assert visit.post(f"{page}/resume").status_code == 409

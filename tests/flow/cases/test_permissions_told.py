"""What waits, who decided and who still has copies, on the citizen's pages over a real exchange."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.cases.summary import cases_with_work, summaries
from connectors.exchange import runner
from connectors.exchange.acts import cases, consents
from connectors.exchange.store import consents as stored
from connectors.portal.acting.coming_of_age import PAUSED
from connectors.portal.store import deeds
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT
from tests.flow.portal.life import Life

ASKS = "asks for your permission"


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase) -> Iterator[Life]:
    made = Life(tmp_path, make_database)
    yield made
    made.close()


def _allowed(life: Life, account: str, by: str | None = None) -> tuple[str, str, str]:
    """Ask and say yes on the page; gives case, permission and the receipt's address."""
    case = life.case_of(account)
    receipt = _say_yes(life, account, case)
    with life.portal.database.reading() as connection:
        (consent,) = [row.id for row in stored.of_case(connection, case)]
    return case, consent, receipt


def _say_yes(life: Life, account: str, case: str) -> str:
    request, visit = life.asked(case), life.visit(account)
    visit.get(f"/requests/{request}")
    answer = visit.post(f"/requests/{request}", decision="allow")
    life.world.settle()
    return str(answer.location)


def _waits(life: Life, case: str) -> tuple[int, bool]:
    with life.portal.database.reading() as connection:
        (one,) = summaries(connection, life.portal, life.now(), only=[case]).cases
        return one.decisions, case in cases_with_work(connection, life.portal, life.now())


def test_a_question_whose_time_is_over_waits_on_no_page(life: Life) -> None:
    citizen = life.person()
    case = life.case_of(citizen)
    life.asked(case)
    assert ASKS in life.visit(citizen).get("/home").text
    assert _waits(life, case) == (1, True)
    life.world.clock.move(days=14)  # the store's own mark is set by a later round
    assert ASKS not in life.visit(citizen).get("/home").text
    assert _waits(life, case) == (0, False)


def test_a_question_that_was_asked_anew_as_offered_waits_once(life: Life) -> None:
    citizen = life.person()
    case = life.case_of(citizen)
    request = life.asked(case)
    with life.portal.database.reading() as connection:
        row = stored.request(connection, request)
    assert row is not None
    offer = consents.offer(life.portal, request, {**row.terms, "data_life": {"days": 7}})
    life.world.settle()
    again = consents.accept_offer(life.world.members[DEBT], offer)
    life.world.settle()
    home = life.visit(citizen).get("/home").text
    assert f"/requests/{again}" in home
    assert f"/requests/{request}" not in home
    assert _waits(life, case) == (1, True)


def test_a_receipt_leads_on_to_what_can_still_be_decided_alone(life: Life) -> None:
    citizen = life.person()
    case, _, receipt = _allowed(life, citizen)
    next_one = life.asked(case)
    assert f"/requests/{next_one}" in life.visit(citizen).get(receipt).text
    life.world.clock.move(days=14)
    assert "/requests/" not in life.visit(citizen).get(receipt).text
    other = life.asked(case)
    assert f"/requests/{other}" in life.visit(citizen).get(receipt).text
    cases.close(life.portal, case)
    assert "/requests/" not in life.visit(citizen).get(receipt).text


def test_after_the_closing_the_permission_s_page_says_who_still_has_copies(life: Life) -> None:
    citizen = life.person()
    case, consent, _ = _allowed(life, citizen)
    life.world.invite_source(case, consent)
    life.world.request(case, consent)
    life.world.settle()
    page = f"/permissions/{consent}"
    assert "Have they deleted" not in life.visit(citizen).get(page).text
    cases.close(life.portal, case)
    runner.sync_once(life.portal)
    life.world.clock.move(hours=1)
    waiting = life.visit(citizen).get(page).text
    assert waiting.count("Not confirmed yet") == 2  # the record, and the question for it
    assert waiting.count("because the case was closed") == 2
    life.world.settle()
    done = life.visit(citizen).get(page).text
    assert "Not confirmed yet" not in done
    assert done.count("because the case was closed") == 2


def test_a_permission_says_that_it_went_on_and_who_paused_it(life: Life) -> None:
    citizen = life.person()
    _, consent, _ = _allowed(life, citizen)
    page = f"/permissions/{consent}"
    for act in ("suspend", "resume", "suspend"):
        life.world.clock.move(minutes=1)
        life.visit(citizen).post(f"{page}/{act}")
        life.world.settle()
    text = life.visit(citizen).get(page).text
    assert [text.count(each) for each in ("You allowed it", "You let it go on", "You paused it")] == [1, 1, 2]
    assert "by you. It would end" in text


def test_what_somebody_else_did_is_not_said_to_be_the_person_s_own(life: Life) -> None:
    citizen = life.person()
    _, consent, _ = _allowed(life, citizen)
    delegate, mandate, _ = life.given(
        citizen, kind="informal_helper", valid_until=life.now() + timedelta(days=9)
    )
    page = f"/permissions/{consent}"
    answer = life.visit(delegate, mandate).post(f"{page}/withdraw")
    life.world.settle()
    own, theirs = life.visit(citizen), life.visit(delegate, mandate)
    assert "because somebody who acts for you took it back." in own.get(page).text
    assert "because somebody who acts for you took it back." in own.get("/permissions/").text
    assert "Somebody who acts for you took it back" in own.get(page).text
    assert "You took it back" not in own.get(page).text
    receipt = str(answer.location)
    for text in (own.get(receipt).text, own.get(f"{receipt}.txt").text, own.get("/receipts/").text):
        assert "Somebody who acts for you took this permission back." in text
        assert "You took" not in text
    assert "You took this permission back." in theirs.get(receipt).text


def test_what_coming_of_age_paused_is_said_to_be_paused_by_that(life: Life) -> None:
    citizen = life.person()
    case, consent, _ = _allowed(life, citizen)
    consents.suspend(life.portal, consent)
    with life.portal.database.writing() as connection:
        deeds.add(
            connection,
            account=citizen,
            by_kind="clock",
            act=PAUSED,
            case=case,
            about=consent,
            now=life.now(),
        )
    text = life.visit(citizen).get(f"/permissions/{consent}").text
    assert "because you came of age. It would end" in text
    assert "It was paused because you came of age" in text
    assert "You paused it" not in text


def test_french_pages_say_in_french_what_it_was_for(life: Life) -> None:
    citizen = life.person()
    _, _, receipt = _allowed(life, citizen)
    visit = life.visit(citizen)
    visit.client.set_cookie("language", "fr")
    english, french = "Debt plan", "Plan de dettes"
    for page in ("/receipts/", receipt, f"{receipt}.txt"):
        text = visit.get(page).text
        assert french in text, page
        assert english not in text, page

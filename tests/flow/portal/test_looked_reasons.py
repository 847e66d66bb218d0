"""Why somebody looked is said in the visitor's words, on the page and in the copy, and the list has days."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from babel.dates import format_date

from connectors.exchange.acts import access, coordination, records
from connectors.exchange.acts.access import Emergency
from connectors.exchange.store import statements
from connectors.exchange.stored import read_payload
from connectors.pages.paging import PAGE
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Pages, Visit, settings

DANGER: dict[str, Any] = {
    "id": "night-help",
    "purposes": [{"code": "danger", "text": {"en": "Danger", "fr": "Danger"}, "basis": "emergency"}],
    "flows": [
        {
            "source": HOUSING,
            "recipient": DEBT,
            "purpose": "danger",
            "category": "housing",
            "schema": "housing.tenancy/1",
            "fields": ["landlord"],
        }
    ],
    "emergency": {"categories": ["housing"], "max_hours": 12, "officers": ["officer-1"]},
}
CODES = ("danger-to-life", "danger_to_life", "debt-plan", "case_work", "night_shift", "night shift")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, make_database_for_module: MakeDatabase) -> Iterator[Life]:
    """One world for all of these: each test has a citizen and a case of its own."""
    made = Life(tmp_path_factory.mktemp("looked"), make_database_for_module)
    made.world.agree(**DANGER)
    yield made
    made.close()


def released(life: Life, case: str) -> str:
    """Let debt advice receive the tenancy by a permission; gives its statement."""
    consent = life.world.consent(case)
    life.world.invite_source(case, consent)
    request = life.world.request(case, consent)
    life.world.settle()
    with life.world.members[DEBT].database.reading() as connection:
        (found,) = [each for each in statements.answers_to(connection, request) if not each.mine]
    return str(found.id)


def looked(life: Life, statement: str, reason: access.Reason) -> None:
    access.view_record(life.world.members[DEBT], statement, access.Actor("worker-7", "adviser"), reason)
    life.world.settle()


def emergency(life: Life, case: str, reason: str = "danger-to-life") -> str:
    """Let debt advice break the glass; gives the emergency."""
    opened = Emergency(
        case=case,
        agreement="night-help@1",
        reason=reason,
        categories=["housing"],
        until=life.now() + timedelta(hours=2),
        second_person="worker-9",
    )
    found = access.open_emergency(life.world.members[DEBT], opened)
    life.world.settle()
    return found


def reasons(visit: Visit, address: str = "/who-looked/") -> list[str]:
    """Give what the page says of why, the newest first."""
    answer = visit.get(address)
    assert answer.status_code == 200
    return re.findall(r"(?:Why: |Pourquoi\u202f: )([^\n<]+)", seen(answer.text).main)


def test_an_emergency_says_its_danger_in_words(life, case, visit):
    emergency(life, case)
    assert reasons(visit) == ["a life was in danger"]
    visit.get("/language/fr")
    assert reasons(visit) == ["une vie était en danger"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (access.Reason("case_work"), ("to work on your case", "pour travailler sur votre dossier")),
        (access.Reason("debt-plan"), ("Debt plan", "Plan de dettes")),
        (access.Reason("case_work", "You called us."), ("You called us.", "You called us.")),
        (
            access.Reason("night_shift"),
            (
                "for a reason of its own: “night shift”",
                "pour une raison propre à l’organisation\u202f: «\u202fnight shift\u202f»",
            ),
        ),
    ],
    ids=["known code", "purpose of the agreement", "the organisation's own words", "code of its own"],
)
def test_a_look_says_its_reason_in_words(life, case, visit, reason, words):
    looked(life, released(life, case), reason)
    english = reasons(visit)[0]
    visit.get("/language/fr")
    assert (english, reasons(visit)[0]) == words


def test_what_came_without_a_request_says_what_it_is_for(life, case, visit):
    statement = released(life, case)
    life.world.clock.move(seconds=60)
    records.contest(life.portal, statement, "The rent is 500.", ["rent"])
    life.world.settle()
    housing = life.world.members[HOUSING]
    with housing.database.reading() as connection:
        (contest,) = [
            each for each in statements.of_case(connection, case) if each.type == "record.contest/1"
        ]
    corrected = {"landlord": "Habitat Nord", "rent": {"amount": 50000, "currency": "EUR"}}
    life.world.clock.move(seconds=60)
    records.correct(housing, statement, corrected, settles=contest.id)
    life.world.settle()
    assert reasons(visit) == ["Debt plan", "To check the rent."]
    visit.get("/language/fr")
    assert reasons(visit)[0] == "Plan de dettes"


def test_the_copy_gives_the_same_reasons_as_the_page(life, case, visit):
    looked(life, released(life, case), access.Reason("case_work"))
    life.world.clock.move(seconds=60)
    emergency(life, case)
    visit.get("/language/fr")
    on_page = reasons(visit)
    copy = visit.post("/take-with-me/")
    page = unescape(ZipFile(io.BytesIO(copy.data)).read("case-1/case.html").decode())
    assert on_page == re.findall(r"Pourquoi\u202f: ([^\n<]+)", page)
    assert "une vie était en danger" in on_page
    assert not [code for code in CODES if code in page]


@pytest.mark.parametrize("kind", ["question", "complaint"])
def test_one_can_ask_why_about_an_emergency_and_it_arrives_as_such(life, case, visit, kind):
    opened = emergency(life, case)
    links = [each for each in seen(visit.get("/who-looked/").text).links if f"kind={kind}" in each]
    assert len(links) == 1
    written = visit.get(links[0])
    assert written.status_code == 200
    answer = visit.post(links[0], to=[DEBT], kind=kind, text="Why did you open it?")
    assert answer.status_code == 303, answer.text
    life.world.settle()
    with life.world.members[DEBT].database.reading() as connection:
        (row,) = [each for each in statements.of_case(connection, case) if each.type == "message.send/1"]
    content = read_payload(row.plaintext)["content"]
    assert (content["kind"], content["about"]) == (kind, opened)
    coordination.send_message(
        life.world.members[DEBT],
        case,
        coordination.Words(text="A call at night.", answers=row.id, about=opened),
    )
    life.world.settle()
    assert "A call at night." in visit.get(f"/cases/{case}/messages/{row.id}").text


FIRST, SECOND = "a life was in danger", "somebody was threatened or hurt"


@pytest.fixture
def first_day(life: Life, case: str) -> date:
    """Let one emergency happen on a day, and another two days later; gives the first day."""
    day = life.now().date()
    emergency(life, case)
    life.world.clock.move(hours=48)
    emergency(life, case, "violence")
    return day


def test_the_list_is_filtered_by_days_as_people_write_them(life, citizen, first_day):
    next_day, last_day = first_day + timedelta(days=1), first_day + timedelta(days=2)
    french = f"{last_day.day} {format_date(last_day, 'MMMM', locale='fr')} {last_day.year}"
    visit = life.visit(citizen)  # two days ago nobody could have signed in for so long
    for asked, found in (
        (f"since={next_day:%d/%m/%Y}", [SECOND]),
        (f"since={last_day:%d %B %Y}", [SECOND]),
        (f"since={french}", [SECOND]),
        (f"until={next_day:%d.%m.%y}", [FIRST]),
        (f"until={first_day}", [FIRST]),
        (f"since={first_day:%d %m %Y}&until={last_day:%d %m %Y}", [SECOND, FIRST]),
        ("since=&until=", [SECOND, FIRST]),
        (f"since={last_day + timedelta(days=1)}", []),
        (f"since={next_day}&kind=view", []),
        (f"until={next_day}&with={DEBT}&kind=emergency", [FIRST]),
    ):
        assert reasons(visit, f"/who-looked/?{asked}") == found, asked
        nothing = "Nothing here fits what you chose." in visit.get(f"/who-looked/?{asked}").text
        assert nothing is (not found)


def test_what_is_no_day_is_said_and_nothing_else_is_lost(life, citizen, first_day):
    visit = life.visit(citizen)
    later, earlier = f"{first_day + timedelta(days=2)}", f"{first_day + timedelta(days=1)}"
    for since, until, wrong in (
        ("yesterday", "", "since"),
        ("", "31/2/2031", "until"),
        (later, earlier, "until"),
    ):
        address = f"/who-looked/?since={since}&until={until}&kind=emergency"
        assert reasons(visit, address) == [SECOND, FIRST]
        page = seen(visit.get(address).text)
        assert f"#{wrong}" in page.links
        (form,) = [each for each in page.forms if "since" in each.fields]
        assert (form.fields["since"].text, form.fields["until"].text) == (since, until)
        assert form.fields["kind"].chosen


def test_days_are_those_of_the_portals_clock(life, citizen, case, tmp_path):
    """Late in the evening in Greenwich it is the next day in Paris."""
    in_paris = Pages(life.portal, settings(tmp_path, timezone="Europe/Paris"), tmp_path)
    try:
        life.world.clock.at = life.now().replace(hour=23, minute=30)
        emergency(life, case)
        day = life.now().date()
        visit = in_paris.visit(citizen)
        assert reasons(visit, f"/who-looked/?since={day + timedelta(days=1)}") == [FIRST]
        assert reasons(visit, f"/who-looked/?until={day}") == []
        assert reasons(life.visit(citizen), f"/who-looked/?until={day}") == [FIRST]
    finally:
        in_paris.made.places.close()
        life.world.clock.move(hours=9)  # so that no other test goes over midnight


def test_the_days_stay_while_one_goes_on_to_older_ones(life, citizen, case):
    day = life.now().date()
    for _ in range(PAGE + 1):
        emergency(life, case)
        life.world.clock.move(seconds=1)
    visit = life.visit(citizen)
    first = visit.get(f"/who-looked/?since={day}&until={day}").text
    older = re.search(r'href="([^"]+)" rel="next"', first)
    assert older is not None
    second = visit.get(unescape(older[1])).text
    (form,) = [each for each in seen(second).forms if "since" in each.fields]
    assert form.fields["since"].text == str(day)
    assert reasons(visit, unescape(older[1])) == [FIRST]


def main(visit: Visit, address: str = "/who-looked/") -> str:
    return " ".join(seen(visit.get(address).text).main.split())


def test_where_nobody_reported_a_look_the_list_says_why(life, case, visit):
    assert "Nothing about you has been shared yet." in main(visit)
    released(life, case)
    for address in ("/who-looked/", "/who-looked/?kind=view"):
        assert re.search(r"has reported that it looked\. ?Something was shared", main(visit, address))
    coordination.add_note(life.world.members[DEBT], case, "We have got it.")
    life.world.clock.move(seconds=60)
    coordination.add_note(life.world.members[DEBT], case, "We will call you.")
    life.world.settle()
    for address in ("/who-looked/", "/who-looked/?kind=view"):
        assert re.search(r"has reported that it looked\. ?Who received something", main(visit, address))
    assert "No organisation has reported" not in main(visit, "/who-looked/?kind=release")


def test_a_report_takes_the_reason_away(life, case, visit):
    looked(life, released(life, case), access.Reason("case_work"))
    assert "No organisation has reported" not in main(visit)


def test_an_emergency_that_nobody_has_checked_in_time_is_said_to_be_so(life, case, citizen):
    emergency(life, case)
    assert "A second person there agreed to it It is checked by " in main(life.visit(citizen))
    life.world.clock.move(hours=72)
    assert "Not checked It had to be checked by " in main(life.visit(citizen))


def test_who_never_reports_can_be_asked_from_the_list(life, case, visit):
    released(life, case)
    links = seen(visit.get("/who-looked/").text).links
    (ask,) = [
        each for each in links if f"to={DEBT}" in each and "kind=question" in each and "about" not in each
    ]
    assert visit.get(ask).status_code == 200

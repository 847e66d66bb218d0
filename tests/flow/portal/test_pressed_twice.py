"""A button that is pressed twice: without scripts nothing in the browser keeps the second press back.

Both presses arrive together, on one session; what they ask for is done once, and nobody is left half-way. Nor
is anybody whose joining stopped in the middle.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final

import pytest

from connectors.exchange.acts import cases
from connectors.exchange.store import cases as stored
from connectors.exchange.store import consents
from connectors.portal.deciding.decide import DONE
from connectors.portal.store import accounts, receipts
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.test_deciding_forms import allowed, asked, permission, preview
from tests.flow.portal.verbs.kit import both, undelivered
from tests.flow.portal.visits import Visit


def pressed_twice(life: Life, visit: Visit, path: str, **typed: object) -> list[tuple[int, str | None]]:
    """Send one form twice at the same moment; gives what each press got."""
    data = {"csrf_token": visit.token(), **typed}
    cookie = visit.client.get_cookie("session")
    assert cookie is not None
    together = Barrier(2)

    def press(_number: int) -> tuple[int, str | None]:
        client = life.pages.app.test_client()
        client.set_cookie("session", cookie.value)
        together.wait()
        answer = client.post(path, data=data)
        return answer.status_code, answer.location

    with ThreadPoolExecutor(2) as hands:
        return sorted(hands.map(press, range(2)), key=str)


def test_joining_takes_one_seat_which_the_organisation_confirms(life: Life, citizen: str, visit: Visit):
    debt = life.world.members[DEBT]
    case = cases.open_case(debt)
    code = cases.invite_citizen(debt, case, PORTAL).code
    life.world.settle()
    assert pressed_twice(life, visit, "/join/", code=code) == [(303, f"/join/{case}")] * 2
    life.world.settle()
    with life.portal.database.reading() as connection:
        seat = stored.citizen_seat(connection, case)
        assert seat is not None, "the organisation has confirmed it"
        assert (seat.status, accounts.owner_of(connection, case)) == ("active", citizen)
    assert visit.get(f"/join/{case}").location == f"/cases/{case}"


def test_joining_is_done_also_for_the_press_that_comes_between_looking_and_joining(
    life: Life, visit: Visit, monkeypatch: pytest.MonkeyPatch
):
    debt, join_case = life.world.members[DEBT], cases.join_case
    case = cases.open_case(debt)
    code = cases.invite_citizen(debt, case, PORTAL).code
    life.world.settle()

    def after_the_other_press(*arguments: Any) -> str:
        join_case(*arguments)
        return join_case(*arguments)

    monkeypatch.setattr(cases, "join_case", after_the_other_press)
    assert visit.post("/join/", code=code).location == f"/join/{case}"


def test_coming_alone_opens_one_case(life: Life, citizen: str, visit: Visit):
    visit.post("/begin/", words="The rent is too high.")
    places = pressed_twice(life, visit, "/begin/whom", asked=[DEBT])
    with life.portal.database.reading() as connection:
        (row,) = accounts.cases_of(connection, citizen)
    assert places == [(303, f"/cases/{row.case}"), (303, "/home")]
    life.world.settle()
    with life.world.members[DEBT].database.reading() as connection:
        assert len([row for row in stored.everything(connection) if row.opened_by == PORTAL]) == 1


OTHER: Final = {"allow": "refuse", "refuse": "allow"}
BECOMES: Final = {"allow": "granted", "refuse": "refused"}


@pytest.mark.parametrize("word", ["allow", "refuse"])
def test_a_decision_is_made_once_and_both_presses_lead_to_its_receipt(
    life: Life, case: str, visit: Visit, word: str
):
    request = asked(life, case)
    visit.get(f"/requests/{request}")
    (status, first), second = pressed_twice(life, visit, f"/requests/{request}", decision=word)
    assert second == (status, first) == (303, the_receipt(life, case, BECOMES[word]))
    life.world.settle()
    assert life.state(request) == BECOMES[word]
    expected = ["granted"] if word == "allow" else []
    with life.portal.database.reading() as connection:
        assert [row.status for row in consents.of_case(connection, case)] == expected


def the_receipt(life: Life, case: str, kind: str) -> str:
    """Give the address of the one receipt of a kind in a case."""
    with life.portal.database.reading() as connection:
        owner = accounts.owner_of(connection, case)
        assert owner is not None
        (row,) = [row for row in receipts.of_case(connection, owner, case) if row.kind == kind]
    return f"/receipts/{row.id}"


@pytest.mark.parametrize("word", ["allow", "refuse"])
def test_the_same_decision_from_another_tab_leads_to_the_receipt_of_the_first(
    life: Life, case: str, visit: Visit, word: str
):
    place = f"/requests/{asked(life, case)}"
    visit.get(place)
    receipt = visit.post(place, decision=word).location
    life.world.settle()
    again = visit.post(place, decision=word)
    assert (again.status_code, again.location) == (303, receipt)
    assert "already" not in seen(visit.get(receipt).text).main
    assert receipt in seen(visit.get(place).text).links


@pytest.mark.parametrize("word", ["allow", "refuse"])
def test_another_decision_shows_what_was_decided_before_and_leads_to_its_receipt(
    life: Life, case: str, visit: Visit, word: str
):
    request = asked(life, case)
    visit.get(f"/requests/{request}")
    receipt = visit.post(f"/requests/{request}", decision=word).location
    late = visit.post(f"/requests/{request}", decision=OTHER[word])
    page = seen(late.text)
    assert late.status_code == 409
    assert "This was decided before. What you pressed now changed nothing." in page.main
    assert "The answer to this was" in page.main
    assert receipt in page.links
    assert life.state(request) == BECOMES[word]


@pytest.mark.parametrize("acts", [["withdraw"], ["suspend"], ["suspend", "resume"]], ids="-".join)
def test_a_permission_is_moved_once_and_both_presses_lead_to_the_receipt(
    life: Life, case: str, visit: Visit, acts: list[str]
):
    allowed(life, visit, asked(life, case))
    place = f"/permissions/{permission(life, case).id}"
    for each in acts[:-1]:
        visit.post(f"{place}/{each}")
    receipt = [(303, location) for _, location in pressed_twice(life, visit, f"{place}/{acts[-1]}")]
    assert receipt == [(303, the_receipt(life, case, DONE[acts[-1]]))] * 2


def test_a_pause_after_another_one_leads_to_its_own_receipt(life: Life, case: str, visit: Visit):
    allowed(life, visit, asked(life, case))
    place = f"/permissions/{permission(life, case).id}"
    first = visit.post(f"{place}/suspend").location
    life.world.clock.move(minutes=1)
    visit.post(f"{place}/resume")
    second = visit.post(f"{place}/suspend").location
    assert first != second == visit.post(f"{place}/suspend").location


@pytest.mark.parametrize("word", ["pass", "stop"])
def test_a_record_seen_first_is_decided_on_once_and_both_presses_lead_home(
    life: Life, citizen: str, case: str, visit: Visit, word: str
):
    place = f"/previews/{preview(life, citizen, case)}"
    assert pressed_twice(life, visit, place, decision=word) == [(303, "/home")] * 2
    life.world.settle()
    assert visit.post(place, decision=word).location == "/home"
    late = visit.post(place, decision="stop" if word == "pass" else "pass")
    assert late.status_code == 409
    assert "This was decided before." in late.text


@pytest.mark.parametrize(
    ("verb", "leads_to", "fields"),
    [
        ("close", "", {}),
        ("reopen", "", {}),
        ("invite", "/team", {"member": HOUSING}),
        (f"team/{HOUSING}/end", "/team", {}),
    ],
)
def test_what_is_done_to_a_case_is_done_once_and_both_presses_lead_to_the_same_page(  # noqa: PLR0917 - fixtures, by name
    life: Life, citizen: str, case: str, visit: Visit, verb: str, leads_to: str, fields: dict[str, str]
):
    life.portal.directory.member(HOUSING)
    if verb == "reopen":
        visit.post(f"/cases/{case}/close")
        life.world.settle()
    if verb.endswith("/end"):
        both(life, citizen, case)
    there_both = pressed_twice(life, visit, f"/cases/{case}/{verb}", **fields)
    assert there_both == [(303, f"/cases/{case}{leads_to}")] * 2
    assert not undelivered(life, case), "nothing was said that the coordinator refused"
    assert visit.post(f"/cases/{case}/{verb}", **fields).location == f"/cases/{case}{leads_to}"


def test_a_mandate_ends_once_and_both_presses_lead_to_those_that_are_left(
    life: Life, citizen: str, case: str, visit: Visit
):
    _, mandate, _ = life.given(citizen)
    assert pressed_twice(life, visit, f"/acting/{mandate}/end") == [(303, "/acting/")] * 2
    assert life.status(mandate) == "ended"


PAGES = (
    "/home",
    "/cases/",
    "/permissions/",
    "/who-looked/",
    "/receipts/",
    "/take-with-me/",
    "/account/passkeys/",
)


def test_joining_that_stopped_half_way_locks_nobody_out_and_goes_on(life: Life, citizen: str, visit: Visit):
    """A process that dies between the two has written down whose case it is, and nothing else."""
    debt = life.world.members[DEBT]
    case = cases.open_case(debt)
    code = cases.invite_citizen(debt, case, PORTAL).code
    life.world.settle()
    with life.portal.database.writing() as connection:
        accounts.own(connection, citizen, case, life.now())
    assert {page: visit.get(page).status_code for page in PAGES} == dict.fromkeys(PAGES, 200)
    assert visit.post("/join/", code=code).location == f"/join/{case}"
    life.world.settle()
    assert f"/cases/{case}" in visit.get("/home").text

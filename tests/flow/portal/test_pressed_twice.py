"""A button that is pressed twice: without scripts nothing in the browser keeps the second press back.

Both presses arrive together, on one session; what they ask for is done once, and nobody is left half-way. Nor
is anybody whose joining stopped in the middle.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from connectors.exchange.acts import cases
from connectors.exchange.store import cases as stored
from connectors.exchange.store import consents
from connectors.portal.store import accounts
from tests.flow.exchange.world import DEBT, PORTAL
from tests.flow.portal.life import Life
from tests.flow.portal.test_deciding_forms import asked
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
        assert len(stored.everything(connection)) == 1


def test_a_decision_is_made_once(life: Life, case: str, visit: Visit):
    for word, became in (("allow", "granted"), ("refuse", "refused")):
        request = asked(life, case)
        visit.get(f"/requests/{request}")
        first, second = pressed_twice(life, visit, f"/requests/{request}", decision=word)
        assert (first[0], second[0]) == (303, 409)
        life.world.settle()
        assert life.state(request) == became
    with life.portal.database.reading() as connection:
        assert [row.status for row in consents.of_case(connection, case)] == ["granted"]


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

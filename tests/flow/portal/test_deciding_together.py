"""Two who decide together, and coming of age, through the pages' posts."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.exchange.store import consents
from connectors.portal.acting import coming_of_age
from connectors.portal.store import accounts
from connectors.portal.store import mandates as stored
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import CANARY
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase):
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


# --- two who decide ---------------------------------------------------------------------------------


def shown(visit: Visit, request: str) -> str:
    """Look at a request, so that what was shown is known; gives the page."""
    return visit.get(f"/requests/{request}").text


def test_a_yes_waits_for_the_other_who_sees_it_and_agrees(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    (one, by_one), (other, by_other) = life.parents(child)
    first, second = life.visit(one, by_one), life.visit(other, by_other)
    assert "Neither of you has answered." in shown(first, request)
    assert first.post(f"/requests/{request}", decision="allow").location.endswith("/home")
    assert life.state(request) == "open"
    assert "You said yes. The other person has not answered yet." in shown(first, request)
    assert "Another person said yes. Do you agree?" in second.get("/home").text
    assert "Another person said yes. Do you agree?" in second.get("/acting/").text
    assert "another person said yes" in life.visit(other).get("/home").text
    assert "1 decision waits for you" in life.visit(other).get("/acting/").text
    assert "The other person said yes." in shown(second, request)
    assert "/receipts/" in second.post(f"/requests/{request}", decision="allow").location
    assert life.state(request) == "granted"
    assert "Do you agree?" not in first.get("/home").text


def test_one_no_is_enough_and_the_other_sees_it(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    (one, by_one), (other, by_other) = life.parents(child)
    first, second = life.visit(one, by_one), life.visit(other, by_other)
    shown(first, request)
    first.post(f"/requests/{request}", decision="allow")
    shown(second, request)
    assert "/receipts/" in second.post(f"/requests/{request}", decision="refuse").location
    assert life.state(request) == "refused"
    page = shown(first, request)
    assert "The other person said no." in page
    assert "You said no to this." not in page
    assert 'value="allow"' not in page


def test_the_other_who_decides_is_never_named(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    (one, by_one), _ = life.parents(child)
    with life.portal.database.writing() as connection:
        accounts.change(connection, one, name=CANARY)
    first = life.visit(one, by_one)
    shown(first, request)
    first.post(f"/requests/{request}", decision="allow")
    with life.portal.database.reading() as connection:
        (second,) = [row for row in stored.in_force(connection, child, life.now()) if row.delegate != one]
    visit = life.visit(second.delegate, second.id)
    for path in ("/home", "/acting/", f"/requests/{request}"):
        assert CANARY not in visit.get(path).text


def test_who_only_looks_is_not_asked_to_agree(life):
    child = life.ward()
    request = life.asked(life.case_of(child))
    (one, by_one), _ = life.parents(child)
    first = life.visit(one, by_one)
    shown(first, request)
    first.post(f"/requests/{request}", decision="allow")
    until = life.now() + timedelta(days=200)
    guardian, mandate, _ = life.given(child, kind="guardian", powers=["view"], valid_until=until)
    visit = life.visit(guardian, mandate)
    assert "Do you agree?" not in visit.get("/home").text
    assert "Another person decides with you" not in shown(visit, request)


# --- of age -----------------------------------------------------------------------------------------


def test_at_majority_permissions_are_paused_and_the_page_says_so(life):
    child = life.ward()
    case = life.case_of(child)
    request = life.asked(case)
    parent, mandate, _ = life.given(
        child,
        kind="parental",
        valid_until=life.now() + timedelta(days=20),
        of_age_on=life.now() + timedelta(days=20),
    )
    visit = life.visit(parent, mandate)
    shown(visit, request)
    visit.post(f"/requests/{request}", decision="allow")
    life.world.settle()
    life.world.clock.move(days=20)
    assert coming_of_age.come_of_age(life.portal, life.now()) == 1
    life.world.settle()
    with life.portal.database.writing() as connection:
        code = coming_of_age.offer_sign_in(connection, child, life.now())
    grown = life.person("Sample Grown")
    own = life.visit(grown)
    assert life.visit(parent).post("/acting/code", code=code).status_code == 422
    assert own.post("/acting/code", code=code).location.endswith("/home")
    with life.portal.database.reading() as connection:
        (consent,) = consents.of_case(connection, case)
    assert consent.status == "suspended"
    page = own.get("/acting/").text
    assert "You are of age now: decide for yourself" in page
    assert f"/permissions/{consent.id}" in page
    assert own.post(f"/permissions/{consent.id}/resume").status_code == 303
    assert "You are of age now" not in own.get("/acting/").text

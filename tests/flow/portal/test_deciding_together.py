"""Two who decide together, and coming of age, through the pages' posts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.exchange.acts import consents as acts
from connectors.exchange.store import consents
from connectors.exchange.store import previews as stored_previews
from connectors.portal.acting import coming_of_age
from connectors.portal.store import accounts, deeds, receipts
from connectors.portal.store import mandates as stored
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, terms
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.visits import Visit

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
    home = first.get("/home").text
    assert ("Your yes is kept" in home, "asks for your permission" in home) == (True, False)
    assert "You said yes. The other person has not answered yet." in shown(first, request)
    for path in ("/home", "/acting/"):
        assert "The other person who decides with you said yes to a request." in second.get(path).text
        assert "If you say no or do nothing, nothing is shared." in second.get(path).text
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
    assert "The answer to this was no." not in page
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


# --- what lets data flow after the yes --------------------------------------------------------------


@pytest.fixture
def family(life):
    """A child's case, and a visit of each of the two parents."""
    child = life.ward()
    case = life.case_of(child)
    return case, [life.visit(*parent) for parent in life.parents(child)]


def granted(life, family, **changed):
    """Both parents say yes to a request; gives the permission."""
    case, parents = family
    whole = terms(life.now(), **changed)
    request = acts.ask_consent(life.world.members[DEBT], case, whole, {"en": "For your plan.", "fr": "Oui."})
    life.world.settle()
    for parent in parents:
        shown(parent, request)
        assert parent.post(f"/requests/{request}", decision="allow").status_code == 303
    life.world.settle()
    return consent_in(life, case).id


def consent_in(life, case):
    with life.portal.database.reading() as connection:
        (found,) = consents.of_case(connection, case)
    return found


def test_one_of_two_does_not_let_a_paused_permission_go_on_alone(life, family):
    case, (first, second) = family
    place = f"/permissions/{granted(life, family)}"
    assert "/receipts/" in first.post(f"{place}/suspend").location
    assert "It goes on only when you and the other person" in second.get(place).text
    assert second.post(f"{place}/resume").location.endswith(place)
    assert consent_in(life, case).status == "suspended"
    page = second.get(place).text
    assert "Until then, it stays paused." in page
    assert "Let it go on" not in page
    home = second.get("/home").text
    assert ("Do you agree?" in home, "You want a paused permission to go on." in home) == (False, True)
    home = first.get("/home").text
    assert "wants a paused permission to go on. Do you agree?" in home
    assert "If you do nothing, it stays paused." in home
    assert place in seen(home).links
    assert place in seen(first.get(f"/requests/{consent_in(life, case).document['request']}").text).links
    assert second.post(f"{place}/resume").location.endswith(place), "asking twice is still one"
    with life.portal.database.reading() as connection:
        child = str(accounts.owner_of(connection, case))
        done = [row.act for row in deeds.of_account(connection, child)]
    assert done.count("consent.resume.agree") == 1
    assert consent_in(life, case).status == "suspended"
    assert "wants it to go on. If you agree, it goes on." in first.get(place).text
    assert "/receipts/" in first.post(f"{place}/resume").location
    assert consent_in(life, case).status == "granted"
    assert "Do you agree?" not in first.get("/home").text


def test_a_pause_undoes_what_was_said_of_the_pause_before(life, family):
    case, (first, second) = family
    place = f"/permissions/{granted(life, family)}"
    for one, other in ((first, second), (second, first)):
        life.world.clock.move(minutes=1)
        one.post(f"{place}/suspend")
        assert other.post(f"{place}/resume").location.endswith(place)
        assert consent_in(life, case).status == "suspended"
        assert "/receipts/" in one.post(f"{place}/resume").location
    one_alone = first.post(f"{place}/withdraw")
    assert "/receipts/" in one_alone.location
    assert consent_in(life, case).status == "withdrawn"


def seen_first(life, family):
    """A record waits for the word of two parents; gives the release."""
    case, _ = family
    return life.preview(case, granted(life, family, preview=True))


def state_of(life, release):
    with life.portal.database.reading() as connection:
        row = stored_previews.find(connection, release)
    assert row is not None
    return row.state


def kinds_in(life, case):
    with life.portal.database.reading() as connection:
        return [row.kind for row in receipts.of_account(connection, str(accounts.owner_of(connection, case)))]


def test_one_of_two_does_not_pass_a_record_on_alone(life, family):
    case, (first, second) = family
    release = seen_first(life, family)
    place = f"/previews/{release}"
    assert "only when both of you say so" in first.get(place).text
    for _ in range(2):
        assert first.post(place, decision="pass").location.endswith("/home")
        assert state_of(life, release) == "waiting"
    assert "Until then, it is not passed on." in first.get(place).text
    home = second.get("/home").text
    assert "wants data to be passed on. Do you agree?" in home
    assert "See first what" not in home, "it is said once, and by whom it was begun"
    assert "passed" not in kinds_in(life, case)
    assert "The other person wants to pass this on." in second.get(place).text
    assert second.post(place, decision="pass").location.endswith("/home")
    assert state_of(life, release) == "passed"
    assert kinds_in(life, case).count("passed") == 1


def test_one_of_two_stops_a_record_although_the_other_wants_it_passed_on(life, family):
    case, (first, second) = family
    release = seen_first(life, family)
    first.post(f"/previews/{release}", decision="pass")
    second.post(f"/previews/{release}", decision="stop")
    assert state_of(life, release) == "stopped"
    assert kinds_in(life, case).count("stopped") == 1
    assert first.post(f"/previews/{release}", decision="pass").status_code == 409


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

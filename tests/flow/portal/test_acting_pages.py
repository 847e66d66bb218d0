"""Acting for somebody, through the pages' posts: powers, foreign mandates, codes, ends."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from connectors.portal.pages import acting
from connectors.portal.store import deeds
from connectors.portal.store import mandates as stored
from tests.flow.portal.visits import Visit


def give(visit: Visit, kind: str = "helper", **changed):
    form = {"once": str(uuid4()), "scope": "all", "until": "90", **changed}
    return visit.post(f"/acting/give/{kind}", **form)


# --- giving -----------------------------------------------------------------------------------------


def test_a_code_is_shown_once_and_the_same_form_gives_nothing_more(life):
    visit = life.visit(life.person())
    first = give(visit, once="same")
    assert (first.status_code, "shown only now" in first.text) == (200, True)
    again = give(visit, once="same")
    assert again.status_code == 303
    with life.portal.database.reading() as connection:
        assert len(stored.everything(connection)) == 1


def test_a_helper_gets_two_powers_whatever_the_form_says(life):
    citizen = life.person()
    give(life.visit(citizen), powers=["grant", "contribute"])
    with life.portal.database.reading() as connection:
        (row,) = stored.given_by(connection, citizen)
    assert row.powers == ["view", "withdraw"]


def test_somebody_trusted_gets_what_was_ticked_and_nothing_else(life):
    citizen = life.person()
    give(life.visit(citizen), "trusted", powers=["refuse", "everything"])
    with life.portal.database.reading() as connection:
        (row,) = stored.given_by(connection, citizen)
    assert row.powers == ["view", "refuse"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"until": ""}, "Choose one of these."),
        ({"until": "date", "last_day": "soon"}, "Write the last day like"),
        ({"until": "date", "last_day": "31/02/2031"}, "Write the last day like"),
        ({"until": "date", "last_day": "2031-03-09"}, "This day is over"),
        ({"until": "date", "last_day": "2032-09-09"}, "Choose a day within a year"),
        ({"until": "date", "last_day": "9999-12-31"}, "Choose a day within a year"),
        ({"until": "date", "last_day": "0001-01-01"}, "This day is over"),
        ({"scope": "some", "cases": []}, "Choose at least one case."),
        ({"scope": "some", "cases": [str(uuid4())]}, "Choose at least one case."),
    ],
)
def test_a_form_that_is_not_right_gives_nothing_and_says_why(life, changed, said):
    citizen = life.person()
    answer = give(life.visit(citizen), **changed)
    assert answer.status_code == 422
    assert said in answer.text
    with life.portal.database.reading() as connection:
        assert stored.given_by(connection, citizen) == []


@pytest.mark.parametrize("typed", ["1/5/2031", "01.05.31", "1 May 2031", "1er mai 2031", "2031-05-01"])
def test_the_last_day_is_typed_as_people_write_days_whatever_the_browser_speaks(life, typed):
    citizen = life.person()
    visit = life.visit(citizen)
    assert 'type="date"' not in visit.get("/acting/give/helper").text
    assert give(visit, until="date", last_day=typed).status_code == 200
    assert "1 May 2031" in life.visit(citizen).get("/acting/").text


def test_nobody_passes_on_what_was_given_to_them(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    assert give(life.visit(delegate, mandate)).status_code == 409
    with life.portal.database.reading() as connection:
        assert len(stored.given_by(connection, citizen)) == 1


def test_an_old_sign_in_gives_nothing(life):
    citizen = life.person()
    visit = life.visit(citizen)
    life.world.clock.move(hours=2)
    assert give(visit).status_code == 302
    with life.portal.database.reading() as connection:
        assert stored.given_by(connection, citizen) == []


# --- codes ------------------------------------------------------------------------------------------


def test_codes_are_limited_for_each_account(life):
    visit = life.visit(life.person())
    tried = [
        visit.post("/acting/code", code="A" * 20).status_code for _ in range(acting.BY_ACCOUNT.times + 1)
    ]
    assert tried == [422] * acting.BY_ACCOUNT.times + [429]


def test_codes_are_limited_for_each_address_whoever_asks(life):
    people = [life.visit(life.person()) for _ in range(acting.BY_ADDRESS.times // acting.BY_ACCOUNT.times)]
    for visit in people:
        for _ in range(acting.BY_ACCOUNT.times):
            assert visit.post("/acting/code", code="A" * 20).status_code == 422
    assert life.visit(life.person()).post("/acting/code", code="A" * 20).status_code == 429


def test_a_code_works_once_and_never_for_oneself(life):
    citizen = life.person()
    _, code = life.invited(citizen, kind="informal_helper", valid_until=life.now() + timedelta(days=9))
    assert life.visit(citizen).post("/acting/code", code=code).status_code == 422
    helper, other = life.person(), life.person()
    assert life.visit(helper).post("/acting/code", code=code.lower()).status_code == 303
    assert "does not work" in life.visit(other).post("/acting/code", code=code).text


def test_a_code_typed_while_acting_for_another_is_not_used_and_says_what_to_do_first(life):
    delegate, mandate, _ = life.given(life.person())
    _, code = life.invited(life.person(), kind="informal_helper", valid_until=life.now() + timedelta(days=9))
    visit = life.visit(delegate, mandate)
    for answer in (visit.get("/acting/code"), visit.post("/acting/code", code=code)):
        assert "Go back to your own cases first" in answer.text
        assert "Nobody acts for themselves" not in answer.text
        assert 'name="code"' not in answer.text
    assert visit.post("/acting/code", code=code).status_code == 409
    assert visit.post("/acting/stop").status_code == 303
    assert visit.post("/acting/code", code=code).status_code == 303


# --- what is somebody else's ------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["end", "renew", "begin"])
def test_a_foreign_mandate_is_refused_as_an_unknown_one(life, what):
    citizen = life.person()
    _, mandate, _ = life.given(citizen)
    stranger = life.visit(life.person())
    asked = (mandate, str(uuid4()))
    found = [stranger.post(f"/acting/{each}/{what}", until="90") for each in asked]
    assert [each.status_code for each in found] == [404, 404]
    theirs, nobodys = (_plain(each.text.replace(id, "…")) for each, id in zip(found, asked, strict=True))
    assert theirs == nobodys
    assert life.status(mandate) == "active"


def test_a_foreign_mandates_page_is_refused_also_to_the_one_who_acts_by_it(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    for visit in (life.visit(life.person()), life.visit(delegate), life.visit(delegate, mandate)):
        assert visit.get(f"/acting/{mandate}").status_code == 404
        assert visit.get(f"/acting/{mandate}/renew").status_code == 404
    assert life.visit(citizen).get(f"/acting/{mandate}").status_code == 200


def _plain(text: str) -> str:
    """Leave out what differs in every answer."""
    return " ".join(
        part for part in text.split() if "nonce" not in part and "csrf" not in part and "value=" not in part
    )


# --- powers -----------------------------------------------------------------------------------------


def test_a_helper_says_neither_yes_nor_no_and_is_told_who_can(life):
    citizen = life.person()
    request = life.asked(life.case_of(citizen))
    delegate, mandate, _ = life.given(citizen, kind="informal_helper")
    visit = life.visit(delegate, mandate)
    page = visit.get(f"/requests/{request}").text
    assert "You may not say yes for Sample Citizen" in page
    assert 'value="allow"' not in page
    assert 'value="refuse"' not in page
    for decision in ("allow", "refuse"):
        assert visit.post(f"/requests/{request}", decision=decision).status_code == 403
    assert visit.post(f"/requests/{request}/suggest", kept="housing.rent").status_code == 403
    assert life.state(request) == "open"


def test_a_helper_lets_nothing_go_on(life):
    citizen = life.person()
    consent = life.world.grant(life.asked(life.case_of(citizen)))
    delegate, mandate, _ = life.given(citizen, kind="informal_helper")
    visit = life.visit(delegate, mandate)
    assert visit.post(f"/permissions/{consent}/suspend").status_code == 303
    assert "/resume" not in visit.get(f"/permissions/{consent}").text
    assert "You may not do everything here" in visit.get(f"/permissions/{consent}").text
    assert visit.post(f"/permissions/{consent}/resume").status_code == 403


# --- the end ----------------------------------------------------------------------------------------


def test_a_mandate_that_was_ended_is_worth_nothing_in_the_next_request(life):
    citizen = life.person()
    case = life.case_of(citizen)
    delegate, mandate, _ = life.given(citizen)
    visit = life.visit(delegate, mandate)
    assert visit.get(f"/cases/{case}").status_code == 200
    assert life.visit(citizen).post(f"/acting/{mandate}/end").status_code == 303
    told = visit.get(f"/cases/{case}")
    assert told.status_code == 403
    assert "You do not act for this person any more" in told.text
    assert visit.get(f"/cases/{case}").status_code == 404
    assert visit.post(f"/acting/{mandate}/begin").status_code == 403


def test_who_acted_by_an_ended_mandate_opens_no_case_of_their_own_by_mistake(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    visit = life.visit(delegate, mandate)
    visit.token()
    life.visit(citizen).post(f"/acting/{mandate}/end")
    assert visit.post("/begin/", words="Help with the rent.").status_code == 403


def test_who_has_a_mandate_gives_it_back_and_is_themselves_again(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    visit = life.visit(delegate, mandate)
    assert "You act for Sample Citizen" in visit.get("/acting/").text
    assert visit.post(f"/acting/{mandate}/end").status_code == 303
    assert "You act for nobody." in visit.get("/acting/").text
    assert "They gave it back." in life.visit(citizen).get("/acting/").text


def test_a_mandate_by_law_is_not_ended_by_the_person(life):
    citizen = life.person()
    until = life.now() + timedelta(days=300)
    guardian, mandate, _ = life.given(citizen, kind="guardian", valid_until=until)
    own = life.visit(citizen)
    assert f"/acting/{mandate}/end" not in own.get("/acting/").text
    assert own.post(f"/acting/{mandate}/end").status_code == 403
    assert life.status(mandate) == "active"
    assert "Civil register, checked on 10 March 2031" in own.get(f"/acting/{mandate}").text
    assert life.visit(guardian).post(f"/acting/{mandate}/end").status_code == 303


def test_only_what_one_gave_is_made_longer(life):
    citizen = life.person()
    _, mandate, _ = life.given(citizen, valid_until=life.now() + timedelta(days=10))
    _, by_law, _ = life.given(citizen, kind="guardian", valid_until=life.now() + timedelta(days=10))
    own = life.visit(citizen)
    assert own.post(f"/acting/{mandate}/renew", until="180").status_code == 303
    assert own.post(f"/acting/{by_law}/renew", until="180").status_code == 409
    life.world.clock.move(days=20)
    assert life.status(mandate) == "active"
    with life.portal.database.reading() as connection:
        assert [row.id for row in stored.in_force(connection, citizen, life.now())] == [mandate]


def test_stopping_goes_back_to_ones_own(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    visit = life.visit(delegate)
    visit.post(f"/acting/{mandate}/begin")
    assert "Stop acting for them" in visit.get("/home").text
    visit.post("/acting/stop")
    assert "Stop acting for them" not in visit.get("/home").text


def test_what_a_delegate_did_is_a_deed_of_the_account(life):
    citizen = life.person()
    delegate, mandate, _ = life.given(citizen)
    with life.portal.database.reading() as connection:
        (row,) = deeds.of_account(connection, citizen)
    assert (row.act, row.by_account, row.mandate) == ("mandate.accept", delegate, mandate)


# --- the last day -----------------------------------------------------------------------------------


def test_the_last_day_that_was_written_is_the_day_that_is_shown(life):
    citizen = life.person()
    visit = life.visit(citizen)
    assert give(visit, until="date", last_day="2031-05-31").status_code == 200
    with life.portal.database.reading() as connection:
        (row,) = stored.given_by(connection, citizen)
    for page in ("/acting/", f"/acting/{row.id}"):
        text = visit.get(page).text
        assert "31 May 2031" in text, page
        assert "1 June 2031" not in text, page


def test_a_renewed_mandate_shows_the_last_day_to_both(life):
    citizen = life.person()
    delegate, mandate, _code = life.given(citizen)
    visit = life.visit(citizen)
    assert visit.post(f"/acting/{mandate}/renew", until="date", last_day="9999-12-31").status_code == 422
    assert visit.post(f"/acting/{mandate}/renew", until="date", last_day="2031-05-31").status_code == 303
    assert "31 May 2031" in visit.get(f"/acting/{mandate}/renew").text
    assert "31 May 2031" in life.visit(delegate).get("/acting/").text
    assert "31 May 2031" in life.visit(delegate, by=mandate).get("/acting/").text

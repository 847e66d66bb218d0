"""Two who decide together: inviting an organisation and opening a case again need both; a no needs one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.exchange.store import cases as stored_cases
from connectors.portal.acting import joint
from connectors.portal.store import accounts, deeds, mails, mandates
from tests.flow.exchange.world import HOUSING
from tests.flow.portal.forms_on_pages import seen


@pytest.fixture
def family(life):
    """A child's case with debt advice in it, and a visit of each of the two parents."""
    child = life.ward()
    case = life.case_of(child)
    life.portal.directory.member(HOUSING)  # known here, so that it can be invited
    return case, [life.visit(*parent) for parent in life.parents(child)]


def invited(life, case):
    """Whether housing was asked: at housing itself, which is the only one that counts."""
    life.world.settle()
    with life.world.members[HOUSING].database.reading() as connection:
        found = stored_cases.invitations_in(connection, "open", "accepted", "declined")
        return [row.case for row in found].count(case) + (stored_cases.find(connection, case) is not None) > 0


def is_closed(life, case):
    with life.portal.database.reading() as connection:
        return stored_cases.require(connection, case).status == "closed"


def wish_on(page):
    """The place of the wish that a page leads to."""
    (found,) = {each for each in seen(page).links if each.startswith("/acting/together/")}
    return found


def say_yes(visit, page):
    """Press yes on the page of a wish; the browser sends the form on to where it is done."""
    form = next(form for form in seen(page).forms if form.action.endswith("/yes"))
    fields = {
        name: each.values[0] for name, each in form.fields.items() if each.values and name != "csrf_token"
    }
    sent_on = visit.post(form.action, **fields)
    assert sent_on.status_code == 307
    return visit.post(sent_on.location, **fields)


# --- inviting ---------------------------------------------------------------------------------------


def test_one_of_two_alone_invites_nobody_and_the_other_is_told_what_follows(life, family):
    case, (first, second) = family
    assert "The invitation is sent only when they agree." in first.get(f"/cases/{case}/invite").text
    for _ in range(2):
        assert "/acting/together/" in first.post(f"/cases/{case}/invite", member=HOUSING).location
    assert not invited(life, case)
    own = first.get("/home").text
    assert "You want to invite" in own
    assert "Take my yes back" in first.get(wish_on(own)).text
    home = second.get("/home").text
    assert "The other person who decides with you wants to invite" in home
    assert "If you say no or do nothing, no invitation is sent." in home
    page = second.get(wish_on(home)).text
    assert "The other person who decides with you" in page
    for said in ("If you say yes,", "If you say no,", "If you do nothing,", "Waits until"):
        assert said in page
    assert "Sample Parent" not in page.partition("<main")[2], "the other is never named"
    assert say_yes(second, page).location.endswith("/team")
    assert invited(life, case)
    assert "Do you agree?" not in second.get("/home").text
    assert "It is done." in first.get(wish_on(own)).text


def test_one_no_is_enough_and_the_other_sees_it_and_may_ask_once_more(life, family):
    case, (first, second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    assert second.post(f"{place}/no").status_code == 303
    assert "You said no. Nothing was sent." in second.get(place).text
    assert "The other person said no. Nothing was sent." in first.get(place).text
    assert "The other person said no to inviting" in first.get("/acting/").text
    assert "Do you agree?" not in second.get("/home").text
    assert second.post(f"{place}/no").location == place, "pressed twice"
    assert first.post(f"{place}/no").status_code == 409
    first.post(f"/cases/{case}/invite", member=HOUSING)
    assert not invited(life, case)
    assert "wants to invite" in second.get("/home").text


def test_who_takes_their_yes_back_does_not_meet_a_later_yes(life, family):
    case, (first, second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    assert first.post(f"{place}/no").status_code == 303
    assert "You took your yes back." in first.get(place).text
    assert second.post(f"/cases/{case}/invite", member=HOUSING).location == place
    assert not invited(life, case)


def test_a_yes_of_long_ago_does_not_count(life, family):
    case, (first, _second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    life.world.clock.move(days=joint.COUNTS_FOR.days)
    with life.portal.database.reading() as connection:
        one, other = [life.visit(row.delegate, row.id) for row in mandates.everything(connection)]
    for visit in (one, other):
        assert "to invite" not in visit.get("/home").text
        assert "This is over." in visit.get(place).text
    assert other.post(f"/cases/{case}/invite", member=HOUSING).location == place
    assert not invited(life, case)


def test_the_yes_to_one_organisation_is_none_to_another(life, family):
    case, (first, second) = family
    life.world.enrol("night-shelter", "charity")
    life.portal.directory.member("night-shelter")
    one = first.post(f"/cases/{case}/invite", member=HOUSING).location
    other = second.post(f"/cases/{case}/invite", member="night-shelter").location
    assert one != other
    assert not invited(life, case)


def test_inviting_asks_for_a_fresh_sign_in_as_a_yes_does(life, family):
    case, (first, _second) = family
    citizen = life.person()
    own = life.case_of(citizen)
    alone = life.visit(citizen)
    first.token()
    alone.token()
    life.world.clock.move(hours=2)
    for visit, where in ((first, case), (alone, own)):
        for answer in (
            visit.get(f"/cases/{where}/invite"),
            visit.post(f"/cases/{where}/invite", member=HOUSING),
        ):
            assert (answer.status_code, "/sign-in" in answer.location) == (302, True)
        assert not invited(life, where)


def test_whoever_signs_in_again_comes_back_to_what_they_were_asked(life, family):
    case, (first, second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    second.token()
    life.world.clock.move(hours=2)
    answer = second.post(f"{place}/yes", member=HOUSING)
    assert (answer.status_code, answer.location.endswith(f"next={place}")) == (302, True)
    assert not invited(life, case)
    assert second.post(f"{place}/no").status_code == 303, "a no asks for nothing more"


def test_who_decides_alone_invites_alone(life):
    citizen = life.person()
    case = life.case_of(citizen)
    life.portal.directory.member(HOUSING)
    visit = life.visit(citizen)
    assert "Another person decides with you" not in visit.get(f"/cases/{case}/invite").text
    assert visit.post(f"/cases/{case}/invite", member=HOUSING).location.endswith("/team")
    assert invited(life, case)


# --- opening again ----------------------------------------------------------------------------------


def test_one_alone_closes_a_case_and_both_open_it_again(life, family):
    case, (first, second) = family
    assert first.post(f"/cases/{case}/close").status_code == 303
    life.world.settle()
    assert "The case is open again only when they agree." in second.get(f"/cases/{case}").text
    place = second.post(f"/cases/{case}/reopen").location
    assert "/acting/together/" in place
    life.world.settle()
    assert is_closed(life, case)
    home = first.get("/home").text
    assert "wants to open a case again. Do you agree?" in home
    assert "If you say no or do nothing, the case stays closed." in home
    assert place in seen(home).links
    page = first.get(place).text
    assert "Yes, open it again" in page
    assert say_yes(first, page).location.endswith(f"/cases/{case}")
    life.world.settle()
    assert not is_closed(life, case)


def test_a_yes_to_opening_it_does_not_count_after_it_was_closed_once_more(life, family):
    case, (first, second) = family
    for visit in (first, second):
        life.world.clock.move(minutes=1)
        first.post(f"/cases/{case}/close")
        life.world.settle()
        assert "/acting/together/" in second.post(f"/cases/{case}/reopen").location
        assert is_closed(life, case)
        assert visit is not first or first.post(f"/cases/{case}/reopen").status_code == 303
        life.world.settle()
    assert is_closed(life, case)


def test_opening_again_asks_for_a_fresh_sign_in_and_closing_does_not(life):
    citizen = life.person()
    case = life.case_of(citizen)
    visit = life.visit(citizen)
    visit.token()
    life.world.clock.move(hours=2)
    assert visit.post(f"/cases/{case}/close").status_code == 303
    life.world.settle()
    answer = visit.post(f"/cases/{case}/reopen")
    assert (answer.status_code, "/sign-in" in answer.location) == (302, True)
    assert is_closed(life, case)


# --- whose it is ------------------------------------------------------------------------------------


def test_a_wish_is_nobody_elses_to_see_or_to_answer(life, family):
    case, (first, second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    with life.portal.database.reading() as connection:
        child = accounts.owner_of(connection, case)
    stranger = life.visit(life.person())
    until = life.now() + timedelta(days=200)
    guardian, mandate, _ = life.given(
        str(child), kind="guardian", powers=["view", "refuse"], valid_until=until
    )
    for visit in (stranger, life.visit(guardian, mandate)):
        assert visit.get(place).status_code == 404
        for answer in ("yes", "no"):
            assert visit.post(f"{place}/{answer}", member=HOUSING).status_code == 404
    request = life.asked(case)
    first.get(f"/requests/{request}")
    first.post(f"/requests/{request}", decision="allow")
    for path in (f"/acting/together/{request}", f"/acting/together/{request}/no"):
        answer = second.post(path) if path.endswith("/no") else second.get(path)
        assert answer.status_code == 404, "a request is answered on its own page"
    assert "Do you agree?" in second.get("/home").text


def test_what_each_did_is_written_down_for_the_person(life, family):
    case, (first, second) = family
    place = first.post(f"/cases/{case}/invite", member=HOUSING).location
    first.post(f"/cases/{case}/invite", member=HOUSING)
    second.post(f"{place}/no")
    with life.portal.database.reading() as connection:
        child = str(accounts.owner_of(connection, case))
        found = [row.act for row in deeds.of_account(connection, child)]
    assert (found.count("case.invite.agree"), found.count("case.invite.refuse")) == (1, 1)


def test_the_other_gets_an_e_mail_that_something_waits(life, family):
    case, (first, _second) = family
    with life.portal.database.writing() as connection:
        for row in accounts.of_kind(connection, "person"):
            accounts.change(connection, row.id, email="sample@example.org", email_wanted=True)
    first.post(f"/cases/{case}/invite", member=HOUSING)
    first.post(f"/cases/{case}/invite", member=HOUSING)
    with life.portal.database.reading() as connection:
        waiting = [row.kind for row in mails.due(connection, life.now(), 50)]
    assert waiting == ["waits"]


def test_nobody_is_invited_by_two_into_a_case_that_was_closed_meanwhile(life, family):
    case, (first, second) = family
    first.post(f"/cases/{case}/invite", member=HOUSING)
    first.post(f"/cases/{case}/close")
    life.world.settle()
    assert second.post(f"/cases/{case}/invite", member=HOUSING).status_code == 409
    assert not invited(life, case)

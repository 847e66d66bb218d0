"""A joint holder from whom somebody has to be safe: what is hidden from them, what staff keep from them."""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest

from connectors.cases.gather import read_case
from connectors.exchange.store import statements
from connectors.portal.acting import mandates
from connectors.portal.errors import MandateRefused, NotYours
from connectors.portal.mail import queue
from connectors.portal.store import accounts
from schemas.errors import WrongTransition
from tests.flow.exchange.world import DEBT, HOUSING

LETTER = "Only by letter to my sister in Example Road."
TABS = ("", "/timeline", "/records", "/team", "/documents", "/messages", "/note")


@pytest.fixture
def family(life):
    """A child's case, and the two parents: account, mandate, visit."""
    child = life.ward()
    case = life.case_of(child)
    return case, [(*parent, life.visit(*parent)) for parent in life.parents(child)]


def at_debt(life, case):
    life.world.settle()
    debt = life.world.members[DEBT]
    with debt.database.reading() as connection:
        found = read_case(connection, debt, case, life.now()).safe_contact
    return None if found is None else found.text


def keep_from(life, mandate, *cases):
    with life.portal.database.writing() as connection:
        mandates.shield(
            connection,
            mandate,
            cases=cases or None,
            ground="court order",
            review_at=life.now() + timedelta(days=90),
            by_role="safeguarding lead",
            now=life.now(),
        )


# --- how somebody is reached ------------------------------------------------------------------------


def test_how_one_of_two_is_reached_is_shown_to_the_organisations_and_not_to_the_other(life, family):
    case, ((_, _, first), (_, _, second)) = family
    assert first.post(f"/cases/{case}/safe-contact", text=LETTER).status_code == 303
    assert at_debt(life, case) == LETTER
    for tab in TABS:
        page = second.get(f"/cases/{case}{tab}").text
        assert LETTER not in page, tab
        assert "It is not shown to you, to keep everybody safe." in page, tab
        assert "/safe-contact" not in page, tab
        assert LETTER in first.get(f"/cases/{case}{tab}").text, tab
    with ZipFile(io.BytesIO(second.post(f"/take-with-me/{case}").data)) as copy:
        for name in copy.namelist():
            assert LETTER.encode() not in copy.read(name), name
        (missing,) = [copy.read(name).decode() for name in copy.namelist() if name.endswith("missing.txt")]
        assert "evidence.jsonl (held_back)" in missing
    with ZipFile(io.BytesIO(first.post(f"/take-with-me/{case}").data)) as copy:
        assert not [name for name in copy.namelist() if name.endswith("missing.txt")]


def test_the_other_cannot_put_words_of_their_own_in_the_place_of_it(life, family):
    case, ((_, _, first), (_, _, second)) = family
    first.post(f"/cases/{case}/safe-contact", text=LETTER)
    for answer in (
        second.get(f"/cases/{case}/safe-contact"),
        second.post(f"/cases/{case}/safe-contact", text="Call me at any time."),
    ):
        assert answer.status_code == 403
        assert LETTER not in answer.text
    assert at_debt(life, case) == LETTER
    assert first.post(f"/cases/{case}/safe-contact", text="By letter.").status_code == 303
    assert at_debt(life, case) == "By letter."
    assert "By letter." not in second.get(f"/cases/{case}").text


def test_it_stays_hidden_after_an_organisation_that_joined_later_was_told_too(life, family):
    case, ((_, _, first), (_, _, second)) = family
    first.post(f"/cases/{case}/safe-contact", text=LETTER)
    life.world.settle()
    life.world.invite_source(case, life.world.grant(life.asked(case)))
    life.world.settle()
    with life.portal.database.reading() as connection:
        notes = [row for row in statements.of_case(connection, case) if row.type == "note.add/1"]
    assert len(notes) > 1, "housing was told, in a note of its own"
    assert LETTER not in second.get(f"/cases/{case}").text
    assert LETTER in first.get(f"/cases/{case}").text


def test_what_the_person_wrote_themselves_is_not_shown_to_two_who_decide_for_them(life):
    citizen = life.person()
    case = life.case_of(citizen)
    life.visit(citizen).post(f"/cases/{case}/safe-contact", text=LETTER)
    for parent in life.parents(citizen):
        visit = life.visit(*parent)
        assert LETTER not in visit.get(f"/cases/{case}").text
        assert visit.post(f"/cases/{case}/safe-contact", text="Call me.").status_code == 403
    said = "Somebody who acts for you in this case can read it too"
    assert said in life.visit(citizen).get(f"/cases/{case}/safe-contact").text
    guardian, mandate, _ = life.given(citizen, kind="guardian", valid_until=life.now() + timedelta(days=90))
    assert LETTER in life.visit(guardian, mandate).get(f"/cases/{case}").text


def test_the_words_of_one_who_is_not_shown_the_case_any_more_bind_nobody(life, family):
    case, ((_, mandate, first), (_, _, second)) = family
    first.post(f"/cases/{case}/safe-contact", text="Call me, and nobody else.")
    keep_from(life, mandate, case)
    assert "Call me, and nobody else." not in second.get(f"/cases/{case}").text
    assert "Call me, and nobody else." not in second.get(f"/cases/{case}/safe-contact").text
    assert second.post(f"/cases/{case}/safe-contact", text=LETTER).status_code == 303
    assert at_debt(life, case) == LETTER


def test_where_somebody_is_reached_who_does_not_act_any_more_stays_hidden(life, family):
    case, ((_, mandate, first), (_, _, second)) = family
    first.post(f"/cases/{case}/safe-contact", text=LETTER)
    first.post(f"/acting/{mandate}/end")
    for _ in range(2):
        for tab in TABS:
            assert LETTER not in second.get(f"/cases/{case}{tab}").text, tab
        with ZipFile(io.BytesIO(second.post(f"/take-with-me/{case}").data)) as copy:
            for name in copy.namelist():
                assert LETTER.encode() not in copy.read(name), name
            assert [name for name in copy.namelist() if name.endswith("missing.txt")]
        assert second.post(f"/cases/{case}/safe-contact", text="Call me.").status_code == 303
        life.world.settle()
    assert "Call me." in second.get(f"/cases/{case}").text


# --- a case that is kept from one of them -----------------------------------------------------------


def test_a_case_that_is_kept_from_a_holder_is_to_them_as_if_it_did_not_exist(life, family):
    case, ((account, mandate, first), _other) = family
    with life.portal.database.reading() as connection:
        child = str(accounts.owner_of(connection, case))
    seen = life.case_of(child)
    request = life.asked(case)
    keep_from(life, mandate, case)
    for path in (
        *(f"/cases/{case}{tab}" for tab in TABS),
        f"/cases/{case}/invite",
        f"/requests/{request}",
    ):
        assert first.get(path).status_code == 404, path
    for path, fields in {
        f"/requests/{request}": {"decision": "refuse"},
        f"/cases/{case}/note": {"text": "x"},
        f"/cases/{case}/close": {},
        f"/take-with-me/{case}": {},
    }.items():
        assert first.post(path, **fields).status_code == 404, path
    for path in ("/home", "/cases/", "/permissions/", "/receipts/", "/who-looked/", "/acting/"):
        assert case not in first.get(path).text, path
    assert seen in first.get("/cases/").text
    with ZipFile(io.BytesIO(first.post("/take-with-me/").data)) as copy:
        assert not [name for name in copy.namelist() if case.encode() in copy.read(name)]
    with life.portal.database.reading() as connection:
        assert account not in queue.readers(connection, child, case, life.now())
        assert account in queue.readers(connection, child, seen, life.now())


def test_the_other_decides_alone_in_it_and_is_told_so(life, family):
    case, ((_, mandate, first), (_, _, second)) = family
    request = life.asked(case)
    second.get(f"/requests/{request}")
    second.post(f"/requests/{request}", decision="allow")
    assert life.state(request) == "open"
    keep_from(life, mandate, case)
    assert "You decide alone there, and they are not told:" in second.get("/acting/").text
    second.get(f"/requests/{request}")
    assert "/receipts/" in second.post(f"/requests/{request}", decision="allow").location
    life.portal.directory.member(HOUSING)
    assert second.post(f"/cases/{case}/invite", member=HOUSING).location.endswith("/team")
    assert "kept from" not in first.get("/acting/").text.replace("We can keep the case from them", "")


def test_the_person_is_told_which_case_is_kept_from_whom_and_the_holder_is_not(life):
    citizen = life.person()
    case = life.case_of(citizen)
    life.visit(citizen).post(f"/cases/{case}/name", name="Sample shelter")
    (account, mandate), _other = life.parents(citizen)
    keep_from(life, mandate, case)
    own = life.visit(citizen)
    for path in ("/acting/", f"/acting/{mandate}"):
        assert "Our staff keep these cases from them" in own.get(path).text
        assert "Sample shelter" in own.get(path).text
    for visit in (life.visit(account), life.visit(account, mandate)):
        for path in ("/acting/", "/home", "/cases/"):
            assert "keep these cases from" not in visit.get(path).text
            assert "Sample shelter" not in visit.get(path).text


def test_all_cases_are_kept_from_a_holder_also_new_ones(life, family):
    case, ((_, mandate, first), (_, _, second)) = family
    keep_from(life, mandate)
    with life.portal.database.reading() as connection:
        child = str(accounts.owner_of(connection, case))
    new = life.case_of(child)
    for each in (case, new):
        assert first.get(f"/cases/{each}").status_code == 404
        assert second.get(f"/cases/{each}").status_code == 200
    first.post("/begin/", words="Help with the rent.")
    assert first.post("/begin/whom", asked=[DEBT]).status_code == 403


def test_it_stays_so_after_the_day_of_review_until_staff_end_it(life, family):
    case, ((account, mandate, _first), (other, by_other, _second)) = family
    keep_from(life, mandate, case)
    life.world.clock.move(days=100)
    assert life.visit(account, mandate).get(f"/cases/{case}").status_code == 404
    with life.portal.database.writing() as connection:
        mandates.end_shield(connection, mandate)
    assert life.visit(account, mandate).get(f"/cases/{case}").status_code == 200
    assert "Another person decides with you" in life.visit(other, by_other).get(f"/cases/{case}").text


def test_what_is_no_reason_or_no_case_of_theirs_is_refused(life, family):
    case, ((_, mandate, first), _other) = family
    stranger = life.case_of(life.person())
    good = {"cases": [case], "ground": "court order", "by_role": "lead", "days": 90}
    for changed, error in (
        ({"ground": " "}, MandateRefused),
        ({"by_role": ""}, MandateRefused),
        ({"days": 0}, MandateRefused),
        ({"days": 200}, MandateRefused),
        ({"cases": []}, NotYours),
        ({"cases": [stranger]}, NotYours),
        ({"mandate": "none"}, NotYours),
    ):
        said = {"mandate": mandate, **good, **changed}
        days = said.pop("days")
        with life.portal.database.writing() as connection, pytest.raises(error):
            mandates.shield(
                connection,
                said.pop("mandate"),
                review_at=life.now() + timedelta(days=days),
                now=life.now(),
                **said,
            )
    with life.portal.database.writing() as connection, pytest.raises(NotYours):
        mandates.end_shield(connection, mandate)
    first.post(f"/acting/{mandate}/end")
    with pytest.raises(WrongTransition):
        keep_from(life, mandate, case)


# --- what is said of it -----------------------------------------------------------------------------


def test_each_of_the_two_reads_what_the_other_sees(life, family):
    case, ((_, _, first), _other) = family
    for path in (f"/cases/{case}/note", f"/cases/{case}/messages/new", f"/cases/{case}/documents/new"):
        assert "Another person decides with you, and sees this case as you do." in first.get(path).text
    page = first.get("/acting/").text
    assert "Both of you see the same: data with its addresses, notes, messages, documents" in page
    assert "Call or write to us before you write there." in page


def test_who_decides_alone_reads_nothing_of_another(life):
    citizen = life.person()
    case = life.case_of(citizen)
    assert "Another person decides with you" not in life.visit(citizen).get(f"/cases/{case}/note").text

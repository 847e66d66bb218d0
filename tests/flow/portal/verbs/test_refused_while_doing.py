"""Something is refused only while it is being done: the form comes back with everything that was typed."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.exchange.directory import Directory
from connectors.exchange.store.tables import members
from connectors.pages.case import readers
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL
from tests.flow.portal.verbs.kit import KEPT, TYPED, WRITING, both, folded, join, record_of, send, undelivered
from tests.flow.portal.visits import Pages, Visit
from tests.wsgi import cut

LATER = "This does not work at the moment, so nothing was sent."
NEVER = "This could not be done, so nothing was sent."


@pytest.fixture
def cut_off(life, citizen):
    """Debt advice's keys are not known here, and the coordinator, who would give them, is out of reach."""

    def visit() -> Visit:
        with life.portal.database.writing() as connection:
            connection.execute(delete(members).where(members.c.id == DEBT))
        known = life.portal
        forgetful = replace(known, directory=Directory(known.database, known.coordinator, known.clock))
        life.world.lines[PORTAL].before = cut
        pages = Pages(forgetful, life.pages.settings, life.pages.folder)
        return pages.visit(citizen)

    return visit


@pytest.mark.parametrize("verb", WRITING)
def test_what_was_typed_comes_back_when_nothing_can_be_sent(life, case, cut_off, verb):
    life.world.settle()
    answer = send(cut_off(), case, verb)
    assert (answer.status_code, LATER in answer.text, KEPT in answer.text) == (503, True, True)
    assert ("Choose the file again." in answer.text) is (verb == "documents/new")
    life.world.lines[PORTAL].before = None
    assert not folded(life, case).notes


def test_an_answer_in_a_conversation_comes_back_too(life, visit, case, cut_off):
    send(visit, case, "messages/new")
    (thread,) = folded(life, case).threads
    answer = cut_off().post(f"/cases/{case}/messages/{thread.id}/reply", text=TYPED + " too")
    assert (answer.status_code, LATER in answer.text, KEPT + " too" in answer.text) == (503, True, True)


def test_what_is_wrong_in_a_record_comes_back_too(life, citizen, case, cut_off):
    record = record_of(life, case, both(life, citizen, case))
    fields: dict[str, Any] = {"text": TYPED, "wrong": ["landlord"]}
    answer = cut_off().post(f"/cases/{case}/records/{record}/contest", **fields)
    assert (answer.status_code, LATER in answer.text, KEPT in answer.text) == (503, True, True)


def test_how_to_be_reached_comes_back_too(case, cut_off):
    answer = cut_off().post(f"/cases/{case}/safe-contact", text=TYPED)
    assert (answer.status_code, LATER in answer.text, KEPT in answer.text) == (503, True, True)


def test_what_will_never_be_possible_says_so_and_gives_the_words_back(life, citizen, case):
    life.world.clock.move(days=4000)  # no key of theirs is in force any more
    answer = send(life.visit(citizen), case, "note")
    assert (answer.status_code, NEVER in answer.text, KEPT in answer.text) == (409, True, True)


def test_in_a_closed_case_the_title_of_a_document_is_given_back_with_its_words(life, visit, case):
    visit.post(f"/cases/{case}/close")
    life.world.settle()
    file = (io.BytesIO(b"Dear sample citizen"), "letter.txt", "text/plain")
    answer = visit.post(f"/cases/{case}/documents/new", title="Sample letter", text=TYPED, file=file)
    assert (answer.status_code, KEPT in answer.text, "Sample letter" in answer.text) == (409, True, True)


# --- whose part can be ended ------------------------------------------------------------------------


def sits(life, case: str, member: str) -> bool:
    return member in readers.organisations(folded(life, case))


def test_the_part_of_who_opened_the_case_is_not_said_to_have_ended(life, visit, case):
    for answer in (visit.get(f"/cases/{case}/team/{DEBT}/end"), visit.post(f"/cases/{case}/team/{DEBT}/end")):
        assert "You cannot end the part of Debt-Advice here" in answer.text
        assert "it opened the case, or it was there before you" in answer.text
    assert answer.status_code == 409
    assert sits(life, case, DEBT)
    assert not undelivered(life, case)


def test_the_part_of_one_whom_the_citizen_invited_is_ended_too(life, visit, alone):
    join(life, alone)
    assert visit.post(f"/cases/{alone}/team/{HOUSING}/end").status_code == 303
    assert not sits(life, alone, HOUSING)
    assert not undelivered(life, alone)


def test_a_part_that_rests_on_a_permission_is_ended_and_pressing_twice_is_no_fault(
    life, visit, citizen, case
):
    both(life, citizen, case)
    for _ in range(2):
        answer = visit.post(f"/cases/{case}/team/{HOUSING}/end")
        assert (answer.status_code, answer.location) == (303, f"/cases/{case}/team")
    assert not sits(life, case, HOUSING)
    assert not undelivered(life, case)


def test_an_invitation_that_is_sent_twice_invites_once_and_is_no_fault(life, visit, case):
    life.portal.directory.member(HOUSING)  # known before it is invited
    invited = [visit.post(f"/cases/{case}/invite", member=HOUSING) for _ in range(2)]
    assert [(each.status_code, each.location) for each in invited] == [(303, f"/cases/{case}/team")] * 2
    told = folded(life, case)
    assert [each.words for each in told.timeline].count("case.invite") == 2  # the citizen's own, and this one

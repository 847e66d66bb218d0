"""Whether help arrived: each word is answered by itself."""

from __future__ import annotations

import pytest

from connectors.cases.view import Case
from connectors.exchange.acts import coordination
from connectors.exchange.acts.coordination import Result
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.verbs.kit import (
    KEPT,
    TYPED,
    asks,
    both,
    folded,
    record_of,
    undelivered,
)


def voices(case: Case) -> dict[tuple[str | None, str], str]:
    """Give the statement of each organisation's newest word, by subject and organisation."""
    return {(each.about, voice.by.name): voice.statement for each in case.outcomes for voice in each.agencies}


@pytest.fixture
def two_subjects(life: Life, citizen: str, case: str) -> tuple[str, str]:
    """Two organisations say how the case ended, and one of them how its record was; gives case and record."""
    record = record_of(life, case, both(life, citizen, case))
    for member, about in ((HOUSING, None), (DEBT, None), (DEBT, record)):
        said = Result(outcome="no_help" if about else "got_help", about=about)
        coordination.give_outcome(life.world.members[member], case, said)
        life.world.settle()
        life.world.clock.move(seconds=1)
    return case, record


def test_each_word_that_waits_is_answered_by_its_own_link(life, visit, two_subjects):
    case, record = two_subjects
    found = voices(folded(life, case))
    assert set(found) == {(None, HOUSING), (None, DEBT), (record, DEBT)}
    for where in ("/home", f"/cases/{case}"):
        links = seen(visit.get(where).text).links
        assert {f"/cases/{case}/outcome?answers={each}" for each in found.values()} <= set(links)
    for (about, member), statement in found.items():
        path = f"/cases/{case}/outcome?answers={statement}"
        page = visit.get(path).text
        assert asks(page, "answers").text == statement
        assert f"{member.title()} says:" in page
        assert visit.post(path, answers=statement, outcome="some_help").status_code == 303
        (outcome,) = [each for each in folded(life, case).outcomes if each.about == about]
        assert outcome.citizen is not None
        assert (outcome.citizen.answers, outcome.citizen.agrees) == (statement, False)
    assert not undelivered(life, case)


def test_without_a_name_the_word_that_waits_longest_is_answered(life, visit, two_subjects):
    case, _record = two_subjects
    statement = voices(folded(life, case))[(None, HOUSING)]
    path = f"/cases/{case}/outcome"
    assert asks(visit.get(path).text, "answers").text == statement
    assert asks(visit.get(f"{path}?answers=nonsense").text, "answers").text == statement


def test_a_word_that_was_changed_while_the_form_was_open_is_not_answered(life, visit, two_subjects):
    case, record = two_subjects
    old = voices(folded(life, case))[(record, DEBT)]
    coordination.give_outcome(life.world.members[DEBT], case, Result(outcome="too_early", about=record))
    answer = visit.post(f"/cases/{case}/outcome", answers=_settled(life, old), outcome="no_help", text=TYPED)
    assert answer.status_code == 422
    assert "This was changed in the meantime" in answer.text
    assert KEPT in answer.text
    found = folded(life, case)
    assert asks(answer.text, "answers").text == voices(found)[(record, DEBT)]
    assert all(each.citizen is None for each in found.outcomes)


def _settled(life: Life, statement: str) -> str:
    life.world.settle()
    return statement


def test_a_word_of_ones_own_answers_nobody(life, visit, case):
    page = visit.get(f"/cases/{case}/outcome").text
    assert asks(page, "answers").text == ""
    assert visit.post(f"/cases/{case}/outcome", answers="", outcome="got_help").status_code == 303
    (outcome,) = folded(life, case).outcomes
    assert outcome.citizen is not None
    assert outcome.citizen.answers is None


def test_a_dispute_is_answered_from_the_summary(life, visit, case):
    visit.post(f"/cases/{case}/outcome", answers="", outcome="no_help")
    mine = folded(life, case, DEBT).outcomes[0].citizen
    assert mine is not None
    life.world.clock.move(seconds=1)
    theirs = Result(outcome="got_help", answers=mine.statement, agrees=False)
    coordination.give_outcome(life.world.members[DEBT], case, theirs)
    ((_, statement),) = voices(folded(life, case)).items()
    (waits,) = [each for each in folded(life, case).waits_for("citizen") if each.words == "answer_dispute"]
    assert waits.about == statement
    path = f"/cases/{case}/outcome?answers={statement}"
    for where in ("/home", f"/cases/{case}"):
        assert path in seen(visit.get(where).text).links
    assert visit.post(path, answers=statement, outcome="got_help").status_code == 303
    assert folded(life, case).outcomes[0].state == "agreed"
    assert not undelivered(life, case)


def test_whoever_answers_a_word_on_the_result_reads_all_of_it_first(life, visit, case):
    said = coordination.Result(outcome="got_help", text="The plan is made & <signed>.")
    coordination.give_outcome(life.world.members[DEBT], case, said)
    life.world.settle()
    page = visit.get(f"/cases/{case}/outcome").text
    assert "Debt-Advice says: Help arrived." in page
    assert "The plan is made &amp; &lt;signed&gt;." in page

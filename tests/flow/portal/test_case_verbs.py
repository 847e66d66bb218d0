"""What a citizen does on a case page: while nobody is there to read it, in a closed case, answering the right
word; nothing that was typed is lost, and nothing is offered that the exchange would refuse.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.exchange.acts import access, cases, coordination
from connectors.exchange.acts.coordination import Result
from connectors.pages.case import desk
from connectors.portal.store import accounts
from coordinator.intake.rules import parties
from schemas.messages.envelope import Authority
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import DEBT, HOUSING
from tests.flow.portal.forms_on_pages import Field, seen
from tests.flow.portal.life import Life
from tests.flow.portal.visits import Visit

TYPED: Final = "What I typed & want to keep"
KEPT: Final = "What I typed &amp; want to keep"
TABS: Final = ("", "/timeline", "/records", "/team", "/documents", "/messages")
WRITING: Final[dict[str, dict[str, Any]]] = {
    "note": {"text": TYPED},
    "messages/new": {"text": TYPED, "kind": "message", "to": [DEBT]},
    "documents/new": {"text": TYPED, "title": "Sample letter"},
    "outcome": {"text": TYPED, "outcome": "got_help"},
}


@pytest.fixture
def life(tmp_path: Path, make_database: MakeDatabase):
    made = Life(tmp_path, make_database)
    yield made
    made.world.close()


@pytest.fixture
def citizen(life: Life) -> str:
    return life.person()


@pytest.fixture
def visit(life: Life, citizen: str) -> Visit:
    return life.visit(citizen)


@pytest.fixture
def case(life: Life, citizen: str) -> str:
    """A case with debt advice in it."""
    return life.case_of(citizen)


@pytest.fixture
def alone(life: Life, citizen: str) -> str:
    """A case of somebody who came alone; housing is invited, and a person there decides."""
    for member in (HOUSING, DEBT):
        life.portal.directory.member(member)  # as when somebody arrives: known before it hears of anybody
        life.world.members[member] = replace(life.world.members[member], auto_join=False)
    sign_in = cases.SignIn(acr="substantial", auth_time=life.now())
    made = cases.open_case_for_citizen(life.portal, sign_in)
    cases.invite_agency(life.portal, made, HOUSING, Authority("seat"))
    with life.portal.database.writing() as connection:
        accounts.own(connection, citizen, made, life.now())
    life.world.settle()
    return made


def send(visit: Visit, case: str, verb: str, **more: Any):
    fields = {**WRITING[verb], **more}
    if verb == "documents/new":
        fields["file"] = (io.BytesIO(b"Dear sample citizen"), "letter.txt", "text/plain")
    return visit.post(f"/cases/{case}/{verb}", **fields)


def asks(html: str, name: str) -> Field:
    """Give a field of the one form on a page that has it."""
    (found,) = [form.fields[name] for form in seen(html).forms if name in form.fields]
    return found


def folded(life: Life, case: str, member: str | None = None) -> Case:
    life.world.settle()
    connector = life.portal if member is None else life.world.members[member]
    with connector.database.reading() as connection:
        return read_case(connection, connector, case, life.now())


def undelivered(life: Life, case: str) -> list[str]:
    return [each.about for each in folded(life, case).waiting if each.words == "not_delivered"]


def offers(visit: Visit, case: str) -> set[str]:
    """Give the addresses below a case that its tabs lead to or post to, without what follows a `?`."""
    found = set()
    for tab in TABS:
        page = seen(visit.get(f"/cases/{case}{tab}").text)
        found |= {each.partition("?")[0] for each in (*page.links, *(form.action for form in page.forms))}
    return {each.removeprefix(f"/cases/{case}/") for each in found if each.startswith(f"/cases/{case}/")}


def join(life: Life, case: str, member: str = HOUSING) -> None:
    """Let an organisation accept the invitation into a case."""
    connector = life.world.members[member]
    with connector.database.reading() as connection:
        (waiting,) = [
            row
            for row in cases.cases.invitations_in(connection, "open")
            if row.case == case and row.direction == "received"
        ]
    cases.accept_invitation(connector, waiting.id)
    life.world.settle()


def both(life: Life, citizen: str, case: str) -> str:
    """Bring housing into a case; gives the consent by which it sits there."""
    consent = life.world.consent(case)
    life.world.invite_source(case, consent)
    return consent


def record_of(life: Life, case: str, consent: str) -> str:
    """Let debt advice get the tenancy; gives the statement."""
    life.world.request(case, consent)
    (record,) = folded(life, case).records
    return record.statement


# --- nobody is there to read it ---------------------------------------------------------------------


def test_what_is_sent_before_anybody_is_there_stays_in_the_form(life, visit, alone):
    for verb in WRITING:
        answer = send(visit, alone, verb)
        assert answer.status_code == 422
        assert KEPT in answer.text
        assert "once City-Housing has accepted the invitation" in answer.text
        assert not undelivered(life, alone)


def test_no_form_is_offered_before_anybody_is_there_but_the_reason(visit, alone):
    for verb in WRITING:
        page = visit.get(f"/cases/{alone}/{verb}")
        assert page.status_code == 200
        assert "once City-Housing has accepted the invitation" in page.text
        assert not any("text" in form.fields for form in seen(page.text).forms)


def test_the_tabs_say_why_nothing_can_be_written_yet(visit, alone):
    assert not offers(visit, alone) & set(WRITING)
    for tab in ("", "/messages", "/documents"):
        assert "once City-Housing has accepted the invitation" in visit.get(f"/cases/{alone}{tab}").text


def test_once_it_has_accepted_everything_can_be_sent(life, visit, alone):
    join(life, alone)
    assert set(WRITING) <= offers(visit, alone)
    for verb in WRITING:
        assert send(visit, alone, verb, to=[HOUSING]).status_code == 303
        assert not undelivered(life, alone)


def test_after_the_last_organisation_has_left_nothing_typed_is_lost(life, visit, case):
    cases.leave(life.world.members[DEBT], case)
    life.world.settle()
    for verb in WRITING:
        answer = send(visit, case, verb)
        assert answer.status_code == 422
        assert KEPT in answer.text
        assert "No organisation takes part now" in answer.text
        assert not offers(visit, case) & set(WRITING)


def test_several_that_were_asked_are_all_named(life, visit, alone):
    cases.invite_agency(life.portal, alone, DEBT, Authority("seat"))
    life.world.settle()
    text = visit.get(f"/cases/{alone}/note").text
    assert "once one of these has accepted: City-Housing and Debt-Advice" in text


def test_asking_an_organisation_whose_part_has_ended_says_so(life, citizen, visit, case):
    both(life, citizen, case)
    cases.leave(life.world.members[HOUSING], case)
    life.world.settle()
    page = visit.get(f"/cases/{case}/messages/new?kind=complaint&to={HOUSING}").text
    assert "City-Housing no longer takes part in this case" in page
    assert "You can write to the others below." in page
    assert "data protection authority" in page
    assert asks(page, "to").values == [DEBT]
    assert "no longer takes part" not in visit.get(f"/cases/{case}/messages/new?to={DEBT}").text
    assert "no longer takes part" not in visit.get(f"/cases/{case}/messages/new?to=nobody-known").text


def test_an_answer_to_somebody_who_has_left_stays_in_the_form(life, citizen, visit, case):
    both(life, citizen, case)
    coordination.send_message(
        life.world.members[HOUSING], case, coordination.Words(text="When?", kind="question")
    )
    (thread,) = folded(life, case).threads
    where = f"/cases/{case}/messages/{thread.id}"
    assert "Your answer" in visit.get(where).text
    cases.leave(life.world.members[HOUSING], case)
    life.world.settle()
    page = visit.get(where).text
    assert "nobody would read your answer" in page
    assert "Your answer</label>" not in page
    answer = visit.post(f"{where}/reply", text=TYPED)
    assert answer.status_code == 422
    assert KEPT in answer.text
    assert "nobody would read your answer" in answer.text


def test_a_mark_that_nobody_would_read_stays_in_the_form(life, citizen, visit, case):
    record = record_of(life, case, both(life, citizen, case))
    for member in (HOUSING, DEBT):
        cases.leave(life.world.members[member], case)
    life.world.settle()
    where = f"/cases/{case}/records/{record}"
    assert f"{where}/contest" not in seen(visit.get(where).text).links
    assert "nobody else who has this data does" in visit.get(f"{where}/contest").text
    answer = visit.post(f"{where}/contest", text=TYPED, wrong=["landlord"])
    assert answer.status_code == 422
    assert KEPT in answer.text


# --- in a closed case -------------------------------------------------------------------------------


@pytest.fixture
def closed(life: Life, citizen: str, case: str) -> tuple[str, str]:
    """A closed case with two organisations and a record; gives both ids."""
    record = record_of(life, case, both(life, citizen, case))
    cases.close(life.portal, case)
    life.world.settle()
    return case, record


def test_the_table_says_what_the_coordinator_says():
    assert {each.partition("/")[0] for each in parties.AFTER_CLOSING} == desk.AFTER_CLOSING


def _verbs(case: str, record: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Give the address and the fields of every act that a page posts."""
    return {
        "note.add": (f"/cases/{case}/note", WRITING["note"]),
        "message.send": (f"/cases/{case}/messages/new", WRITING["messages/new"]),
        "document.add": (f"/cases/{case}/documents/new", WRITING["documents/new"]),
        "outcome.give": (f"/cases/{case}/outcome", WRITING["outcome"]),
        "record.contest": (f"/cases/{case}/records/{record}/contest", {"text": TYPED, "wrong": ["landlord"]}),
        "case.invite": (f"/cases/{case}/invite", {"member": HOUSING}),
        "case.end_seat": (f"/cases/{case}/team/{HOUSING}/end", {}),
        "case.close": (f"/cases/{case}/close", {}),
    }


ACTS: Final = sorted(set(get_args(desk.Act)) - {"record.pass", "case.reopen"})
"""Passing on what was shown first is done on a page of its own; opening the case again is tried by itself."""


def test_in_a_closed_case_each_act_is_done_or_refused_in_words(life, visit, closed):
    case, record = closed
    for act in ACTS:
        path, fields = _verbs(case, record)[act]
        answer = visit.post(path, **fields)
        if desk.may_still(act, "closed"):
            assert answer.status_code == 303, answer.text
            assert not undelivered(life, case), act
            continue
        for each in (answer, visit.get(path)):
            assert each.status_code == 409
            assert "The case is closed" in each.text
            assert seen(each.text).form("/reopen")
        assert (KEPT in answer.text) is (fields.get("text") == TYPED)
        assert not undelivered(life, case)
        assert not folded(life, case).notes


def test_a_closed_case_offers_only_what_can_be_done_in_it(visit, closed):
    case, record = closed
    found = offers(visit, case)
    assert not found & {"note", "documents/new", "outcome", "invite", "close"}
    assert {"messages/new", "reopen", f"team/{HOUSING}/end", f"records/{record}"} <= found
    assert (
        f"/cases/{case}/records/{record}/contest"
        in seen(visit.get(f"/cases/{case}/records/{record}").text).links
    )


def test_a_case_that_is_open_again_takes_everything(life, visit, closed):
    case, _record = closed
    assert visit.post(f"/cases/{case}/reopen").status_code == 303
    assert visit.post(f"/cases/{case}/reopen").status_code == 303  # pressed twice
    assert {"note", "documents/new", "outcome", "close"} <= offers(visit, case)
    assert send(visit, case, "note").status_code == 303
    assert not undelivered(life, case)


def test_somebody_elses_closed_case_is_refused_as_if_there_were_none(life, closed):
    other = life.visit(life.person("Other Citizen"))
    answer = other.post(f"/cases/{closed[0]}/note", text=TYPED)
    assert answer.status_code == 404
    assert "closed" not in answer.text


# --- whether help arrived ---------------------------------------------------------------------------


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


# --- refused forms ----------------------------------------------------------------------------------


REFUSED: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("note", {"text": TYPED + "\u202e"}, KEPT),
    ("messages/new", {"text": TYPED, "kind": "message", "to": []}, KEPT),
    ("messages/new", {"text": TYPED, "subject": "Sample subject", "to": [DEBT]}, "Sample subject"),
    ("documents/new", {"title": "", "text": TYPED}, KEPT),
    ("outcome", {"text": TYPED}, KEPT),
    ("invite", {"member": "nobody"}, ""),
]
"""What is typed so that it is refused, and what has to stand in the form again."""


def test_a_form_that_is_refused_says_so_by_its_status_and_keeps_what_was_typed(visit, case):
    for path, fields, keeps in REFUSED:
        answer = visit.post(f"/cases/{case}/{path}", **fields)
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
        assert keeps in answer.text


# --- what a question is about -----------------------------------------------------------------------


def test_a_question_about_a_record_names_it_and_who_looked(life, citizen, visit, case):
    record = record_of(life, case, both(life, citizen, case))
    (at_debt,) = folded(life, case, DEBT).records
    access.view_record(
        life.world.members[DEBT],
        at_debt.statement,
        access.Actor("worker-7", "adviser"),
        access.Reason("plan"),
    )
    life.world.settle()
    path = f"/cases/{case}/messages/new?kind=question&to={DEBT}&about={record}"
    page = seen(visit.get(path).text).main
    assert "Data given by City-Housing to" in page
    assert "Debt-Advice looked at:" in page
    refused = visit.post(path, text="", kind="question", to=[DEBT])
    assert "Debt-Advice looked at:" in refused.text
    assert visit.post(path, text="Why?", kind="question", to=[DEBT]).status_code == 303
    (thread,) = folded(life, case).threads
    assert thread.about == record
    page = seen(visit.get(f"/cases/{case}/messages/{thread.id}").text)
    assert "Data given by City-Housing to" in page.main
    assert "Debt-Advice looked at:" in page.main
    assert f"/cases/{case}/records/{record}" in page.links


def test_a_question_about_one_look_names_that_look(life, citizen, visit, case):
    record_of(life, case, both(life, citizen, case))
    (at_debt,) = folded(life, case, DEBT).records
    access.view_record(
        life.world.members[DEBT],
        at_debt.statement,
        access.Actor("worker-7", "adviser"),
        access.Reason("plan"),
    )
    (look,) = folded(life, case).views
    path = f"/cases/{case}/messages/new?kind=question&to={DEBT}&about={look.id}"
    assert "Debt-Advice looked at:" in seen(visit.get(path).text).main
    assert visit.post(path, text="Why?", kind="question", to=[DEBT]).status_code == 303
    (thread,) = folded(life, case).threads
    assert thread.about == look.id
    assert not undelivered(life, case)


def test_what_is_not_of_this_case_is_not_taken_as_what_it_is_about(life, citizen, visit, case):
    other = life.case_of(citizen)
    coordination.add_note(life.portal, other, TYPED)
    (note,) = folded(life, other).notes
    path = f"/cases/{case}/messages/new?about={note.statement}"
    assert "About:" not in visit.get(path).text
    assert visit.post(path, text="Why?", kind="question", to=[DEBT]).status_code == 303
    (thread,) = folded(life, case).threads
    assert thread.about is None

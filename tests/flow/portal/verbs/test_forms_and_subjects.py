"""A refused form keeps what was typed; a question names what it is about."""

from __future__ import annotations

from typing import Any, Final

from connectors.exchange.acts import coordination
from tests.flow.exchange.world import DEBT
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.verbs.kit import (
    KEPT,
    TYPED,
    both,
    folded,
    looked,
    record_of,
    undelivered,
)

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
    looked(life, case)
    path = f"/cases/{case}/messages/new?kind=question&to={DEBT}&about={record}"
    page = seen(visit.get(path).text).main
    assert "Data given by City-Housing to" in page
    assert "Debt-Advice looked at:" in page
    refused = visit.post(path, text="", kind="question", to=[DEBT])
    assert "Debt-Advice looked at:" in refused.text
    assert visit.post(path, text="Why?", kind="question", to=[DEBT]).status_code == 303
    (thread,) = folded(life, case).threads
    assert thread.about == record
    whole = seen(visit.get(f"/cases/{case}/messages/{thread.id}").text)
    assert "Data given by City-Housing to" in whole.main
    assert "Debt-Advice looked at:" in whole.main
    assert f"/cases/{case}/records/{record}" in whole.links


def test_a_question_about_one_look_names_that_look(life, citizen, visit, case):
    record_of(life, case, both(life, citizen, case))
    looked(life, case)
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

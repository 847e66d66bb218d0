"""In a closed case each act is done or refused in words, as the coordinator would."""

from __future__ import annotations

from typing import Any, Final, get_args

import pytest

from connectors.exchange.acts import cases
from connectors.pages.case import desk
from tests.flow.exchange.world import HOUSING
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Life
from tests.flow.portal.verbs.kit import (
    KEPT,
    TYPED,
    WRITING,
    both,
    folded,
    offers,
    record_of,
    send,
    undelivered,
)


@pytest.fixture
def closed(life: Life, citizen: str, case: str) -> tuple[str, str]:
    """A closed case with two organisations and a record; gives both ids."""
    record = record_of(life, case, both(life, citizen, case))
    cases.close(life.portal, case)
    life.world.settle()
    return case, record


def _verbs(case: str, record: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Give the address and the fields of every act that a page posts."""
    return {
        "note.add": (f"/cases/{case}/note", WRITING["note"]),
        "contact.say": (f"/cases/{case}/safe-contact", {"text": TYPED}),
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
        if act == "case.close":  # pressed twice: it is closed, as was wanted
            assert (answer.status_code, answer.location) == (303, f"/cases/{case}")
            continue
        for each in (answer, visit.get(path)):
            assert each.status_code == 409
            assert "The case is closed" in each.text
            assert seen(each.text).form("/reopen").fields is not None
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

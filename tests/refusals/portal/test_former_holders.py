"""Who acted for somebody until lately, by every route with the ids that they know: refused as a stranger is.

They had every power, had looked at everything and begun what can be begun. Then the mandate is revoked, ended
by staff, or its time is over, the person comes of age, or staff keep the cases from them. What is tried: the
session of before, which acted for the person, and a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest
from werkzeug.routing import Rule

from connectors.portal.acting import coming_of_age, mandates
from connectors.portal.acting.rules import POWERS, Terms
from connectors.portal.store import mandates as stored
from connectors.portal.store import tables
from tests.conftest import MakeDatabase
from tests.flow.exchange.world import there
from tests.flow.portal.life import EVIDENCE
from tests.flow.portal.story import BENEFITS, CANARIES, NAME, Me, Story
from tests.flow.portal.visits import Visit
from tests.refusals.portal.test_foreign_ids import (
    LEAVING,
    OWN_PAGES,
    UNKNOWN,
    _rows,
    _seen,
    _try,
    _with_ids,
    address,
    everything,
    ids_of,
    statement_for,
)

LASTS: Final = timedelta(hours=2)
"""Shorter than a session, so that one of before is still there."""
THEIRS: Final = frozenset({"acting.begin", "acting.end"})
"""What the former holder does with the mandate itself, which is theirs too."""


@pytest.fixture
def story(tmp_path, make_database: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path, make_database)
    yield made
    made.close()


# --- how it ended -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class End:
    """What kind of mandate it was, how it ends, and whether its session then acts for the person still."""

    kind: str
    ends: Callable[[Story, str], None]
    acts_on: bool = False


def _revoked(story: Story, mandate: str) -> None:
    with story.portal.database.writing() as connection:
        mandates.end(connection, Me(story.citizen), mandate, story.world.clock())


def _by_staff(story: Story, mandate: str) -> None:
    with story.portal.database.writing() as connection:
        mandates.end_by_staff(connection, mandate, "court", story.world.clock())


def _run_out(story: Story, _mandate: str) -> None:
    story.world.clock.move(hours=2)


def _of_age(story: Story, _mandate: str) -> None:
    story.world.clock.move(hours=2)
    coming_of_age.come_of_age(story.portal, story.world.clock())
    story.world.settle()


def _kept(story: Story, mandate: str) -> None:
    now = story.world.clock()
    why: dict[str, Any] = {"ground": "court order", "by_role": "lead", "review_at": now + timedelta(days=9)}
    with story.portal.database.writing() as connection:
        mandates.shield(connection, mandate, cases=None, now=now, **why)


ENDS: Final[Mapping[str, End]] = {
    "revoked": End("nominee", _revoked),
    "ended by staff": End("guardian", _by_staff),
    "run out": End("nominee", _run_out),
    "of age, before the clock's turn": End("parental", _run_out),
    "of age": End("parental", _of_age),
    "kept from them": End("guardian", _kept, acts_on=True),
}


def _given(story: Story, kind: str, name: str) -> tuple[str, str]:
    """Let somebody act for the citizen with every power; gives account and mandate."""
    now, account = story.world.clock(), story.account(name, "Sample Former")
    until: dict[str, Any] = {"valid_until": now + LASTS, "powers": POWERS}
    if kind == "parental":
        until |= {"of_age_on": now + LASTS, "joint": True}
    with story.portal.database.writing() as connection:
        if kind == "nominee":
            made = mandates.give(connection, Me(story.citizen), Terms(kind=kind, **until), now)
        else:
            terms = Terms(kind=kind, evidence=EVIDENCE, **until)
            made = mandates.enter(connection, story.citizen, terms, now)
        return account, mandates.accept(connection, Me(account), made.code, now)


@dataclass(frozen=True, slots=True)
class Former:
    """Who acted until lately: the account, the mandate, and the ids that they know."""

    account: str
    mandate: str
    known: Mapping[str, str]


def _former(story: Story, end: End) -> Former:
    """Let them see everything and begin what can be begun."""
    account, mandate = _given(story, end.kind, "former")
    if end.kind == "parental":
        _given(story, end.kind, "other")
    visit = story.visit(account, acting_for=mandate)
    ids = {**ids_of(story), "mandate_id": mandate}
    for rule, method in _with_ids(story):
        if method == "GET" and not {"mandate_id", "wish_id", "credential"} & set(rule.arguments):
            answer = visit.get(address(rule, {**ids, "statement": statement_for(story, rule)}))
            assert answer.status_code in {200, 302}, rule.rule
    assert visit.post(f"/take-with-me/{ids['case_id']}").status_code == 200
    if end.kind == "parental":
        assert visit.post(f"/requests/{ids['request_id']}", decision="allow").location == "/home"
        assert visit.post(f"/previews/{ids['release']}", decision="pass").location == "/home"
        story.portal.directory.member(BENEFITS)
        waits = visit.post(f"/cases/{ids['case_id']}/invite", member=BENEFITS).location
        ids["wish_id"] = waits.rpartition("/")[2]
        assert visit.get(waits).status_code == 200
    return Former(account, mandate, ids)


# --- what is tried ----------------------------------------------------------------------------------


def _tried(story: Story, known: Mapping[str, str]) -> list[tuple[Rule, str, Mapping[str, str]]]:
    """List each route with an id, with a method and with what is known of it."""
    return [
        (rule, method, {**known, "statement": statement_for(story, rule)})
        for rule, method in _with_ids(story)
        if rule.endpoint not in THEIRS
    ]


def _opened(visit: Visit) -> Visit:
    """Give a session whose forms have their token already."""
    visit.token()
    return visit


@pytest.mark.parametrize("how", ENDS)
def test_a_session_that_acted_for_somebody_reaches_nothing_by_any_route(story: Story, how: str):
    end = ENDS[how]
    former = _former(story, end)
    tried = _tried(story, former.known)
    # Each request has a session of its own: the first one tells that it has ended, and so ends it.
    said = {"acting_for": former.mandate}
    sessions = [[_opened(story.visit(former.account, **said)) for _ in range(2)] for _ in tried]
    end.ends(story, former.mandate)
    before, statuses = _everything(story), {404, 405} if end.acts_on else {403, 405}
    for (rule, method, foreign), visits in zip(tried, sessions, strict=True):
        answers = []
        for visit, values in zip(visits, (foreign, UNKNOWN), strict=True):
            answer = _try(visit, method, address(rule, values))
            assert answer.status_code in statuses, (rule.rule, method, answer.status_code)
            hidden = set(CANARIES) - (
                {NAME} if end.acts_on else set()
            )  # it stands in the frame of every page
            assert [each for each in hidden if each in answer.text] == [], (rule.rule, method)
            answers.append(_seen(answer, values))
        assert answers[0] == answers[1], (rule.rule, method)
    assert len(tried) > 40
    assert _everything(story) == before


@pytest.mark.parametrize("how", ENDS)
def test_who_acted_for_somebody_is_refused_as_a_stranger_and_shown_nothing_of_before(story: Story, how: str):
    end = ENDS[how]
    former = _former(story, end)
    end.ends(story, former.mandate)
    before = _everything(story)
    visit = story.visit(former.account)
    for rule, method, foreign in _tried(story, former.known):
        theirs = _seen(_try(visit, method, address(rule, foreign)), foreign)
        assert theirs[0] in {404, 405}, (rule.rule, method, theirs[0])
        assert theirs == _seen(_try(visit, method, address(rule, UNKNOWN)), UNKNOWN), (rule.rule, method)
    _check_shows_nothing(story, former, visit)
    if end.acts_on:
        _check_shows_nothing(story, former, story.visit(former.account, acting_for=former.mandate))
    assert _everything(story) == before


def _check_shows_nothing(story: Story, former: Former, visit: Visit) -> None:
    """Look at every page of one's own for what they saw before."""
    ids = {name: each for name, each in former.known.items() if name not in {"mandate_id", "member", "kind"}}
    words = {*CANARIES, *ids.values(), story.hidden} - {"accord.css", "en", UNKNOWN["wish_id"]}
    for rule in story.pages.app.url_map.iter_rules():
        if rule.endpoint in OWN_PAGES - LEAVING and "GET" in (rule.methods or set()):
            text = visit.get(address(rule, {})).text
            # Whom they act or acted for they know: it stands in the frame of every page, or in a list.
            assert [each for each in words - {NAME} if each in text] == [], rule.rule


def _everything(story: Story) -> dict[str, list[str]]:
    """Give what must not change, also what waits between two who decide."""
    joint = sorted(str(row) for row in _rows(story, tables.joint_decisions))
    return {**everything(story), "joint_decisions": joint}


def test_the_one_who_looks_is_otherwise_somebody_who_may(story: Story):
    """Else refusing them would say nothing: in force, every page that they are refused later is theirs."""
    former = _former(story, ENDS["of age"])
    visit, found = story.visit(former.account, acting_for=former.mandate), {}
    with story.portal.database.reading() as connection:
        assert there(stored.find(connection, former.mandate)).status == "active"
    for rule, method, known in _tried(story, former.known):
        if method == "GET" and not {"mandate_id", "credential"} & set(rule.arguments):
            found[rule.endpoint] = visit.get(address(rule, known)).status_code
    assert {each: status for each, status in found.items() if status not in {200, 302}} == {}

"""Every route with an id, by whom it was open to until lately, and by methods that no link or form uses.

A helper whose mandate has ended is refused as anybody else is; and no method says more about a foreign id
than the page itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from werkzeug.routing import Rule

from connectors.portal.acting import mandates
from tests.conftest import MakeDatabase
from tests.flow.portal.story import CANARIES, NAME, Me, Story
from tests.flow.portal.visits import Visit
from tests.refusals.portal.test_foreign_ids import (
    LEAVING,
    NAMES_NOBODY,
    OF_TWO,
    OPEN_TO_ALL,
    OWN_PAGES,
    UNKNOWN,
    _seen,
    _try,
    _with_ids,
    address,
    everything,
    ids_of,
    statement_for,
)

OTHER_METHODS: Final = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")


@pytest.fixture
def story(tmp_path, make_database: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path, make_database)
    yield made
    made.close()


def _routes(story: Story) -> list[tuple[Rule, str]]:
    """List the routes with ids of which a story has one; test_foreign_ids refuses others."""
    return [each for each in _with_ids(story) if set(each[0].arguments) <= set(ids_of(story))]


def _ended(story: Story) -> Visit:
    """Give the session of a helper, opened before the citizen ended the mandate."""
    visit = story.helping()
    assert visit.get(f"/cases/{story.ids['case_id']}").status_code == 200
    visit.token()
    with story.portal.database.writing() as connection:
        mandates.end(connection, Me(story.citizen), story.mandate, story.world.clock())
    return visit


def test_a_helper_whose_mandate_has_ended_reaches_nothing_by_any_route(story: Story):
    visit = _ended(story)
    before, tried = everything(story), 0
    for rule, method in _routes(story):
        foreign = {**ids_of(story), "statement": statement_for(story, rule)}
        answer = _try(visit, method, address(rule, foreign))
        assert answer.status_code in {302, 303, 403, 404, 405, 409}, (rule.rule, method, answer.status_code)
        assert [each for each in CANARIES if each in answer.text] == [], (rule.rule, method)
        tried += 1
    for rule in story.pages.app.url_map.iter_rules():
        pages = (OWN_PAGES | OPEN_TO_ALL) - LEAVING - {"assets.static"}
        if rule.endpoint in pages and "GET" in (rule.methods or set()):
            text = visit.get(address(rule, {})).text
            # Whom they acted for, they know; it is in the list of what has ended.
            hidden = set(CANARIES) - ({NAME} if rule.endpoint == "acting.show" else set())
            assert [each for each in hidden if each in text] == [], rule.rule
    assert tried > 40
    assert everything(story) == before


def test_no_method_says_more_of_a_foreign_id_than_of_one_that_nobody_has(story: Story):
    before, seen = everything(story), set()
    for rule in {each.rule: each for each, _method in _routes(story)}.values():
        foreign = {**ids_of(story), "statement": statement_for(story, rule)}
        for method in OTHER_METHODS:
            answers = []
            for values in (foreign, UNKNOWN):
                answer: Any = story.visit(story.stranger).client.open(address(rule, values), method=method)
                allowed = sorted(answer.headers.get("Allow", "").split(", "))
                answers.append((*_seen(answer, values), allowed))
            assert answers[0] == answers[1], (rule.rule, method)
            assert answers[0][0] in ({200} if method == "OPTIONS" else {400, 404, 405}), (rule.rule, method)
            seen.add((method, answers[0][0]))
    assert {("OPTIONS", 200), ("HEAD", 404)} <= seen
    assert everything(story) == before


def test_looking_at_headers_alone_does_nothing_and_shows_nothing(story: Story):
    """A HEAD is a GET without its body: what a page tells nobody, its headers must not tell either."""
    before, visit = everything(story), story.visit(story.citizen)
    for rule, method in _routes(story):
        if method == "GET" and rule.endpoint not in OF_TWO:
            own = {**ids_of(story), "statement": statement_for(story, rule)}
            answer = visit.client.head(address(rule, own))
            assert answer.data == b"", rule.rule
            assert answer.status_code in {200, 302, 303}, (rule.rule, answer.status_code)
            assert [each for each in CANARIES if each in str(answer.headers)] == [], rule.rule
    assert everything(story) == before
    assert set(NAMES_NOBODY) & set(UNKNOWN) == set()

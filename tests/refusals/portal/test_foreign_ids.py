"""Every route of the portal with somebody else's ids: as another citizen, as a helper, as nobody.

Enumerated from the application's own map; a route that this file does not know how to try fails it. What is
foreign and what does not exist must be refused alike: the same status and the same page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

import pytest
from werkzeug.routing import Rule

from connectors.exchange.store import tables
from connectors.portal.store import accounts, receipts
from connectors.portal.store import tables as own_tables
from tests.conftest import MakeDatabase
from tests.flow.portal.story import CANARIES, Story
from tests.flow.portal.visits import Visit

NOWHERE: Final = str(UUID(int=7, version=4))
UNKNOWN: Final[Mapping[str, str]] = {
    "case_id": NOWHERE,
    "consent_id": NOWHERE,
    "request_id": NOWHERE,
    "receipt_id": "2222-2222-2222-2222",
    "statement": NOWHERE,
    "thread": NOWHERE,
    "credential": "credential-of-nobody",
    "member": "no-such-member",
    "mandate_id": NOWHERE,
    "wish_id": NOWHERE,
    "release": NOWHERE,
}
"""One id of each kind that nobody has. A parameter that is not here is one that nobody has thought about."""

OWN_PAGES: Final = frozenset(
    {
        *("home.show", "cases.show_all", "permissions.show_all", "receipts.show_all", "looked.show"),
        *("looked.by_law", "begin.show", "begin.say", "begin.whom", "begin.ask", "join.show", "join.join"),
        *("account.show", "account.choose_language", "account.give_email", "account.confirm_email"),
        *("account.remove_email", "account.end_sessions"),
        *("passkeys.show_all", "passkeys.prepare", "passkeys.make"),
        *("acting.show", "acting.give", "acting.given", "acting.code", "acting.accept", "acting.stop"),
        *("export.show", "export.take_all"),
    }
)
"""Without an id: always about the visitor, so that nothing of anybody else may be on them."""
OPEN_TO_ALL: Final = frozenset(
    {
        *("front.show", "front.choose_language", "front.sign_in_first", "front.begin", "front.come_back"),
        *("front.sign_out", "front.signed_out", "front.about", "front.privacy", "front.accessibility"),
        *("front.licences", "assets.static", "assets.show_logo"),
        *("health.lives", "health.is_ready"),
    }
)
"""The same for everybody."""
NAMES_NOBODY: Final[Mapping[str, str]] = {"filename": "accord.css", "code": "en", "kind": "trusted"}
"""Parameters that are no ids of anybody's things: assets, languages, kinds of mandates."""
OF_TWO: Final = frozenset({"acting.together"})
"""Pages of those who decide together; whose they are, and whose not, is in test_two_who_widen.py."""
LEAVING: Final = frozenset({"front.sign_out", "account.end_sessions", "acting.stop"})


@pytest.fixture(scope="module")
def story(tmp_path_factory, make_database_for_module: MakeDatabase) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("story"), make_database_for_module)
    yield made
    made.close()


def ids_of(story: Story) -> dict[str, str]:
    """Give the citizen's ids by the names of the routes' parameters."""
    return {**NAMES_NOBODY, "mandate_id": story.mandate, "wish_id": NOWHERE, **story.ids}


def _rules(story: Story) -> list[Rule]:
    return list(story.pages.app.url_map.iter_rules())


def _with_ids(story: Story) -> list[tuple[Rule, str]]:
    """List the routes with ids in them, each with a method."""
    return [
        (rule, method)
        for rule in _rules(story)
        if set(rule.arguments) - set(NAMES_NOBODY)
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def address(rule: Rule, values: Mapping[str, str]) -> str:
    """Fill a route's parameters in."""
    every = {**NAMES_NOBODY, **values}
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: every[found[1]], rule.rule)


FIELDS: Final[Mapping[str, Any]] = {
    "decision": "allow",
    "text": "Sample",
    "kind": "message",
    "to": ["debt-advice"],
    "name": "Sample",
    "title": "Sample",
    "wrong": ["landlord"],
    "outcome": "got_help",
    "member": "city-housing",
    "kept": ["housing.landlord"],
    "way": "compare",
}
"""What makes any of the forms right, so that nothing but whose it is can stop it."""


def fields_for(address: str) -> Mapping[str, Any]:
    """Give what a form at this address takes."""
    return {**FIELDS, "decision": "pass"} if address.startswith("/previews/") else FIELDS


def _try(visit: Visit, method: str, address: str) -> Any:
    return visit.get(address) if method == "GET" else visit.post(address, **fields_for(address))


def _seen(answer: Any, values: Mapping[str, str]) -> tuple[int, str, str]:
    """Give status, target and page, without what differs by itself: tokens, nonces, the ids asked for."""
    said = re.sub(r'(name="csrf_token" value=|nonce=|content=)"[^"]*"', "", answer.text)
    target = answer.location or ""
    for value in (each for name, each in values.items() if name not in NAMES_NOBODY):
        said, target = said.replace(value, "…"), target.replace(value, "…")
    return answer.status_code, target, said


def test_every_route_is_classified(story: Story):
    unknown = []
    for rule in _rules(story):
        parameters = set(rule.arguments) - set(NAMES_NOBODY)
        if parameters - set(UNKNOWN):
            unknown.append(f"{rule.rule}: nobody has said what {sorted(parameters - set(UNKNOWN))} is")
        if not parameters and rule.endpoint not in OWN_PAGES | OPEN_TO_ALL:
            unknown.append(f"{rule.rule}: whose page is {rule.endpoint}?")
    assert unknown == []


def test_the_citizens_own_ids_are_right_so_that_refusing_them_to_others_says_something(story: Story):
    visit, found = story.visit(story.citizen), {}
    for rule, method in _with_ids(story):
        if method == "GET" and rule.endpoint not in OF_TWO:
            values = {**ids_of(story), "statement": statement_for(story, rule)}
            found[rule.endpoint] = visit.get(address(rule, values)).status_code
    assert {each: status for each, status in found.items() if status not in {200, 302}} == {}


def statement_for(story: Story, rule: Rule) -> str:
    return story.ids["document" if rule.endpoint == "case.document" else "statement"]


def test_another_citizen_is_refused_what_is_foreign_exactly_as_what_does_not_exist(story: Story):
    before, seen = everything(story), []
    for rule, method in _with_ids(story):
        foreign = {**ids_of(story), "statement": statement_for(story, rule)}
        visit = story.visit(story.stranger)
        theirs = _seen(_try(visit, method, address(rule, foreign)), foreign)
        nobodys = _seen(_try(visit, method, address(rule, UNKNOWN)), UNKNOWN)
        assert theirs[0] in {404, 405}, (rule.rule, method, theirs[0])
        assert theirs == nobodys, (rule.rule, method)
        seen.append(rule.endpoint)
    assert len(seen) > 30
    assert everything(story) == before


def test_a_foreign_part_of_ones_own_case_is_refused_as_one_that_does_not_exist(story: Story):
    """Their own case in the address, and in it the id of a record, document or thread of another one."""
    before, seen = everything(story), []
    for rule, method in _with_ids(story):
        parts = set(rule.arguments) - {"case_id"} - set(NAMES_NOBODY)
        if "case_id" not in rule.arguments or not parts:
            continue
        visit, mine = story.visit(story.stranger), {"case_id": story.own["case_id"]}
        foreign = {**ids_of(story), "statement": statement_for(story, rule), **mine}
        unknown = {**UNKNOWN, **mine}
        theirs = _seen(_try(visit, method, address(rule, foreign)), foreign)
        assert theirs[0] == 404, (rule.rule, method)
        assert theirs == _seen(_try(visit, method, address(rule, unknown)), unknown), (rule.rule, method)
        seen.append(rule.endpoint)
    assert {"case.record", "case.document", "case.thread", "case.reply", "case.contest"} <= set(seen)
    assert everything(story) == before


def test_nobody_is_asked_to_sign_in_whatever_they_ask_for(story: Story):
    before = everything(story)
    for rule, method in _with_ids(story):
        answers = []
        for values in (ids_of(story), UNKNOWN):
            answer = _try(story.visit(), method, address(rule, values))
            assert answer.status_code == 302, (rule.rule, method)
            assert answer.location.startswith("/sign-in?next="), rule.rule
            answers.append(_seen(answer, values))
        assert answers[0] == answers[1], (rule.rule, method)
    assert everything(story) == before


def test_nobody_is_asked_to_sign_in_on_every_page_of_ones_own(story: Story):
    for rule in _rules(story):
        if rule.endpoint in OWN_PAGES - {"join.show"}:
            for method in (rule.methods or set()) & {"GET", "POST"}:
                answer = _try(story.visit(), method, address(rule, {}))
                assert (answer.status_code, answer.location[:9]) == (302, "/sign-in?"), rule.rule


# --- what is on pages without an id -----------------------------------------------------------------


def test_no_page_of_another_citizen_holds_anything_of_this_one(story: Story):
    words = [*CANARIES, *(each for name, each in story.ids.items() if name != "member"), story.hidden]
    visit, pages = story.visit(story.stranger), 0
    for rule in _rules(story):
        if rule.endpoint in (OWN_PAGES | OPEN_TO_ALL) - LEAVING - {"assets.static"} and "GET" in (
            rule.methods or set()
        ):
            answer = visit.get(address(rule, {}))
            assert answer.status_code in {200, 302, 403, 404}, rule.rule
            assert [each for each in words if each in answer.text] == [], rule.rule
            pages += answer.status_code == 200
    assert pages >= 10


def test_what_is_named_in_a_query_or_a_form_is_not_taken_from_another_case(story: Story):
    visit, case = story.visit(story.stranger), story.own["case_id"]
    for query in (
        f"/permissions/?with={story.ids['consent_id']}",
        f"/who-looked/?with={story.ids['case_id']}&kind=view&from=-5",
        f"/cases/{case}/timeline?after={story.ids['statement']}&kind=nothing",
        f"/cases/{case}/messages/new?about={story.ids['statement']}&to=city-housing&kind=x",
    ):
        answer = visit.get(query)
        assert answer.status_code == 200, query
        assert [each for each in CANARIES if each in answer.text] == []
    fields = {"text": "Sample", "kind": "message", "to": ["debt-advice", "my-portal", "city-housing"]}
    answer = visit.post(f"/cases/{case}/messages/new?about={story.ids['statement']}", **fields)
    assert answer.status_code == 303
    sent = _rows(story, tables.statements)
    assert [row for row in sent if row.case == case and story.ids["statement"] in str(row)] == []
    assert visit.post("/begin/whom", asked=["my-portal"]).status_code in {302, 303}
    assert visit.post(f"/cases/{case}/invite", member="my-portal").status_code in {200, 422}


# --- somebody who helps -----------------------------------------------------------------------------


def test_a_helper_sees_the_one_case_and_nothing_of_the_other(story: Story):
    visit = story.helping()
    assert visit.get(f"/cases/{story.ids['case_id']}").status_code == 200
    hidden = {"case_id": story.hidden}
    for rule, method in _with_ids(story):
        if set(rule.arguments) == {"case_id"}:
            theirs = _seen(_try(visit, method, address(rule, hidden)), hidden)
            assert theirs[0] == 404, (rule.rule, method)
            unknown = {"case_id": NOWHERE}
            assert theirs == _seen(_try(visit, method, address(rule, unknown)), unknown)
    assert story.hidden not in visit.get("/cases/").text + visit.get("/home").text


MAY: Final = frozenset(
    {
        *("permissions.withdraw", "permissions.suspend", "case.end_seat", "case.close"),
        *("export.take_one", "acting.begin", "acting.end"),
    }
)
"""What a helper may do: lessen the sharing, copy what they see (the person is told), begin and stop."""


def test_a_helper_who_may_see_and_take_back_can_do_nothing_else(story: Story):
    before, tried = everything(story), []
    for rule, method in _with_ids(story):
        if method == "POST" and rule.endpoint not in MAY:
            visit = story.helping()
            values = {**ids_of(story), "statement": statement_for(story, rule)}
            visit.get(f"/requests/{values['request_id']}")
            where = address(rule, values)
            answer = visit.post(where, **fields_for(where))
            assert answer.status_code in {403, 404, 405}, (rule.rule, answer.status_code)
            tried.append(rule.endpoint)
    assert {"deciding.answer", "case.note", "case.invite", "cases.name", "passkeys.remove"} <= set(tried)
    assert everything(story) == before


def test_a_helper_is_never_shown_the_citizens_account_or_passkeys(story: Story):
    visit = story.helping()
    for page in ("/account/", "/account/passkeys/"):
        text = visit.get(page).text
        assert story.ids["credential"] not in text
        assert "Sample Helper" in text or page != "/account/"
    for account in (story.citizen, story.stranger):
        with story.portal.database.reading() as connection:
            assert accounts.find(connection, account) is not None  # they are there to be shown


def test_a_mandate_of_somebody_else_opens_nothing(story: Story):
    visit = story.visit(story.stranger, acting_for=story.mandate)
    answer = visit.get(f"/cases/{story.ids['case_id']}")
    assert answer.status_code in {403, 404}
    assert [each for each in CANARIES if each in answer.text] == []
    assert story.ids["case_id"] not in visit.get("/cases/").text


def test_a_helper_can_take_a_permission_back(story: Story):
    answer = story.helping().post(f"/permissions/{story.ids['consent_id']}/withdraw")
    assert (answer.status_code, answer.location[:10]) == (303, "/receipts/")
    story.world.settle()
    with story.portal.database.reading() as connection:
        kinds = {row.kind for row in receipts.of_account(connection, story.citizen)}
    assert "withdrawn" in kinds


# --- what must not have changed ---------------------------------------------------------------------


def _rows(story: Story, table: Any) -> list[Any]:
    with story.portal.database.reading() as connection:
        return list(connection.execute(table.select()))


def everything(story: Story) -> dict[str, list[str]]:
    """Give what a deed would change: what was said, spooled, decided, named, and every account's things."""
    named = {
        "statements": tables.statements,
        "outbox": tables.outbox,
        "consents": tables.consents,
        "passkeys": own_tables.passkeys,
        "mandates": own_tables.mandates,
        "account_cases": own_tables.account_cases,
        "receipts": own_tables.receipts,
        "deeds": own_tables.deeds,  # without when the person saw them, which looking does change
    }
    kept = {name: [dict(row._mapping) for row in _rows(story, table)] for name, table in named.items()}
    return {
        name: sorted(str({each: row[each] for each in row if each != "seen_at"}) for row in rows)
        for name, rows in kept.items()
    }

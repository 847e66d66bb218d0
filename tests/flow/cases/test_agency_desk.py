"""The case page at an agency: the same code and templates as the citizen's, over the case as it sees it.

The desk here stands for that of a workspace: it lets whoever comes do what an agency may, and tells the
citizen who looked.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from flask import Blueprint, Flask

from connectors.cases.gather import read_case
from connectors.cases.view import Case
from connectors.exchange.acts import access, cases, coordination
from connectors.exchange.acts import records as record_acts
from connectors.exchange.acts.coordination import File, Result
from connectors.exchange.acts.coordination import Words as Said
from connectors.exchange.connector import Connector
from connectors.exchange.errors import NotHere
from connectors.pages import frame
from connectors.pages.brand import Brand
from connectors.pages.case.desk import ACTS, Act, check_still
from connectors.pages.case.live_case import PLACES
from connectors.pages.case.pages import case_pages
from connectors.pages.live import Places
from schemas.errors import Refusal
from tests.flow.exchange.register import CANARY
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, World
from tests.flow.portal.forms_on_pages import seen
from tests.unit.pages.test_sessions import Kept

AGENCYS = frozenset({"note.add", "message.send", "document.add", "outcome.give", "case.close", "case.reopen"})


class StaffDesk:
    """A desk at which anybody of the agency may work on any case that it has."""

    side: Literal["citizen", "agency"] = "agency"

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.done: list[tuple[str, str | None]] = []

    def who(self) -> str:
        return "worker-7"

    def case(self, case_id: str) -> Case:
        with self.connector.database.reading() as connection:
            return read_case(connection, self.connector, case_id, self.connector.clock())

    def label(self, case_id: str) -> str | None:
        return None

    def check(self, case_id: str, act: Act) -> None:
        found = self.case(case_id)
        if act not in AGENCYS:
            raise NotHere("An agency does not do this.", act=act)
        check_still(act, found.status, case_id)

    def may(self, case_id: str, act: Act) -> bool:
        try:
            self.check(case_id, act)
        except Refusal:
            return False
        return True

    def check_fresh(self) -> None:
        """Staff has signed in at the agency."""

    def with_another(self, case_id: str) -> bool:
        return False

    @contextmanager
    def agreeing(self, case: Case, act: str, member: str = "") -> Iterator[str | None]:
        yield None

    def did(self, case_id: str, act: Act, about: str | None) -> None:
        self.done.append((act, about))

    def names(self, members: Collection[str]) -> Mapping[str, str]:
        return {member: f"Sample {member}" for member in members}

    def open_record(self, case: Case, statement: str) -> None:
        actor, reason = access.Actor("worker-7", "adviser"), access.Reason("plan")
        access.view_record(self.connector, statement, actor, reason)

    def invitable(self, case: Case) -> Sequence[tuple[str, str, str]]:
        return []


def workspace(desk: StaffDesk) -> Flask:
    """Give pages with nothing but the case page, and the places that its frame links to."""
    app = frame.make(
        "workspace",
        frame.Frame(
            brand=Brand(),
            public_url="http://localhost:8770",
            secret="sample",
            sessions=Kept(),
            session_life=timedelta(hours=1),
            clock=desk.connector.clock,
            folders=[],
        ),
    )
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions[PLACES] = Places(4)
    app.register_blueprint(case_pages(desk))
    for name, rules in {
        "front": ("show", "about", "privacy", "accessibility", "licences", "sign_out"),
        "home": ("show",),
        "account": ("show",),
        "cases": ("show_all",),
    }.items():
        elsewhere = Blueprint(name, name)
        for rule in rules:
            elsewhere.add_url_rule(f"/{name}/{rule}", rule, lambda: "elsewhere")
        if name == "front":
            elsewhere.add_url_rule("/language/<code>", "choose_language", lambda code: code)
        app.register_blueprint(elsewhere)
    app.register_error_handler(NotHere, lambda _refusal: ("not here", 404))
    app.context_processor(lambda: {"visitor": None, "navigation": list})
    return app


class Office:
    """A case in which something of everything happened, and the pages of debt advice over it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.case, consent = world.everything()
        request = world.request(self.case, consent)
        world.settle()
        portal, debt = world.members[PORTAL], world.members[DEBT]
        self.desk = StaffDesk(debt)
        self.client = workspace(self.desk).test_client()
        (self.record,) = [each.statement for each in self.seen(DEBT).records if each.request == request]
        question = Said(text="When is it my turn?", kind="question", subject="My turn")
        coordination.send_message(portal, self.case, question, to=[DEBT])
        coordination.add_note(portal, self.case, "A note of mine.")
        paper = File(title="A letter", name="letter.txt", media_type="text/plain", data=b"Dear adviser")
        coordination.add_document(portal, self.case, paper)
        coordination.give_outcome(portal, self.case, Result(outcome="no_help", text="Nothing came."))
        record_acts.contest(portal, self.record, "The rent is 500.", ["rent"])
        coordination.add_note(portal, self.case, "Only by letter.", kind="safe_contact")
        world.settle()

    def seen(self, member: str) -> Case:
        self.world.settle()
        connector = self.world.members[member]
        with connector.database.reading() as connection:
            return read_case(connection, connector, self.case, self.world.clock())

    def get(self, path: str = "", language: str = "en") -> str:
        answer = self.client.get(f"/cases/{self.case}{path}", headers={"Accept-Language": language})
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: Any) -> None:
        answer = self.client.post(f"/cases/{self.case}{path}", data=fields)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-2000:])

    @property
    def thread(self) -> str:
        (found,) = [each.id for each in self.seen(DEBT).threads if each.subject == "My turn"]
        return found


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


THE_CITIZENS: Final = frozenset({"case.contest", "case.invite", "case.end_seat"})


def test_every_page_of_a_case_opens_at_an_agency_in_both_languages(office: Office):
    (document,) = office.seen(DEBT).documents
    parts = {"thread": office.thread, "statement": office.record}
    app, opened = office.client.application, set()
    for rule in app.url_map.iter_rules():
        offered = "GET" in (rule.methods or ()) and rule.endpoint not in THE_CITIZENS
        if not rule.endpoint.startswith("case.") or not offered:
            continue
        below = rule.rule.partition("<uuid:case_id>")[2].replace("uuid:", "")
        values = {**parts, "statement": document.statement} if rule.endpoint == "case.document" else parts
        path = below
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        for language in ("en", "fr"):
            text = office.get(path, language)
            if rule.endpoint not in {"case.document", "case.live"}:
                assert "/permissions/" not in text
                assert "Only by letter." in text  # before they write
        opened.add(rule.endpoint)
    assert len(opened) >= 14


def test_what_waits_for_the_agency_is_marked_as_theirs_and_leads_to_the_answer(office: Office):
    page = office.get()
    assert page.count("For you") == 2  # the question and the result; what is wrong is for housing to answer
    links = seen(page).links
    assert f"/cases/{office.case}/messages/{office.thread}" in links
    citizen = office.seen(DEBT).outcomes[0].citizen
    assert citizen is not None
    assert f"/cases/{office.case}/outcome?answers={citizen.statement}" in links


def test_the_agency_sees_what_is_said_to_be_wrong_and_the_citizen_that_it_looked(office: Office):
    text = office.get(f"/records/{office.record}")
    assert CANARY in text
    assert "The rent is 500." in text
    assert "Something is wrong here" not in text  # the citizen alone says so
    looks = [each for each in office.seen(PORTAL).views if each.statement == office.record]
    assert [(each.member, each.role) for each in looks] == [(DEBT, "adviser")]


def test_each_verb_of_the_agency_reaches_the_citizen(office: Office):
    office.post("/note", text="We have called the landlord.")
    office.post("/messages/new", text="Please come by.", kind="question", subject="A visit")
    office.post(f"/messages/{office.thread}/reply", text="Next week.")
    paper = (io.BytesIO(b"Dear sample citizen"), "plan.txt", "text/plain")
    office.post("/documents/new", title="The plan", file=paper)
    citizen = office.seen(DEBT).outcomes[0].citizen
    assert citizen is not None
    office.post("/outcome", outcome="some_help", answers=citizen.statement)
    case = office.seen(PORTAL)
    assert "We have called the landlord." in {each.text for each in case.notes}
    threads = {each.subject: each for each in case.threads}
    assert [each.text for each in threads["My turn"].posts] == ["When is it my turn?", "Next week."]
    assert threads["A visit"].unanswered
    assert "The plan" in {each.title for each in case.documents}
    assert (case.outcomes[0].state, len(case.outcomes)) == ("disputed", 1)
    office.post("/close")
    assert office.seen(PORTAL).status == "closed"
    office.post("/reopen")
    assert office.seen(PORTAL).status == "open"
    acts = [act for act, _about in office.desk.done]
    assert acts == [
        *("note.add", "message.send", "message.send", "document.add", "outcome.give"),
        *("case.close", "case.reopen"),
    ]


def test_what_only_the_citizen_does_is_refused_and_not_offered(office: Office):
    page = office.get() + office.get("/team") + office.get(f"/records/{office.record}")
    for path in ("/invite", f"/team/{HOUSING}/end", f"/records/{office.record}/contest"):
        assert office.client.post(f"/cases/{office.case}{path}").status_code == 404, path
        assert path not in page
    assert office.client.post(f"/cases/{office.case}/safe-contact").status_code == 404
    assert set(ACTS) - AGENCYS == {
        "contact.say",
        "record.contest",
        "record.pass",
        "case.invite",
        "case.end_seat",
    }


def test_before_the_person_has_joined_the_page_says_why_nothing_can_be_written(world: World):
    world.agencies()
    debt = world.members[DEBT]
    case = cases.open_case(debt)
    world.settle()
    client = workspace(StaffDesk(debt)).test_client()
    for tab in ("", "/timeline", "/records", "/team", "/documents", "/messages", "/note", "/outcome"):
        answer = client.get(f"/cases/{case}{tab}")
        assert answer.status_code == 200, tab
    assert "The person has not joined yet" in client.get(f"/cases/{case}/note").text
    assert client.post(f"/cases/{case}/note", data={"text": "A note"}).status_code == 422


def test_the_pages_of_a_case_know_nothing_of_the_portal():
    here = Path(frame.__file__).parent
    files = [*(here / "case").glob("*.py"), *(here / "templates" / "case").glob("*.html")]
    assert len(files) > 30
    assert [file.name for file in files if "connectors.portal" in file.read_text()] == []

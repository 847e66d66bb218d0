"""The 32 rules for asking for consent once more, in the states and orders in which they are easily broken.

Each of these found a page or an act that kept its rule only in the usual case, or could have stopped keeping
it unseen.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from connectors.exchange.acts import cases, consents, coordination
from connectors.policy.policy import Policy
from connectors.portal import upkeep
from connectors.portal.mail import reminders
from connectors.portal.store import accounts, mails, passkeys, receipts
from schemas import instant
from schemas.messages.envelope import Authority
from tests.browser.conftest import LOOKS
from tests.browser.consent.asking import FIELDS, allowed, decision, page, written
from tests.browser.world import AGREEMENT as LAWS
from tests.browser.world import DEBT as ADVICE
from tests.browser.world import HOUSING as HOMES
from tests.flow.exchange.world import DEBT, HOUSING, PORTAL, there
from tests.flow.portal.forms_on_pages import Seen, seen

PERMITS: Final = '@id("by_law") permit (principal, action == Action::"release", resource);'
STAYS: Final = {"/sign-out"}
"""The one form that every page has."""


def chosen(found: Seen) -> list[str]:
    return [name for form in found.forms for name, each in form.asks.items() if each.chosen]


def test_rule_01_no_box_is_ticked_for_one_who_has_a_passkey_or_made_a_slip(story, me, visit):
    credential = story.passkey(me)
    with story.portal.database.reading() as connection:
        key = there(passkeys.find(connection, me, credential))
    known = {name: getattr(key, name) for name in ("credential", "jwk", "rp_id", "origins")}
    case = case_of_a_seat_with(story, me, known)
    request = story.ask(case, data=FIELDS)
    first = page(visit, f"/requests/{request}")
    assert {"added", "passkey", "shorter"} <= set(decision(first).asks)
    assert chosen(first) == []
    slip = visit.post(f"/requests/{request}")  # neither yes nor no
    assert slip.status_code == 422
    assert chosen(seen(slip.text)) == []


def test_rule_02_no_page_has_a_button_that_answers_more_than_one_request(story, visit, case):
    requests = [story.ask(case), story.ask(case, data=FIELDS)]
    for request in requests:
        form = decision(page(visit, f"/requests/{request}"))
        pressed = [name for name, each in form.fields.items() if each.kind == "submit"]
        assert pressed == ["decision"]
    for address in ("/home", "/permissions/", "/cases/", f"/cases/{case}"):
        forms = [form for form in page(visit, address).forms if form.method == "post"]
        assert [form.action for form in forms if form.action not in {*STAYS, f"/cases/{case}/name"}] == []


def case_of_a_seat_with(story, me: str, passkey: dict[str, object]) -> str:
    """Let the citizen take their seat with a passkey that their account has; gives the case."""
    case = cases.open_case(story.world.members[DEBT])
    code = cases.invite_citizen(story.world.members[DEBT], case, PORTAL).code
    story.world.settle()
    cases.join_case(story.portal, code, [passkey])
    story.world.settle()
    with story.portal.database.writing() as connection:
        accounts.own(connection, me, case, story.world.clock())
    return case


_PLACE: Final = "button => { const box = button.getBoundingClientRect(); return [box.x, box.y]; }"
_HOVERED: Final = "button => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]"


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_rule_03_yes_and_no_are_neighbours_and_answer_the_pointer_alike(world, page: Page, sign_in, look):
    person = world.person(language=look.language)
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    buttons = [page.locator("button[name=decision]").nth(place) for place in (0, 1)]
    (yes_x, yes_y), (no_x, no_y) = (each.evaluate(_PLACE) for each in buttons)
    size = buttons[0].bounding_box()
    assert size is not None
    assert (yes_y == no_y) or (yes_x == no_x), "on one line, or one exactly below the other"
    assert no_x - yes_x <= size["width"] + 40
    assert no_y - yes_y <= size["height"] + 40
    looks = []
    for each in buttons:
        each.hover()
        looks.append(each.evaluate(_HOVERED))
    assert looks[0] == looks[1]


@pytest.mark.parametrize(
    ("often", "unusual"),
    [
        ({"count": 1, "per": "day"}, False),
        ({"count": 7, "per": "week"}, False),
        ({"count": 8, "per": "week"}, True),
        ({"count": 31, "per": "month"}, True),
    ],
    ids=str,
)
def test_rule_14_more_than_once_a_day_is_unusual_however_it_is_counted(story, visit, case, often, unusual):
    text = page(visit, f"/requests/{story.ask(case, frequency=often)}").first
    assert ("That is unusual." in text) is unusual


def test_rule_16_every_kind_of_change_is_marked(story, visit, case):
    story.ask(case, data=FIELDS)
    needed = [{**FIELDS[0], "fields": ["landlord", "rent"]}]
    why = {"en": "The law says ten years.", "fr": "La loi dit dix ans."}
    changed = {
        "frequency": {"count": 3, "per": "week"},
        "identify_with": ["family_name"],
        "consequence_of_refusal": {"en": "You wait longer.", "fr": "Vous attendez plus longtemps."},
        "on_withdrawal": {"erased": False, "kept": ["housing"], "why": why},
    }
    text = page(visit, f"/requests/{story.ask(case, data=needed, **changed)}").first
    for each in (
        "Now needed: Rent per month",
        "Changed: How often",
        "Changed: They find your file by",
        "Changed: If you say no",
        "Changed: When you take it back",
    ):
        assert each in text, each


@pytest.mark.parametrize("language", ["en", "fr"])
def test_rule_19_every_receipt_says_what_who_and_where_to_complain(story, me, visit, case, language):
    consent = allowed(story, me, visit, case)
    for verb in ("suspend", "resume", "withdraw"):
        visit.post(f"/permissions/{consent}/{verb}")
    visit.post(f"/requests/{story.ask(case)}", decision="refuse")
    until = instant.format(story.world.clock() + timedelta(minutes=20))
    allowed(story, me, visit, case, valid_until=until)
    story.world.clock.move(minutes=30)
    story.world.settle()
    upkeep.keep(story.portal, story.pages.settings, story.world.clock())
    with story.portal.database.reading() as connection:
        given = {row.kind: row.id for row in receipts.of_account(connection, me)}
    assert set(given) == {"granted", "refused", "suspended", "resumed", "withdrawn", "expired"}
    reader = story.visit(me)
    reader.get(f"/language/{language}")
    headings = {
        "en": ("Number:", "Date:", "Who gives the data:", "Who gets the data:", "What for:", "Which data:"),
        "fr": ("Numéro", "Date", "Qui donne les données", "Qui reçoit les données", "Quelles données"),
    }
    complain = {"en": "Where to complain:", "fr": "Où faire une réclamation"}
    for kind, number in given.items():
        text = reader.get(f"/receipts/{number}.txt").text
        for heading in (*headings[language], complain[language]):
            assert heading in text, (kind, heading)


def test_rule_07_what_staff_take_back_by_telephone_is_the_same_and_leaves_a_receipt(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    consent = allowed(story, me, visit, case)
    consents.withdraw(story.portal, consent)  # what `accord portal withdraw` does
    assert "because you took it back" in page(visit, f"/permissions/{consent}").main
    story.world.settle()
    story.world.clock.move(minutes=10)
    for _ in range(2):
        upkeep.keep(story.portal, story.pages.settings, story.world.clock())
    with story.portal.database.reading() as connection:
        kinds = [row.kind for row in receipts.of_account(connection, me) if row.consent == consent]
        told = [row.kind for row in mails.of_account(connection, me)]
    assert sorted(kinds) == ["granted", "withdrawn"]
    assert "receipt" in told
    assert "because you took it back" in page(story.visit(me), f"/permissions/{consent}").main


def test_rule_20_over_a_year_no_90_days_pass_without_an_email(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    start = story.world.clock()
    end = start + timedelta(days=330)
    consent = allowed(story, me, visit, case, valid_until=instant.format(end))
    told = [start]
    for day in range(1, 330):
        now = start + timedelta(days=day)
        upkeep.keep(story.portal, story.pages.settings, now)
        with story.portal.database.writing() as connection:
            fresh = [row for row in mails.due(connection, now, 100) if row.account == me]
            for row in fresh:
                mails.move(connection, row.id, "sent")
        if any(row.kind == "ending" for row in fresh):
            told.append(now)
    assert consent
    gaps = [later - earlier for earlier, later in pairwise([*told, end])]
    assert max(gaps) <= reminders.AT_LEAST_EVERY
    assert 4 <= len(told) <= 8, "often enough, and no noise"


def test_rule_24_whatever_others_will_hear_of_is_said_on_the_page_where_one_does_it(story, me, visit, case):
    consent = allowed(story, me, visit, case)
    record = story.release(case, consent)
    request = story.ask(case)
    coordination.add_note(story.world.members[DEBT], case, "A sample note.")
    story.world.settle()
    everybody = "Everybody who takes part in the case can read it."
    for address, words in (
        (f"/requests/{request}", "Nobody is told why."),
        (f"/requests/{request}/suggest", "Tell Debt-Advice what you would allow."),
        (f"/permissions/{consent}", "These organisations are told that you did, but not why."),
        ("/permissions/", "These organisations are told that you did, but not why."),
        (f"/cases/{case}/note", everybody),
        (f"/cases/{case}/documents/new", everybody),
        (f"/cases/{case}/outcome", everybody),
        (
            f"/cases/{case}/records/{record}/contest",
            "gets your words, and so does everybody who has this data",
        ),
        (f"/cases/{case}/safe-contact", "Each organisation in the case gets what you write here"),
        (f"/cases/{case}/messages/new", "To whom?"),
        (f"/cases/{story.case_of(me)}/invite", "It then sees what you write to it."),
        (f"/cases/{case}/close", "Everybody who takes part is told."),
        (f"/cases/{case}/team/{HOUSING}/end", "It is told that you did this."),
    ):
        assert words in page(visit, address).main, address


def test_rule_24_a_record_that_one_sees_first_says_who_hears_of_the_answer(story, me, visit, case):
    consent = allowed(story, me, visit, case, preview=True)
    story.world.invite_source(case, consent)
    story.world.request(case, consent)
    story.world.settle()
    (address,) = [each for each in page(visit, "/home").links if each.startswith("/previews/")]
    told = "If you do not, Debt-Advice learns that you did not, but not why."
    assert told in page(visit, address).main


@pytest.fixture
def _policy_permits(world, tmp_path, monkeypatch):
    """Let housing's own policy permit what a law permits; without a rule of its own it says no."""
    (tmp_path / "law.cedar").write_text(PERMITS)
    monkeypatch.setitem(world.members, HOMES, replace(world.members[HOMES], policy=Policy.load(tmp_path)))


@pytest.mark.usefixtures("_policy_permits")
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_rule_26_nothing_that_moved_by_law_has_a_switch_anywhere(world, page: Page, sign_in, look):
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    law = Authority("statute", "housing-act-7")
    cases.invite_agency(world.members[ADVICE], case, HOMES, law, LAWS)
    world.settle()
    world.look(world.release(case, "", authority=law, purpose="eviction"))
    sign_in(page, person, at="/who-looked/")
    expect(page.locator(".accord-timeline > li")).to_have_count(2)
    inside = page.locator("main .accord-timeline, main .accord-card")
    expect(inside.locator("form, button, input, select")).to_have_count(0)
    page.locator(".accord-timeline a[href$='by-law']").first.click()
    expect(page.locator(".accord-card")).to_have_count(1)
    expect(page.locator("main").locator("form, button, input, select")).to_have_count(0)
    page.goto(world.at("/permissions/"))
    expect(page.locator("main .accord-card")).to_have_count(0)
    page.goto(world.at(f"/cases/{case}/records"))
    page.locator("main a[href*='/records/']").first.click()
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main form")).to_have_count(0)


def test_rule_30_a_code_that_was_used_opens_nothing_a_second_time(story, me):
    case, code = story.join(me)
    assert story.visit(me).post("/join/", code=code).location == f"/join/{case}"
    story.world.settle()
    other = story.account("latecomer")
    late = story.visit(other)
    assert late.post("/join/", code=code).status_code >= 400
    assert late.get(f"/cases/{case}").status_code == 404


def test_rule_30_a_page_that_stood_open_over_the_end_decides_nothing(story, me, visit, case):
    request = story.ask(case, valid_until=instant.format(story.world.clock() + timedelta(minutes=10)))
    assert "until" in page(visit, f"/requests/{request}").text
    story.world.clock.move(minutes=11)
    assert visit.post(f"/requests/{request}", decision="allow").status_code in {403, 409}
    assert written(story, days=0)
    with story.portal.database.reading() as connection:
        assert [row for row in receipts.of_account(connection, me) if row.kind == "granted"] == []


def test_rule_32_no_page_there_is_asks_for_a_password(story):
    ids = {**story.ids, "mandate_id": story.mandate, "kind": "helper"}
    visit, opened = story.visit(story.citizen), 0
    for rule in story.pages.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.arguments <= set(ids):
            continue
        answer = visit.get(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda found: ids[found[1]], rule.rule))
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        fields = [each for form in seen(answer.text).forms for each in form.fields.values()]
        assert [each.name for each in fields if each.kind == "password"] == [], rule.rule
        opened += 1
    assert opened > 35

"""Rules 19 to 32 of 32 for asking for consent: receipts, reminders, taking back, old links, empty lists."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from connectors.exchange.acts import consents as asking
from connectors.exchange.acts import previews
from connectors.exchange.store import consents as stored
from connectors.portal import upkeep
from connectors.portal.mail import reminders
from connectors.portal.store import accounts, mails, receipts
from schemas import instant
from schemas.consent_life import ANSWER_WITHIN
from schemas.errors import AgreementDoesNotCover
from tests.browser.conftest import LOOKS
from tests.browser.consent.asking import (
    FIELDS,
    allowed,
    answered,
    page,
    parent_of,
    state_of,
    ward,
)
from tests.flow.exchange.world import DEBT, HOUSING, terms, there
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.story import WHY

RECEIPT: Final = (
    *("Number:", "Date:", "Who gives the data: City-Housing", "Who gets the data: Debt-Advice", "What for:"),
    *("Which data:", "Permission ends:", "How long copies are kept: 90 days", "How to take it back:"),
    *("Where to complain:", "0800 000 000"),
)


def seen_first(story, me, visit, case, words):
    """Ask for one record after the other that the citizen sees first, and let them say these words."""
    consent = allowed(story, me, visit, case, preview=True, frequency={"count": 10, "per": "day"})
    story.world.invite_source(case, consent)
    for word in words:
        story.world.request(case, consent)
        story.world.settle()
        (waiting,) = previews.waiting_previews(story.portal, case)
        assert visit.post(f"/previews/{waiting.release}", decision=word).status_code == 303
        story.world.settle()


def test_rule_19_every_decision_leaves_a_receipt_outside_the_pages(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    consent = allowed(story, me, visit, case)
    allowed(story, me, visit, case, data=FIELDS)
    answered(visit, f"/requests/{story.ask(case)}", decision="refuse")
    visit.post(f"/permissions/{consent}/suspend")
    visit.post(f"/permissions/{consent}/resume")
    visit.post(f"/permissions/{consent}/withdraw")
    seen_first(story, me, visit, case, ("pass", "stop"))
    until = instant.format(story.world.clock() + timedelta(minutes=20))
    short = allowed(story, me, visit, case, valid_until=until)
    story.world.clock.move(minutes=30)
    story.world.settle()
    upkeep.keep(story.portal, story.pages.settings, story.world.clock())
    with story.portal.database.reading() as connection:
        given = {row.kind: row for row in receipts.of_account(connection, me)}
        told = [row.kind for row in mails.of_account(connection, me)]
    decided = {"granted", "narrowed", "refused", "suspended", "resumed", "withdrawn", "passed", "stopped"}
    assert set(given) == {*decided, "expired"}
    assert given["expired"].consent == short
    assert "receipt" in told, "an e-mail says that there is one"
    assert len({row.id for row in given.values()}) == len(given)
    text = story.visit(me).get(f"/receipts/{given['granted'].id}.txt").text
    assert [each for each in RECEIPT if each not in text] == []
    left_out = story.visit(me).get(f"/receipts/{given['narrowed'].id}.txt").text
    assert re.search(r"Left out: .*Rent", left_out)
    for row in given.values():
        assert row.id in story.visit(me).get(f"/receipts/{row.id}.txt").text


@pytest.mark.parametrize("days", [3, 29, 30, 89, 90, 91, 180, 365, 730, 1825])
def test_rule_20_nobody_goes_90_days_without_a_reminder(story, days):
    start = story.world.clock()
    end = start + timedelta(days=days)
    at = sorted(reminders.marks(start, end).values())
    assert at, "even a short one is reminded of once"
    if days > 90:
        gaps = [later - earlier for earlier, later in zip([start, *at], [*at, end], strict=True)]
        assert max(gaps) <= reminders.AT_LEAST_EVERY
    assert all(start < each < end for each in at)


def test_rule_20_reminders_are_merged(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    allowed(story, me, visit, case)
    allowed(story, me, visit, case, data=FIELDS)
    now = story.world.clock() + timedelta(days=46)
    for _ in range(2):
        upkeep.keep(story.portal, story.pages.settings, now)
    with story.portal.database.reading() as connection:
        ending = [row.facts for row in mails.of_account(connection, me) if row.kind == "ending"]
    assert ending == [{"count": 2}]


def test_rule_21_what_follows_from_taking_back_is_said_before(story, me, visit, case):
    why = {"en": "The law says ten years.", "fr": "La loi dit dix ans."}
    keeps = {"on_withdrawal": {"erased": False, "kept": ["housing"], "why": why}}
    consent, other = allowed(story, me, visit, case), allowed(story, me, visit, case, **keeps)
    for address in (f"/permissions/{consent}", "/permissions/"):
        text = page(visit, address).first
        assert "Nothing more is shared by it, from that moment." in text
        assert "Debt-Advice must delete what they got, and say so." in text
        assert text.index("Nothing more is shared") < text.rindex("Take it back")
    text = page(visit, f"/permissions/{other}").first
    assert "The law says ten years." in text
    assert "must delete" not in text


def test_rule_22_taking_back_and_deleting_are_different_words(story, me, visit, case):
    consent = allowed(story, me, visit, case)
    before = visit.get(f"/permissions/{consent}").text
    buttons = re.findall(r"<button[^>]*>\s*([^<]+?)\s*<", before.partition("<main")[2])
    assert set(buttons) == {"Take it back", "Pause it"}
    visit.post(f"/permissions/{consent}/withdraw")
    after = page(visit, f"/permissions/{consent}").main
    assert "because you took it back" in after
    assert "Have they deleted their copies?" in after
    assert "There is nothing to delete." in after, "nothing had been shared, and that is said by itself"


def test_rule_23_what_is_pending_says_who_must_act_and_by_when(story, me, visit):
    case, code = story.join(me)
    waiting = visit.post("/join/", code=code).location
    assert "Now Debt-Advice has to confirm" in page(visit, waiting).main
    story.world.settle()
    story.ask(case)
    home = page(visit, "/home").main
    assert re.search(r"asks for your permission\s+until \d+ \w+ 20\d\d", home)
    summary = page(visit, f"/cases/{case}").main
    assert re.search(r"A decision: .*asks for permission.*until", summary, re.DOTALL)
    consent = allowed(story, me, visit, case)
    story.release(case, consent)
    visit.post(f"/permissions/{consent}/withdraw")
    board = page(visit, f"/permissions/{consent}").main
    assert re.search(r"Not confirmed yet\s+Debt-Advice has not answered for", board)
    story.world.settle()


def test_rule_24_one_is_told_beforehand_who_will_hear_of_it(story, me, visit, case):
    request = page(visit, f"/requests/{story.ask(case)}").main
    assert "If you allow this, these organisations are told: Debt-Advice and City-Housing." in request
    assert "If you do not, only Debt-Advice is told. Nobody is told why." in request
    consent = allowed(story, me, visit, case)
    story.release(case, consent)
    for address, words in (
        (f"/permissions/{consent}", "These organisations are told that you did, but not why."),
        (f"/cases/{case}/team/{HOUSING}/end", "It is told that you did this."),
        (f"/cases/{case}/close", "Everybody who takes part is told."),
        (f"/cases/{case}/note", "Everybody who takes part in the case can read it."),
    ):
        assert words in page(visit, address).main


@pytest.mark.parametrize("outsider", ["somebody-else", "power-supplier"])
def test_rule_25_nobody_outside_the_scheme_can_receive_anything(story, visit, case, outsider):
    """Where nothing binds the recipient nobody can ask; if it came all the same, the page says why not."""
    whole = terms(story.world.clock(), recipients=[outsider])
    with pytest.raises(AgreementDoesNotCover):
        asking.ask_consent(story.world.members[DEBT], case, whole, WHY)
    request = story.ask_without_checking(case, whole, WHY)
    assert visit.get(f"/requests/{request}").status_code == 404  # the coordinator let nothing through
    story.put_request(case, request, whole, WHY)
    shown = visit.get(f"/requests/{request}").text
    assert "has not signed the rules of this service" in shown
    assert 'value="allow"' not in shown
    assert 'value="refuse"' in shown
    assert 400 <= answered(visit, f"/requests/{request}", decision="allow").status_code < 500
    with story.portal.database.reading() as connection:
        assert stored.of_case(connection, case) == []


def test_rule_26_what_the_law_decides_has_no_switch(story, visit, case):
    answer = visit.get("/who-looked/by-law")
    found = seen(answer.text)
    assert "Everything they share rests on your permission." in found.main, "odd cases have a law"
    in_main = answer.text.partition("<main")[2].partition("</main")[0]
    assert not re.search(r"<(form|button|input|select)", in_main)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_rule_27_the_decision_is_accessible_and_guards_against_slips(world, page: Page, sign_in, audit, look):
    person = world.person(language=look.language)
    request = world.ask_consent(world.case_with_citizen(person), data=FIELDS)
    sign_in(page, person, at=f"/requests/{request}")
    audit(page)
    page.evaluate("document.querySelector('form:has([name=decision])').submit()")  # neither yes nor no
    page.locator(".govuk-error-summary").wait_for()
    audit(page)
    with world.portal.database.reading() as connection:
        assert there(stored.request(connection, request)).state == "open"
    page.locator("button[value=allow]").click()
    page.wait_for_url("**/receipts/**")
    audit(page)  # and it can be taken back from there
    expect(page.locator("main a[href*='/permissions/']").first).to_be_visible()


def test_rule_28_the_language_can_be_changed_while_deciding_and_is_kept(story, me, visit, case):
    request = story.ask(case)
    switch = re.search(r'href="(/language/fr\?next=[^"]+)"', visit.get(f"/requests/{request}").text)
    assert switch is not None
    back = visit.get(switch[1])
    assert back.location == f"/requests/{request}"
    french = visit.get(back.location)
    assert '<html lang="fr"' in french.text
    assert "Plan de dettes" in french.text
    with story.portal.database.reading() as connection:
        assert there(accounts.find(connection, me)).language == "fr"
    visit.post(f"/requests/{request}", decision="allow")
    with story.portal.database.reading() as connection:
        (consent,) = stored.of_case(connection, case)
    assert consent.document["notice"]["language"] == "fr"


def test_rule_29_leaving_is_neither_yes_nor_no(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    request = story.ask(case)
    for _ in range(3):
        page(visit, f"/requests/{request}")
        page(visit, "/home")
    assert state_of(story, request) == "open"
    for hours in (1, 5, 30):
        upkeep.keep(story.portal, story.pages.settings, story.world.clock() + timedelta(hours=hours))
    with story.portal.database.reading() as connection:
        told = [row for row in mails.of_account(connection, me) if row.kind == "waits"]
    assert len(told) == 1, "told once; then it waits until the person comes back"


def test_rule_30_old_links_lead_to_no_decision(story, me, visit, case):
    decided, lapsed = story.ask(case), story.ask(case, data=FIELDS)
    receipt = story.allow(visit, decided)
    for request, wait in ((decided, timedelta()), (lapsed, ANSWER_WITHIN + timedelta(days=1))):
        story.world.clock.move(seconds=wait.total_seconds())
        story.world.settle()
        late = story.visit(me)
        assert not [each for each in page(late, f"/requests/{request}").forms if "decision" in each.fields]
        assert late.post(f"/requests/{request}", decision="refuse").status_code in {403, 409}, request
        again = late.post(f"/requests/{request}", decision="allow")
        if request == decided:  # who says the same again is led to what they said, and decides nothing
            assert (again.status_code, again.location) == (303, f"/receipts/{receipt}")
        else:
            assert again.status_code in {403, 409}
    with story.portal.database.reading() as connection:
        assert len(stored.of_case(connection, case)) == 1
        assert [row.id for row in receipts.of_case(connection, me, case)] == [receipt]


def test_rule_31_newest_first_with_filters_and_an_empty_list_says_why(story, me, visit, case):
    assert "Nobody could look at anything." in page(visit, "/who-looked/").main
    assert "You have not given any permission yet." in page(visit, "/permissions/").main
    consent = allowed(story, me, visit, case)
    assert "Nothing about you has been shared yet." in page(visit, "/who-looked/").main
    story.release(case, consent)
    story.world.clock.move(seconds=90)
    story.look(story.statement_at(DEBT, case))
    looked = page(story.visit(me), "/who-looked/")
    assert looked.main.index("looked at:") < looked.main.index("received from")
    assert {"with", "kind", "since", "until"} <= {name for form in looked.forms for name in form.asks}
    filtered = page(story.visit(me), "/who-looked/?kind=emergency").main
    assert "Nothing here fits what you chose." in filtered
    assert {"state", "with"} <= {
        name for form in page(story.visit(me), "/permissions/").forms for name in form.asks
    }
    assert "Do they say when they look?" in looked.main


def test_rule_31_the_list_can_be_narrowed_to_days(story, me, visit, case):
    story.release(case, allowed(story, me, visit, case))
    day = story.world.clock().date()
    story.world.clock.move(hours=36)
    story.look(story.statement_at(DEBT, case))
    later, visit = story.world.clock().date(), story.visit(me)
    for chosen, received, looked in (
        (f"since={later:%d/%m/%Y}", False, True),
        (f"until={day:%d %B %Y}", True, False),
        (f"since={day}&until={later}", True, True),
        (f"until={day - timedelta(days=1)}", False, False),
    ):
        found = page(visit, f"/who-looked/?{chosen}").main
        assert ("received from" in found, "looked at:" in found) == (received, looked), chosen
        assert ("Nothing here fits what you chose." in found) is not (received or looked)
    wrong = page(visit, "/who-looked/?since=the+day+before").main
    assert "Write the first day like 23/11/2026." in wrong
    assert "received from" in wrong


def test_rule_31_who_acts_for_a_child_sees_who_looked_at_the_child(story, me, visit, case):
    story.release(case, allowed(story, me, visit, case))
    child = ward(story)
    childs = story.case_of(child)
    story.release(childs, story.world.consent(childs))
    story.look(story.statement_at(DEBT, childs), role="school nurse")
    parent = parent_of(story, me, child)
    for address in ("/who-looked/", f"/who-looked/?since={story.world.clock():%d/%m/%Y}"):
        for_child = page(parent, address).main
        assert for_child.count("received from") == for_child.count("school nurse") == 1
        own = page(story.visit(me), address).main
        assert own.count("received from") == 1
        assert "school nurse" not in own
    state = {"state", "with"}
    assert state <= {name for form in page(parent, "/permissions/").forms for name in form.asks}


def test_rule_32_nobody_is_asked_for_a_password(story, me, visit, case):
    story.ask(case)
    addresses = [
        *("/home", "/", "/sign-in", "/join/", "/begin/", "/account/", "/account/passkeys/", "/cases/"),
        *("/permissions/", "/receipts/", "/who-looked/", f"/cases/{case}", f"/cases/{case}/note"),
    ]
    for address in addresses:
        found = seen(visit.get(address, follow_redirects=True).text)
        for form in found.forms:
            assert not [each for each in form.fields.values() if each.kind == "password"]
            assert not [name for name in form.fields if re.search("pass(word|phrase)?$|secret|pin$", name)]
    assert "We never see your password, and we never ask for one." in page(visit, "/sign-in").main


def test_each_of_the_32_rules_is_a_test():
    files = Path(__file__).parent.glob("test_rules_of_*.py")
    named = [
        int(each)
        for file in files
        for each in re.findall(r"^def test_rule_(\d\d)_", file.read_text(), re.MULTILINE)
    ]
    assert set(named) == set(range(1, 33))

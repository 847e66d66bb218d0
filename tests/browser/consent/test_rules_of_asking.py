"""Rules 1 to 18 of 32 for asking for consent: what is asked, how it is said, how yes, no and back look.

Each rule is tried where people meet it: on the page, by its forms and words; in a browser where looks count.
Rule 7 also asks that the second way is answered within two working days, which no program can promise.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest
from playwright.sync_api import Page

from connectors.exchange import runner
from connectors.exchange.acts import agreements, consents
from connectors.exchange.store import consents as stored
from connectors.exchange.store import statements
from connectors.portal.store import accounts, passkeys
from schemas import instant
from schemas.errors import Invalid, Refusal
from schemas.vague_purpose import vague_words
from tests.browser.conftest import LOOKS
from tests.browser.consent.asking import (
    COUNTED,
    FIELDS,
    allowed,
    answered,
    decision,
    page,
    state_of,
    written,
)
from tests.codebase.test_languages import _translated
from tests.flow.exchange.world import DEBT, agreement_document, terms, there
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.story import WHY
from tests.passkeys import Authenticator, case_with, change, consent_by


def test_rule_01_no_box_is_ticked_beforehand(story, visit, case):
    request = story.ask(case, data=FIELDS)
    for address in (f"/requests/{request}", f"/requests/{request}/suggest"):
        asking = [each for each in page(visit, address).forms if each.asks]
        assert [name for form in asking for name in form.asks] != []
        assert [name for form in asking for name, each in form.fields.items() if each.chosen] == []


def test_rule_02_each_purpose_is_decided_by_itself(story, visit, case):
    first, second = story.ask(case), story.ask(case, data=FIELDS)
    for request in (first, second):
        form = decision(page(visit, f"/requests/{request}"))
        assert form.fields["decision"].values == ["allow", "refuse"]
    home = page(visit, "/home")
    assert {f"/requests/{first}", f"/requests/{second}"} <= set(home.links)
    assert not [form for form in home.forms if "decision" in form.fields]
    answered(visit, f"/requests/{first}", decision="refuse")
    assert state_of(story, second) == "open", "a no to one is no answer to the other"


_LOOK_OF: Final = """button => {
  const style = getComputedStyle(button), box = button.getBoundingClientRect();
  const told = ["color", "backgroundColor", "fontSize", "fontWeight", "fontFamily", "borderTopWidth",
    "borderTopColor", "boxShadow", "opacity", "textDecorationLine", "textTransform", "paddingLeft", "cursor"];
  return {...Object.fromEntries(told.map(name => [name, style[name]])),
    width: Math.round(box.width), height: Math.round(box.height),
    tag: button.tagName, tabIndex: button.tabIndex};
}"""


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_rule_03_yes_and_no_look_alike_and_stand_side_by_side(world, page: Page, sign_in, look):
    person = world.person(language=look.language)
    request = world.ask_consent(world.case_with_citizen(person))
    sign_in(page, person, at=f"/requests/{request}")
    buttons = page.locator("button[name=decision]")
    yes, no = (buttons.nth(place).evaluate(_LOOK_OF) for place in (0, 1))
    assert yes == no
    assert yes["height"] >= 44
    buttons.nth(0).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "refuse", "nothing lies between them"
    assert buttons.nth(0).evaluate("each => each.parentElement.children.length") == 2


def test_rule_04_taking_back_is_no_more_clicks_than_allowing(story, me, visit, case):
    request = story.ask(case)
    assert f"/requests/{request}" in page(visit, "/home").links  # the first click
    assert decision(page(visit, f"/requests/{request}")).action == ""  # the second, on that page
    to_allow = 2
    consent = allowed(story, me, visit, case)
    assert "/permissions/" in visit.get("/home").text  # the first click, in the menu
    form = page(visit, "/permissions/").form(f"/permissions/{consent}/withdraw")  # the second, on that page
    to_take_back = 2
    assert to_take_back <= to_allow
    assert set(form.fields) == {"csrf_token"}
    done = visit.post(form.action)
    assert (done.status_code, done.location[:10]) == (303, "/receipts/"), "no page between"


def test_rule_04_taking_back_needs_no_stronger_sign_in(story, me, case):
    fresh = story.visit(me)
    consent, request = allowed(story, me, fresh, case), story.ask(case)
    long_ago = int((story.world.clock() - timedelta(hours=5)).timestamp() * 1000)
    stale = story.visit(me, auth_time=long_ago, acr="low")
    again = answered(stale, f"/requests/{request}", decision="allow")
    assert again.location.startswith("/sign-in"), "saying yes asks once more who it is"
    assert stale.post(f"/permissions/{consent}/withdraw").location.startswith("/receipts/")


def test_rule_05_taking_back_asks_for_no_reason_and_no_passkey(story, me, visit):
    device = Authenticator("lost-phone")
    case = case_with(story.world, device)
    with story.portal.database.writing() as connection:
        accounts.own(connection, me, case, story.world.clock())
    consent = consent_by(story.world, case, device, **COUNTED)
    change(story.world, case, end=[device.kid])
    credential = story.passkey(me)
    assert visit.post(f"/account/passkeys/{credential}/remove").status_code == 303
    with story.portal.database.reading() as connection:
        assert passkeys.in_use(connection, me) == []
        assert there(stored.find(connection, consent)).document["proof"][0]["kind"] == "passkey"
    form = page(visit, f"/permissions/{consent}").form("/withdraw")
    assert set(form.fields) == {"csrf_token"}
    assert visit.post(form.action).location.startswith("/receipts/")


def test_rule_06_the_next_release_is_refused_in_the_same_second(story, me, visit, case):
    consent = allowed(story, me, visit, case, frequency={"count": 5, "per": "week"})
    story.release(case, consent)
    later = story.world.request(case, consent)
    runner.sync_once(story.world.members[DEBT])  # the second request is on its way to the source
    before = story.world.clock()
    assert visit.post(f"/permissions/{consent}/withdraw").status_code == 303
    assert "because you took it back" in page(visit, f"/permissions/{consent}").main
    runner.sync_once(story.portal)
    story.world.settle()
    assert story.world.clock() == before, "the same second"
    with story.portal.database.reading() as connection:
        assert [each for each in statements.answers_to(connection, later) if not each.mine] == []
    assert len(re.findall("gave housing to", page(visit, f"/permissions/{consent}").main)) <= 1
    assert "Deleted" in page(visit, f"/permissions/{consent}").main


def test_rule_06_a_connector_that_does_not_answer_is_shown_red(story, me, visit, case):
    consent = allowed(story, me, visit, case)
    story.release(case, consent)
    visit.post(f"/permissions/{consent}/withdraw")
    runner.sync_once(story.portal)
    runner.sync_once(story.portal)
    found = visit.get(f"/permissions/{consent}").text
    assert re.search(r'govuk-tag--red">Not confirmed yet</strong>\s*Debt', found)
    story.world.settle()


def test_rule_07_there_is_a_second_way_that_needs_no_pages(story, visit, case):
    found = page(visit, f"/requests/{story.ask(case)}")
    assert "By phone" in found.first
    for address in ("/permissions/", "/home", "/"):
        assert "0800 000 000" in story.visit().get("/").text
        assert "call 0800 000 000" in seen(visit.get(address, follow_redirects=True).text).text


def test_rule_08_everybody_has_a_name_and_nobody_is_a_partner(story, visit, case):
    found = page(visit, f"/requests/{story.ask(case)}")
    for heading, name in (("Who gets it", "Debt-Advice"), ("Who gives it", "City-Housing")):
        assert re.search(rf"{heading}\s+{name}", found.first)
    for nobody in ([], ["partners"], ["our partners"], [""]):
        for which in ("recipients", "sources"):
            with pytest.raises(Refusal):
                story.ask(case, **{which: nobody})
    assert "partner" not in " ".join(_every_text()).lower()


def _every_text() -> list[str]:
    return [text for english, french, _ in _translated() for text in (english, french)]


@pytest.mark.parametrize(
    "why",
    [
        {"en": "Improving our services.", "fr": "Pour votre plan."},
        {"en": "For your plan.", "fr": "Pour améliorer la qualité de nos services."},
        {"en": "For future research", "fr": "Pour votre plan."},
        {"en": "For your plan and other purposes", "fr": "Pour votre plan."},
        {"en": "To share with our partners", "fr": "Pour votre plan."},
        {"en": "For your plan.", "fr": "À des fins administratives."},
    ],
    ids=str,
)
def test_rule_09_a_purpose_that_says_nothing_is_refused(story, visit, case, why):
    debt, whole = story.world.members[DEBT], terms(story.world.clock(), **COUNTED)
    with pytest.raises(Invalid):
        consents.ask_consent(debt, case, whole, why)
    document = agreement_document(story.world.members, story.world.clock())
    document["purposes"][0]["text"] = why
    with pytest.raises(Invalid):
        agreements.propose(debt, {**document, "id": "vague"})
    # Somebody whose software does not ask itself this: the citizen is warned beside the words.
    asked = story.ask_without_checking(case, whole, why)
    language = "fr" if vague_words([why["fr"]]) else "en"
    visit.get(f"/language/{language}")
    words = {"en": "They do not say clearly what for", "fr": "L’usage prévu n’est pas dit clairement"}
    assert words[language] in page(visit, f"/requests/{asked}").first


def test_rule_09_ordinary_words_are_not_called_vague():
    ordinary = [
        "To make a plan for your debts.",
        "To check whether you can get housing benefit.",
        "To see whether your rent is too high for your income, and to help you look for another flat.",
        "Pour vérifier votre droit à l’aide au logement.",
        "Pour chercher avec vous un logement moins cher.",
        "Pour organiser les soins à la maison après l’hôpital.",
    ]
    assert vague_words(ordinary) == []


def test_rule_10_the_decision_is_bundled_with_nothing_else(story, visit, case):
    found = page(visit, f"/requests/{story.ask(case, data=FIELDS)}")
    others = [each for each in found.forms if "decision" not in each.fields]
    assert {each.action for each in others} == {"/sign-out"}
    assert set(decision(found).asks) <= {"added", "shorter", "passkey"}
    assert not re.search(r"terms (and|of)|newsletter|cookie|privacy policy", found.main, re.IGNORECASE)


def test_rule_11_how_to_take_it_back_is_said_before_the_decision(story, visit, case):
    text = page(visit, f"/requests/{story.ask(case)}").first
    how = text.index("At any time under “My permissions”, in one step and without saying why.")
    assert how < text.index("What do you decide?")


def test_rule_12_the_end_is_a_date_and_the_life_of_copies_another_line(story, visit, case):
    text = page(visit, f"/requests/{story.ask(case)}").first
    assert re.search(rf"Your permission ends on\s+{written(story, days=90)}", text)
    assert re.search(r"They keep copies for\s+90 days after they get it", text)


def test_rule_13_the_first_screen_says_what_one_has_to_know(story, visit, case):
    found = page(visit, f"/requests/{story.ask(case)}")
    for each in (
        *("What for", "Why they ask", "Who gets it", "Who gives it", "Needed:", "How often"),
        *("Your permission ends on", "They keep copies for", "If you say no", "To take it back"),
        *("Allow", "Don’t allow", "Back"),
    ):
        assert each in found.first or (each == "Back" and "Back" in found.text), each
    for each in (
        "Where to complain",
        "Law that applies",
        "Responsible for your data",
        "They find your file by",
    ):
        assert each not in found.first
        assert each in found.main, "one level down"


def test_rule_14_asking_unusually_often_is_called_out(story, visit, case):
    usual = page(visit, f"/requests/{story.ask(case)}").first
    often = page(visit, f"/requests/{story.ask(case, frequency={'count': 10, 'per': 'day'})}").first
    assert "That is unusual." in often
    assert "at most 10 times a day" in often
    assert "unusual" not in usual


def test_rule_15_what_happens_after_a_no_is_said_and_must_be_said(story, visit, case):
    text = page(visit, f"/requests/{story.ask(case)}").first
    assert re.search(r"If you say no\s+We ask you for papers instead\.", text)
    with pytest.raises(Refusal):
        story.ask(case, consequence_of_refusal={"en": "", "fr": ""})
    assert "none of it is a reason to help you less" in page(visit, "/rights").main


def test_rule_16_what_has_changed_is_marked_when_they_ask_again(story, visit, case):
    first = story.ask(case, data=FIELDS[:1])
    assert "They asked before" not in page(visit, f"/requests/{first}").main
    end = instant.format(story.world.clock() + timedelta(days=50))
    until = {"valid_until": end, "data_life": {"days": 30}}
    text = page(visit, f"/requests/{story.ask(case, data=FIELDS, **until)}").first
    for each in (
        "They asked before. This is different now:",
        "New: Rent per month",
        f"Ends on {written(story, days=50)} instead of {written(story, days=90)}",
        "Copies are kept 30 days instead of 90",
    ):
        assert each in text
    less = page(visit, f"/requests/{story.ask(case, data=FIELDS[:1])}").first
    assert "No longer asked for: Rent per month" in less


def test_rule_17_nothing_lies_between_the_request_and_the_answer(story, visit, case):
    request = story.ask(case)
    found = page(visit, f"/requests/{request}")
    elsewhere = [link for link in found.links if not link.startswith((f"/requests/{request}", "#"))]
    assert elsewhere == []
    done = visit.post(f"/requests/{request}", decision="allow")
    assert done.location.startswith("/receipts/"), "one click, and it is done"


def test_rule_18_one_is_told_before_being_sent_to_another_site(story, case):
    nobody = story.visit()
    asked = nobody.get(f"/requests/{story.ask(case)}")
    assert asked.location.startswith("/sign-in?"), "a page of ours first"
    found = page(nobody, asked.location)
    assert "You now go to “Sample sign-in”. It confirms who you are and brings you back here." in found.main
    (form,) = [each for each in found.forms if each.action == "/sign-in"]
    assert form.method == "post"
    provider = story.pages.made.provider.origin
    for rule in ("/", "/about", "/join/", "/signed-out"):
        assert provider not in nobody.get(rule).text


def test_why_the_story_asks_is_concrete():
    assert vague_words(WHY.values()) == []

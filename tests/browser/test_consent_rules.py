"""The 32 rules for asking for consent, from law, guidance and the schemes that came before, one test each.

Each rule is tried where people meet it: on the page, by its forms and words; in a browser where looks count.
Rule 7 also asks that the second way is answered within two working days, which no program can promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from connectors.exchange import runner
from connectors.exchange.acts import agreements, consents
from connectors.exchange.outgoing.compose import CITIZEN, sign_open
from connectors.exchange.spool import post
from connectors.exchange.store import consents as stored
from connectors.exchange.store import statements
from connectors.portal import upkeep
from connectors.portal.mail import reminders
from connectors.portal.store import accounts, mails, passkeys, receipts
from schemas import instant
from schemas.consent_life import ANSWER_WITHIN
from schemas.errors import Invalid, Refusal
from schemas.vague_purpose import vague_words
from tests.browser.conftest import LOOKS
from tests.flow.exchange.world import AGREEMENT, DEBT, HOUSING, agreement_document, terms
from tests.flow.portal.forms_on_pages import OnPage, Seen, seen
from tests.flow.portal.story import WHY, Story
from tests.flow.portal.visits import Visit
from tests.passkeys import Authenticator, case_with, change, consent_by

FIELDS: Final = [
    {
        "category": "housing",
        "schema": "housing.tenancy/1",
        "fields": [name],
        "necessity": necessity,
        "special": False,
    }
    for name, necessity in (("landlord", "needed"), ("rent", "optional"))
]
COUNTED: Final = {"frequency": {"count": 1, "per": "week"}}


@pytest.fixture(scope="module")
def story(tmp_path_factory, sqlite_files) -> Iterator[Story]:
    made = Story(tmp_path_factory.mktemp("rules"), sqlite_files.make)
    yield made
    made.close()


@pytest.fixture
def me(story: Story) -> str:
    """A citizen of this test alone."""
    return story.account(f"citizen-{uuid4()}")


@pytest.fixture
def visit(story: Story, me: str) -> Visit:
    return story.visit(me)


@pytest.fixture
def case(story: Story, me: str) -> str:
    return story.case_of(me)


def page(visit: Visit, address: str) -> Seen:
    answer = visit.get(address)
    assert answer.status_code == 200, (address, answer.status_code, answer.location)
    return seen(answer.text)


def decision(found: Seen) -> OnPage:
    """Give the form in which one decides."""
    (form,) = [each for each in found.forms if "decision" in each.fields]
    return form


def allowed(story: Story, me: str, visit: Visit, case: str, **changed: Any) -> str:
    """Ask and say yes on the page; gives the permission."""
    receipt = story.allow(visit, story.ask(case, **changed))
    with story.portal.database.reading() as connection:
        row = receipts.find(connection, me, receipt)
    assert row is not None
    return str(row.consent)


def state_of(story: Story, request: str) -> str:
    with story.portal.database.reading() as connection:
        row = stored.request(connection, request)
    assert row is not None
    return str(row.state)


def answered(visit: Visit, address: str, **fields: Any) -> Any:
    visit.get(address)
    return visit.post(address, **fields)


# --- how it is asked --------------------------------------------------------------------------------


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
    width: Math.round(box.width), height: Math.round(box.height), tag: button.tagName, tabIndex: button.tabIndex};
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
        assert stored.find(connection, consent).document["proof"][0]["kind"] == "passkey"
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
    for heading, name in (("Who gets it", "Debt Advice"), ("Who gives it", "City-Housing")):
        assert re.search(rf"{heading}\s+{name}", found.first)
    for nobody in ([], ["partners"], ["our partners"], [""]):
        for which in ("recipients", "sources"):
            with pytest.raises(Refusal):
                story.ask(case, **{which: nobody})
    assert "partner" not in " ".join(_every_text()).lower()


def _every_text() -> list[str]:
    from tests.codebase.test_languages import _translated  # noqa: PLC0415 - reads every text once

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
    asked = _ask_without_checking(story, case, whole, why)
    language = "fr" if vague_words([why["fr"]]) else "en"
    visit.get(f"/language/{language}")
    words = {"en": "They do not say clearly what for", "fr": "L’usage prévu n’est pas dit clairement"}
    assert words[language] in page(visit, f"/requests/{asked}").first


def _ask_without_checking(story: Story, case: str, whole: dict[str, Any], why: dict[str, str]) -> str:
    debt, now = story.world.members[DEBT], story.world.clock()
    body = {"terms": {"schema": "consent/1", "case": case, "nonce": "A" * 22, **whole}, "why": why}
    signed = sign_open(debt, now, type="consent.request/1", to=[CITIZEN], case=case, body=body)
    with debt.database.writing() as connection:
        stored.asked(
            connection,
            signed.id,
            case=case,
            sender=DEBT,
            terms=body["terms"],
            why=why,
            agreement=AGREEMENT,
            now=now,
        )
        post(connection, signed, now)
    story.world.settle()
    return str(signed.id)


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


def written(story: Story, **after: float) -> str:
    """Give a day from now as pages write it."""
    at = story.world.clock() + timedelta(**after)
    return f"{at.day} {at:%B %Y}"


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
    for each in ("Where to complain", "Law that applies", "Responsible for your data", "They find your file by"):
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
        story.ask(case, consequence_of_refusal="")
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


RECEIPT: Final = (
    *("Number:", "Date:", "Who gives the data: City-Housing", "Who gets the data: Debt Advice", "What for:"),
    *("Which data:", "Permission ends:", "How long copies are kept: 90 days", "How to take it back:"),
    *("Where to complain:", "0800 000 000"),
)


def test_rule_19_every_decision_leaves_a_receipt_outside_the_pages(story, me, visit, case):
    with story.portal.database.writing() as connection:
        accounts.change(connection, me, email="sample@example.org", email_wanted=True)
    consent = allowed(story, me, visit, case)
    allowed(story, me, visit, case, data=FIELDS)
    answered(visit, f"/requests/{story.ask(case)}", decision="refuse")
    visit.post(f"/permissions/{consent}/suspend")
    visit.post(f"/permissions/{consent}/resume")
    visit.post(f"/permissions/{consent}/withdraw")
    until = instant.format(story.world.clock() + timedelta(minutes=20))
    short = allowed(story, me, visit, case, valid_until=until)
    story.world.clock.move(minutes=30)
    story.world.settle()
    upkeep.keep(story.portal, story.pages.settings, story.world.clock())
    with story.portal.database.reading() as connection:
        given = {row.kind: row for row in receipts.of_account(connection, me)}
        told = [row.kind for row in mails.of_account(connection, me)]
    assert set(given) == {
        *("granted", "narrowed", "refused", "suspended", "resumed", "withdrawn", "expired")
    }
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
    keeps = {"on_withdrawal": {"erased": False, "kept": ["housing"], "why": "The law says ten years."}}
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
    assert re.search(r"Debt-Advice has not answered for|Debt-Advice confirmed on", board)
    story.world.settle()


def test_rule_24_one_is_told_beforehand_who_will_hear_of_it(story, me, visit, case):
    told = "The organisations named here are told what you decide, but not why."
    request = page(visit, f"/requests/{story.ask(case)}").main
    assert told in request
    consent = allowed(story, me, visit, case)
    story.release(case, consent)
    for address, words in (
        (f"/permissions/{consent}", "These organisations are told that you did, but not why."),
        (f"/cases/{case}/team/{DEBT}/end", "It is told that you did this."),
        (f"/cases/{case}/close", "Everybody who takes part is told."),
        (f"/cases/{case}/note", "Everybody who takes part in the case can read it."),
    ):
        assert words in page(visit, address).main


def test_rule_25_nobody_outside_the_scheme_can_receive_anything(story, visit, case):
    """There is no such recipient to warn of: who is no party of the agreement gets nothing, even by a yes."""
    for outsider in ("somebody-else", "benefits-office"):
        request = story.ask(case, recipients=[outsider])
        answer = answered(visit, f"/requests/{request}", decision="allow")
        assert 400 <= answer.status_code < 500
    with story.portal.database.reading() as connection:
        assert stored.of_case(connection, case) == []


def test_rule_26_what_the_law_decides_has_no_switch(story, visit, case):
    answer = visit.get("/who-looked/by-law")
    found = seen(answer.text)
    assert "You cannot switch this off here, so there is no button for it." in found.main
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
        assert stored.request(connection, request).state == "open"
    page.locator("button[value=allow]").click()
    page.wait_for_url("**/receipts/**")
    audit(page)  # and it can be taken back from there
    assert page.locator("main a[href*='/permissions/']").count() >= 1


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
        assert accounts.find(connection, me).language == "fr"
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
    story.allow(visit, decided)
    for request, wait in ((decided, timedelta()), (lapsed, ANSWER_WITHIN + timedelta(days=1))):
        story.world.clock.move(seconds=wait.total_seconds())
        story.world.settle()
        late = story.visit(me)
        assert not [each for each in page(late, f"/requests/{request}").forms if "decision" in each.fields]
        assert late.post(f"/requests/{request}", decision="allow").status_code in {403, 409}, request
    with story.portal.database.reading() as connection:
        assert len(stored.of_case(connection, case)) == 1


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
    assert {"with", "kind"} <= {name for form in looked.forms for name in form.asks}
    filtered = page(story.visit(me), "/who-looked/?kind=emergency").main
    assert "Nothing here fits what you chose." in filtered
    assert {"state", "with"} <= {
        name for form in page(story.visit(me), "/permissions/").forms for name in form.asks
    }
    assert "Do they report?" in looked.main


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
    named = {int(found[1]) for name in globals() if (found := re.match(r"test_rule_(\d\d)_", name))}
    assert named == set(range(1, 33))


def test_why_the_story_asks_is_concrete():
    assert vague_words(WHY.values()) == []

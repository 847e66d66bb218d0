"""The case page in a real browser: every tab and state, and each of the citizen’s own verbs."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from connectors.cases.gather import read_case
from connectors.exchange.acts import coordination, records
from schemas import instant
from tests.browser.conftest import LOOKS
from tests.browser.world import DEBT, HOUSING

TABS = ("", "/timeline", "/records", "/team", "/documents", "/messages")
FORMS = ("/note", "/messages/new", "/documents/new", "/outcome", "/invite", "/close", f"/team/{HOUSING}/end")


@pytest.fixture
def full(world, page, sign_in, look):
    """A case in which something of everything has happened; gives its id, and the record at debt advice."""
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    consent = world.grant(world.ask_consent(case))
    statement = world.release(case, consent)
    world.look(statement)
    debt = world.members[DEBT]
    coordination.add_note(debt, case, "A note from debt advice.")
    question = coordination.Words(text="When can you come?", kind="question", subject="Your visit")
    coordination.send_message(debt, case, question)
    letter = coordination.File("A letter", "letter.txt", "text/plain", b"Dear sample citizen")
    coordination.add_document(debt, case, letter)
    coordination.give_outcome(debt, case, coordination.Result(outcome="got_help", text="The plan is made."))
    world.ask_consent(case)
    world.settle()
    sign_in(page, person)
    return case, statement


def seen_by(world, member, case):
    """Fold the case as another seat sees it now."""
    world.settle()
    connector = world.members[member]
    with connector.database.reading() as connection:
        return read_case(connection, connector, case, instant.now())


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_tab_and_form_of_a_full_case_works_for_everybody(world, page, audit, full):
    for path in (*TABS, *FORMS):
        page.goto(world.at(f"/cases/{full[0]}{path}"))
        audit(page)
    page.goto(world.at(f"/cases/{full[0]}/records"))
    page.locator(".accord-card h2 a").first.click()
    page.wait_for_load_state()
    audit(page)
    page.goto(f"{page.url}/contest")
    audit(page)
    page.goto(world.at(f"/cases/{full[0]}/messages"))
    page.locator(".accord-card h2 a").first.click()
    page.wait_for_load_state()
    audit(page)


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_tabs_of_an_empty_case_say_why_they_are_empty(world, page, sign_in, audit, look):
    person = world.person(language=look.language)
    case = world.case_with_citizen(person)
    sign_in(page, person)
    for path in TABS:
        page.goto(world.at(f"/cases/{case}{path}"))
        audit(page)
    for path in ("/records", "/documents", "/messages"):
        page.goto(world.at(f"/cases/{case}{path}"))
        expect(page.locator(".accord-empty")).to_be_visible()


def test_a_note_in_ones_own_words_reaches_the_agency(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}"))
    page.get_by_role("link", name="Add a note in my own words").click()
    page.get_by_label("In your own words").fill("I would like to stay near the school.")
    page.get_by_role("button", name="Add the note").click()
    expect(page.get_by_text("Your note is in the case.")).to_be_visible()
    found = seen_by(world, DEBT, full[0])
    assert "I would like to stay near the school." in {note.text for note in found.notes}


def test_a_form_that_is_refused_keeps_what_was_typed(world, page, audit, full):
    page.goto(world.at(f"/cases/{full[0]}/messages/new"))
    page.get_by_label("Your message").fill("Half of a message")
    page.get_by_role("button", name="Send").click()
    audit(page)
    expect(page.get_by_role("alert").get_by_role("link").first).to_be_visible()
    expect(page.get_by_label("Your message")).to_have_value("Half of a message")


def test_a_question_is_answered_in_its_thread(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}/messages"))
    page.get_by_role("link", name="Your visit").click()
    page.get_by_label("Your answer").fill("On Monday.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Your answer is sent.")).to_be_visible()
    (thread,) = [each for each in seen_by(world, DEBT, full[0]).threads if each.subject == "Your visit"]
    assert [post.text for post in thread.posts] == ["When can you come?", "On Monday."]
    assert not thread.unanswered


def test_asking_why_from_the_row_of_who_looked(world, page, full):
    page.goto(world.at("/who-looked/"))
    page.get_by_role("link", name="Ask why").first.click()
    page.get_by_label("Your message").fill("Why did you look?")
    expect(page.get_by_label("A question")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Your message is sent.").wait_for()
    asked = [each for each in seen_by(world, DEBT, full[0]).threads if each.kind == "question"]
    assert any(each.about is not None for each in asked)


def test_a_document_goes_both_ways_and_stays_the_same(world, page, full, tmp_path):
    page.goto(world.at(f"/cases/{full[0]}/documents"))
    with page.expect_download() as download:
        page.get_by_role("link", name="A letter").click()
    assert download.value.path().read_bytes() == b"Dear sample citizen"
    mine = tmp_path / "Reçu €.txt"
    mine.write_bytes(b"\x00\x01 bytes")
    page.get_by_role("button", name="Add a document").click()
    page.get_by_label("What is it?").fill("A receipt")
    page.get_by_label("File").set_input_files(mine)
    page.get_by_role("button", name="Add the document").click()
    page.get_by_text("Your document is in the case.").wait_for()
    (found,) = [each for each in seen_by(world, DEBT, full[0]).documents if each.title == "A receipt"]
    assert coordination.open_document(world.members[DEBT], found.statement).data == b"\x00\x01 bytes"


def test_a_mark_on_a_record_travels_until_the_source_has_answered(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}/records"))
    page.locator(".accord-card h2 a").first.click()
    page.get_by_role("button", name="Something is wrong here").click()
    page.get_by_label("Rent per month").check()
    page.get_by_label("What is right?").fill("It is 580 now.")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Your mark is set.").wait_for()
    expect(page.locator("h2 .govuk-tag--red")).to_be_visible()
    (record,) = seen_by(world, DEBT, full[0]).records
    assert record.in_dispute
    housing = seen_by(world, HOUSING, full[0])
    (contested,) = [each for each in housing.records if each.contested]
    right = {"landlord": "Sample Homes", "rent": {"amount": 58000, "currency": "EUR"}}
    settles = contested.contested[0].statement
    records.correct(world.members[HOUSING], contested.statement, right, settles=settles)
    world.settle()
    page.goto(world.at(f"/cases/{full[0]}/records"))
    page.locator(".accord-card h2 a").first.click()
    expect(page.get_by_text("€580.00")).to_be_visible()
    expect(page.locator("h2 .govuk-tag--green")).to_be_visible()


def test_a_result_that_the_citizen_sees_otherwise_stays_visible_as_not_agreed(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}/outcome"))
    page.get_by_label("No help arrived").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Thank you.").wait_for()
    expect(page.get_by_text("Not agreed", exact=True)).to_be_visible()
    assert seen_by(world, DEBT, full[0]).outcomes[0].state == "disputed"


def test_the_citizen_ends_the_part_of_an_organisation(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}/team"))
    page.locator(f"a[href$='/team/{HOUSING}/end']").click()
    page.get_by_role("button", name="End their part").click()
    page.get_by_text("It takes part no more.").first.wait_for()
    housing = next(each for each in seen_by(world, DEBT, full[0]).team if each.member == HOUSING)
    assert housing.status == "ended"


def test_the_citizen_closes_the_case_and_opens_it_again(world, page, full, audit):
    page.goto(world.at(f"/cases/{full[0]}/close"))
    page.get_by_role("button", name="Close the case").click()
    page.get_by_text("The case is closed.").first.wait_for()
    audit(page)
    assert seen_by(world, DEBT, full[0]).status == "closed"
    page.get_by_role("button", name="Open the case again").click()
    page.get_by_text("The case is open again.").wait_for()
    assert seen_by(world, DEBT, full[0]).status == "open"


def test_what_others_add_is_announced_without_reloading(world, page, full):
    page.goto(world.at(f"/cases/{full[0]}"))
    new = page.get_by_text("There is something new in this case.")
    expect(new).to_be_hidden()
    coordination.add_note(world.members[DEBT], full[0], "One more note.")
    world.settle()
    new.wait_for(timeout=8000)
    page.get_by_role("link", name="Show it").click()
    expect(new).to_be_hidden()

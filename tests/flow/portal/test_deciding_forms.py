"""The forms in which one decides: nothing that was typed is lost, nothing fails without a word.

And where a yes would be refused afterwards - the case is closed, the time is over, the power is missing - no
page offers it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.exchange.acts import cases
from connectors.exchange.acts import consents as asking
from connectors.exchange.store import cases as stored_cases
from connectors.exchange.store import consents
from connectors.exchange.store.tables import seats
from connectors.portal.accounts import add_passkey
from connectors.portal.store import notices, receipts
from schemas.consent_life import ANSWER_WITHIN
from tests.flow.exchange.world import DEBT, terms, there
from tests.flow.portal.forms_on_pages import seen
from tests.flow.portal.life import Themselves
from tests.passkeys import Authenticator

WHY = {"en": "For your plan.", "fr": "Pour le plan."}
ALL = ["housing.landlord", "housing.rent"]
SPECIAL = "This is specially protected by law."


def data(*fields: tuple[str, str, bool]) -> list[dict[str, object]]:
    return [
        {
            "category": "housing",
            "schema": "housing.tenancy/1",
            "fields": [name],
            "necessity": necessity,
            "special": special,
        }
        for name, necessity, special in fields
    ]


@pytest.fixture
def me(citizen):
    return citizen


def asked(life, case, **changed):
    request = asking.ask_consent(life.world.members[DEBT], case, terms(life.now(), **changed), WHY)
    life.world.settle()
    return request


def closed(life, case):
    cases.close(life.world.members[DEBT], case)
    life.world.settle()
    with life.portal.database.reading() as connection:
        assert stored_cases.require(connection, case).status == "closed"


def allowed(life, visit, request):
    visit.get(f"/requests/{request}")
    assert visit.post(f"/requests/{request}", decision="allow").status_code == 303
    life.world.settle()


def permission(life, case):
    """Give the permission that was given last; one whose place another took is not (places come later)."""
    with life.portal.database.reading() as connection:
        found = consents.of_case(connection, case)
    return max(found, key=lambda row: row.status in consents.LIVE)


def preview(life, me, case):
    """A record waits for the word of its person; gives the release."""
    allowed(life, life.visit(me), asked(life, case, preview=True))
    return life.preview(case, permission(life, case).id)


def not_taken(visit, place, words, why):
    """Send each decision to a page's address: none is taken, and the answer says why."""
    for word in words:
        answer = visit.post(place, decision=word)
        assert answer.status_code == 409
        assert why in answer.text


def kinds(life, me):
    with life.portal.database.reading() as connection:
        return [row.kind for row in receipts.of_account(connection, me)]


# --- nothing is lost, nothing fails silently ---------------------------------------------------------


def with_passkey(life, me, case):
    """Let a person have a passkey that the case's seat knows."""
    jwk = Authenticator(me).passkey["jwk"]
    said = {"jwk": jwk, "name": "Phone", "rp_id": "localhost", "origins": [life.pages.made.origin]}
    with life.portal.database.writing() as connection:
        add_passkey(connection, Themselves(me), "one", **said, sign_count=0, now=life.now())
        this = (seats.c.case == case, seats.c.kind == "citizen")
        connection.execute(update(seats).where(*this).values(passkeys=[{"credential": "one"}]))


def test_a_yes_to_what_was_not_shown_says_why_and_keeps_what_was_ticked(life, me, case):
    with_passkey(life, me, case)
    request = asked(life, case, data=data(("landlord", "needed", False), ("rent", "optional", False)))
    visit = life.visit(me)
    ticked = {"added": ["housing.rent"], "shorter": "30", "passkey": "yes"}
    answer = visit.post(f"/requests/{request}", decision="allow", **ticked)
    assert answer.status_code == 422
    assert "We could not tell what you had seen" in seen(answer.text).main
    (form,) = [each for each in seen(answer.text).forms if "decision" in each.fields]
    assert {name for name in ticked if form.fields[name].chosen} == set(ticked)
    assert life.state(request) == "open"


def test_after_that_word_the_same_yes_counts(life, me, case):
    request = asked(life, case)
    visit = life.visit(me)
    assert visit.post(f"/requests/{request}", decision="allow").status_code == 422
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="allow").location


def test_a_no_needs_no_page_before_it(life, me, case):
    request = asked(life, case)
    assert "/receipts/" in life.visit(me).post(f"/requests/{request}", decision="refuse").location
    assert life.state(request) == "refused"


def test_neither_yes_nor_no_is_a_form_to_fill_in_again(life, me, case):
    request = asked(life, case, data=data(("landlord", "needed", False), ("rent", "optional", False)))
    visit = life.visit(me)
    visit.get(f"/requests/{request}")
    answer = visit.post(f"/requests/{request}", added=["housing.rent"], shorter="30")
    assert answer.status_code == 422
    (form,) = [each for each in seen(answer.text).forms if "decision" in each.fields]
    assert form.fields["added"].chosen
    assert form.fields["shorter"].chosen


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"shorter": "30"}, "Tick at least one thing"),
        ({"kept": ["housing.nothing"], "shorter": "30"}, "Tick at least one thing"),
        ({"kept": ALL, "shorter": "never"}, "Choose one of these."),
        ({"kept": ALL}, "This is the same as was asked"),
    ],
    ids=["nothing", "unknown", "no-such-end", "the-same"],
)
def test_a_suggestion_that_cannot_be_sent_is_shown_again(life, me, case, typed, words):
    request = asked(life, case)
    answer = life.visit(me).post(f"/requests/{request}/suggest", **typed)
    assert answer.status_code == 422
    page = seen(answer.text)
    assert words in page.main
    (form,) = [each for each in page.forms if "kept" in each.fields]
    assert form.fields["kept"].chosen is (typed.get("kept") == ALL)


def test_a_suggestion_with_less_in_it_is_sent(life, me, case):
    request = asked(life, case)
    answer = life.visit(me).post(f"/requests/{request}/suggest", kept=ALL, shorter="30")
    assert answer.location.endswith("/home")


def test_a_preview_answered_with_nothing_is_shown_again(life, me, case):
    release = preview(life, me, case)
    answer = life.visit(me).post(f"/previews/{release}")
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


# --- what is specially protected ---------------------------------------------------------------------


def test_optional_data_that_is_specially_protected_says_so(life, me, case):
    request = asked(life, case, data=data(("landlord", "needed", False), ("rent", "optional", True)))
    visit = life.visit(me)
    page = seen(visit.get(f"/requests/{request}").text).main
    assert page.count(SPECIAL) == 1
    assert page.index("Needed:") < page.index("You may also allow") < page.index(SPECIAL)
    assert SPECIAL in seen(visit.get(f"/requests/{request}/suggest").text).main


def test_the_notice_that_is_kept_says_so_too(life, me, case):
    marked = data(("landlord", "needed", False), ("rent", "optional", True))
    allowed(life, life.visit(me), asked(life, case, data=marked))
    digest = permission(life, case).document["notice"]["sha256"]
    with life.portal.database.reading() as connection:
        kept = there(notices.find(connection, digest)).text
    lines = (kept.decode() if isinstance(kept, bytes) else kept).splitlines()
    (tick,) = [number for number, line in enumerate(lines) if line.startswith("You may also allow")]
    assert [number for number, line in enumerate(lines) if line == SPECIAL] == [tick + 1]


# --- no yes where it would be refused ----------------------------------------------------------------


def test_in_a_closed_case_a_request_can_only_be_refused(life, me, case):
    request = asked(life, case)
    visit = life.visit(me)
    visit.get(f"/requests/{request}")
    closed(life, case)
    page = visit.get(f"/requests/{request}").text
    assert "The case is closed." in page
    assert 'value="allow"' not in page
    assert 'value="refuse"' in page
    for place, typed in (("", {"decision": "allow"}), ("/suggest", {"kept": ALL, "shorter": "30"})):
        answer = visit.post(f"/requests/{request}{place}", **typed)
        assert answer.status_code == 409
        assert "The case is closed" in answer.text
    assert life.state(request) == "open"
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="refuse").location
    life.world.settle()
    assert life.state(request) == "refused"


def test_in_a_closed_case_a_paused_permission_can_only_be_taken_back(life, me, case):
    visit = life.visit(me)
    allowed(life, visit, asked(life, case))
    place = f"/permissions/{permission(life, case).id}"
    visit.post(f"{place}/suspend")
    life.world.settle()
    closed(life, case)
    page = visit.get(place).text
    assert "The case is closed." in page
    assert "Let it go on" not in page
    assert "Take it back" in page
    assert visit.post(f"{place}/resume").status_code == 409
    assert permission(life, case).status == "suspended"
    assert "/receipts/" in visit.post(f"{place}/withdraw").location


def test_in_a_closed_case_nothing_is_passed_on(life, me, case):
    release = preview(life, me, case)
    closed(life, case)
    visit = life.visit(me)
    page = visit.get(f"/previews/{release}").text
    assert "The case is closed." in page
    assert 'name="decision"' not in page
    not_taken(visit, f"/previews/{release}", ("pass", "stop"), "The case is closed")
    assert {"passed", "stopped"}.isdisjoint(kinds(life, me))


def test_a_request_whose_time_is_over_offers_no_yes_before_anybody_writes_that_down(life, me, case):
    until = life.now() + ANSWER_WITHIN + timedelta(days=90)
    request = asked(life, case, valid_until=f"{until:%Y-%m-%dT%H:%M:%S}.000Z")
    life.world.clock.move(days=ANSWER_WITHIN.days)
    visit = life.visit(me)
    page = visit.get(f"/requests/{request}").text
    assert life.state(request) == "open", "nobody has written it down yet"
    assert "Nobody answered this in time" in page
    assert 'name="decision"' not in page
    not_taken(visit, f"/requests/{request}", ("allow", "refuse"), "It is too late to answer this")


def test_a_permission_that_would_be_over_already_is_not_offered(life, me, case):
    until = life.now() + timedelta(days=2)
    request = asked(life, case, valid_until=f"{until:%Y-%m-%dT%H:%M:%S}.000Z")
    life.world.clock.move(days=2)
    visit = life.visit(me)
    page = visit.get(f"/requests/{request}").text
    assert "The time that they asked for is over." in page
    assert 'value="allow"' not in page
    assert visit.post(f"/requests/{request}", decision="allow").status_code == 409
    assert "/receipts/" in visit.post(f"/requests/{request}", decision="refuse").location


def test_a_record_is_not_offered_for_passing_on_while_the_permission_is_paused(life, me, case):
    release = preview(life, me, case)
    visit = life.visit(me)
    visit.post(f"/permissions/{permission(life, case).id}/suspend")
    page = visit.get(f"/previews/{release}").text
    assert "paused or over" in page
    assert 'value="pass"' not in page
    assert 'value="stop"' in page
    answer = visit.post(f"/previews/{release}", decision="pass")
    assert answer.status_code == 409
    assert "This cannot be passed on now" in answer.text


# --- who may ----------------------------------------------------------------------------------------


def test_who_may_not_decide_on_a_record_is_not_offered_to(life, me, case):
    release = preview(life, me, case)
    helper, mandate, _ = life.given(me, powers=["view"])
    page = life.visit(helper, mandate).get(f"/previews/{release}").text
    assert 'name="decision"' not in page
    assert "/contest" not in page
    assert "You may not do everything here" in page
    nominee, second, _ = life.given(me)  # may refuse, not grant
    page = life.visit(nominee, second).get(f"/previews/{release}").text
    assert 'value="pass"' not in page
    assert 'value="stop"' in page
    assert "/contest" not in page
    assert "/contest" in life.visit(me).get(f"/previews/{release}").text


def test_who_may_not_take_a_permission_back_is_not_offered_to_in_the_list(life, me, case):
    allowed(life, life.visit(me), asked(life, case))
    helper, mandate, _ = life.given(me, powers=["view"])
    assert "Take it back" not in life.visit(helper, mandate).get("/permissions/").text
    assert "Take it back" in life.visit(me).get("/permissions/").text


@pytest.mark.parametrize(("word", "kind"), [("pass", "passed"), ("stop", "stopped")])
def test_the_word_on_a_record_leaves_a_receipt_of_that_record(life, me, case, word, kind):
    release = preview(life, me, case)
    assert life.visit(me).post(f"/previews/{release}", decision=word).status_code == 303
    with life.portal.database.reading() as connection:
        (row,) = [each for each in receipts.of_account(connection, me) if each.kind == kind]
    assert row.consent == permission(life, case).id
    assert row.message is not None
    assert [each["category"] for each in row.document["data"]] == ["housing"]
    assert life.visit(me).get(f"/receipts/{row.id}").status_code == 200

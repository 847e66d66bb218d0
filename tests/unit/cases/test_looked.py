"""Who looked: every release, look and emergency, and why a list is empty."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.cases.view import Basis, Case, Coverage
from tests.flow.exchange.world import KEPT
from tests.unit.cases.story import (
    BY_DEBT,
    BY_HOUSING,
    DEBT,
    HEALTH,
    HOUSING,
    PORTAL,
    Story,
    consent_of,
)


def _coverage(story: Story, member: str) -> Coverage:
    (found,) = [each for each in story.seen_by().looked.coverage if each.member == member]
    return found


def test_nothing_shared_is_why_nobody_looked():
    story = Story()
    story.begin()
    looked = story.seen_by().looked
    assert (looked.lines, looked.why_empty, looked.why_no_views) == ((), "nothing_shared", "nothing_shared")


def test_a_release_is_on_the_list_and_silence_after_it_is_named():
    story = Story()
    story.whole()
    looked = story.seen_by().looked
    assert [(each.kind, each.member, each.source) for each in looked.lines] == [("release", DEBT, HOUSING)]
    assert looked.lines[0].basis is not None
    assert (looked.lines[0].basis.kind, looked.lines[0].reason, looked.lines[0].reason_text) == (
        "consent",
        "debt-plan",
        "The rent.",
    )
    assert (looked.why_empty, looked.why_no_views) == (None, "not_reporting")
    assert _coverage(story, DEBT).reporting == "never_reported"
    assert _coverage(story, HOUSING).reporting == "nothing_received"


def test_an_organisation_that_is_heard_and_reports_no_look_did_not_look():
    story = Story()
    story.whole()
    story.note(DEBT)
    assert story.seen_by().looked.why_no_views == "no_reads"
    assert _coverage(story, DEBT).heard_since_received
    assert _coverage(story, DEBT).reporting == "never_reported"


def test_a_look_says_who_in_what_role_for_what_reason_and_whether_a_machine():
    story = Story()
    _, record = story.whole()
    story.view(record, automatic=True)
    newest = story.seen_by().looked.lines[0]
    assert (newest.kind, newest.member, newest.role, newest.pseudonym) == (
        "view",
        DEBT,
        "adviser",
        "worker-7",
    )
    assert (newest.reason, newest.automatic, newest.statement) == ("plan", True, record.id)
    assert (newest.source, newest.categories) == (HOUSING, ("housing",))
    assert (newest.basis and newest.basis.kind) == "consent"
    assert story.seen_by().looked.why_no_views is None
    assert (_coverage(story, DEBT).reporting, _coverage(story, DEBT).looks) == ("reports", 1)
    assert story.seen_by().record(record.id).looks == 1  # type: ignore[union-attr]  # released above


def test_a_look_reported_before_its_record_arrives_says_the_same():
    story = Story()
    _, record = story.whole()
    story.view(record)
    expected = story.seen_by().looked
    story.entries.reverse()
    assert story.seen_by().looked == expected


def test_what_moves_by_law_names_the_clause_and_the_organisations():
    story = Story()
    grant, _ = story.whole()
    story.release(grant, basis=Basis("statute", "art-l262-40", "winter-support@1", "benefits"))
    looked = story.seen_by().looked
    assert looked.lines[0].basis is not None
    assert (looked.lines[0].basis.kind, looked.lines[0].basis.id) == ("statute", "art-l262-40")
    assert set(looked.by_law) == {DEBT, HOUSING}


def test_an_emergency_is_on_the_list_and_waits_for_its_review():
    story = Story()
    story.begin()
    opened = story.emergency()
    seen = story.seen_by()
    assert [(each.kind, each.member, each.reason) for each in seen.looked.lines] == [
        ("emergency", HEALTH, "danger_to_life")
    ]
    (shown,) = seen.emergencies
    assert (shown.is_open, shown.outcome) == (True, None)
    (waits,) = seen.waits_for(HEALTH)
    assert (waits.words, waits.due) == ("review_emergency", shown.review_due)
    story.review(opened)
    assert story.seen_by(hours=5).waits_for(HEALTH) == ()
    assert not story.seen_by(hours=5).emergencies[0].is_open


def test_nobody_reviews_another_s_emergency():
    story = Story()
    story.begin()
    story.review(story.emergency(), by=DEBT)
    assert story.seen_by().emergencies[0].outcome is None


def test_an_emergency_ends_within_a_day_whatever_it_says():
    story = Story()
    story.begin()
    story.emergency(until="2031-12-31T00:00:00.000Z")
    assert not story.seen_by(hours=25).emergencies[0].is_open


def test_a_look_at_what_the_law_holds_back_is_not_told_to_the_citizen():
    story = Story()
    _, record = story.whole()
    actor, reason = {"pseudonym": "worker-7", "role": "adviser"}, {"code": "plan"}
    content = {"statement": record.id, "actor": actor, "reason": reason, "automatic": False}
    story.here("view", f"{record.id}:later", **content)
    untold = [each for each in story.seen_by(BY_DEBT).looked.lines if not each.told]
    assert [each.kind for each in untold] == ["view"]


def test_copies_that_must_go_are_named_until_their_holder_signs():
    story = Story()
    grant, record = story.whole()
    story.move("withdraw", grant)
    (asked,) = [each for each in story.entries if each.name == "record.request"]
    waits = {(each.member, each.statement, each.confirmed_at) for each in story.seen_by().erasures}
    assert waits == {(DEBT, record.id, None), (HOUSING, asked.id, None)}
    assert [each.words for each in story.seen_by().waits_for(DEBT)] == ["confirm_erasure"]
    story.erased(record, by=HOUSING)
    assert len([each for each in story.seen_by().erasures if each.confirmed_at is None]) == 2
    story.erased(record)
    story.erased(asked, by=HOUSING)
    assert all(each.confirmed_at is not None for each in story.seen_by().erasures)
    assert story.seen_by().waits_for(DEBT) == ()


def test_what_was_taken_out_of_the_mailbox_is_nobody_s_copy():
    story = Story()
    grant, record = story.whole()
    story.move("withdraw", grant)
    body = {"message": record.message, "consent": consent_of(grant), "why": "withdrawn"}
    story.say("delivery.withdrawn", "coordinator", ["citizen"], body, sealed=False)
    assert {each.member for each in story.seen_by().erasures} == {HOUSING}  # the request, and no record
    assert story.seen_by().waits_for(DEBT) == ()


def test_who_never_got_it_is_neither_said_to_have_it_nor_to_keep_silent():
    story = Story()
    grant, record = story.whole()
    body = {"message": record.message, "consent": consent_of(grant), "why": "suspended"}
    story.say("delivery.withdrawn", "coordinator", ["citizen"], body, sealed=False)
    looked = story.seen_by().looked
    assert looked.lines == ()
    assert {each.reporting for each in looked.coverage} == {"nothing_received"}
    assert looked.why_empty == "nothing_shared"


def _due(case: Case) -> set[tuple[str, str, str, datetime | None]]:
    found = [each for each in case.erasures if each.confirmed_at is None]
    return {(each.member, each.message, each.why, each.due_since) for each in found}


def test_when_a_case_is_closed_everybody_deletes_what_they_got_in_it():
    story = Story()
    grant, record = story.whole()
    by_law = story.release(grant, basis=Basis("statute", "clause-1"))
    closed = story.say("case.close", DEBT, ["citizen"], {}, sealed=False)
    (asked,) = [each for each in story.entries if each.name == "record.request"]
    assert _due(story.seen_by(days=2)) == {
        (HOUSING, asked.message, "case_closed", closed.at),
        (DEBT, record.message, "case_closed", closed.at),
        (DEBT, by_law.message, "case_closed", closed.at),
    }
    story.erased(record, why="case_closed")
    assert (DEBT, record.message, "case_closed", closed.at) not in _due(story.seen_by())
    assert {each.due_since for each in story.seen_by().erasures} == {closed.at}


def test_a_case_that_is_opened_again_asks_nobody_to_delete():
    story = Story()
    story.whole()
    story.say("case.close", DEBT, ["citizen"], {}, sealed=False)
    story.say("case.reopen", PORTAL, [DEBT], {"reason": "more"}, sealed=False)
    assert story.seen_by().erasures == ()


def test_a_copy_goes_when_it_was_kept_for_as_long_as_was_allowed():
    story = Story()
    _, record = story.whole()
    (asked,) = [each for each in story.entries if each.name == "record.request"]
    life = timedelta(days=180)
    assert story.seen_by(days=179).erasures == ()
    later = story.seen_by(days=180)
    assert _due(later) == {
        (HOUSING, asked.message, "data_life", asked.at + life),
        (DEBT, record.message, "data_life", record.at + life),
    }
    assert {each.words for each in later.waits_for(DEBT)} == {"confirm_erasure"}


def test_what_came_first_says_since_when_a_copy_has_to_go():
    story = Story()
    grant, record = story.whole()
    withdrawn = story.move("withdraw", grant)
    story.say("case.close", DEBT, ["citizen"], {}, sealed=False)
    assert (DEBT, record.message, "withdrawn", withdrawn.at) in _due(story.seen_by(days=200))


def test_a_permission_that_lets_copies_stay_when_it_is_taken_back_has_none_to_delete_before_their_time():
    story = Story()
    story.begin()
    grant = story.grant(on_withdrawal=KEPT)
    record = story.release(grant)
    story.move("withdraw", grant)
    assert story.seen_by().erasures == ()
    assert {(each[1], each[2]) for each in _due(story.seen_by(days=181))} == {(record.message, "data_life")}


def test_an_agency_does_not_wait_for_a_word_that_it_would_never_get():
    story = Story()
    _, record = story.whole()
    story.change(record, to=(DEBT, HEALTH, "citizen"))
    story.say("case.close", DEBT, ["citizen", HOUSING], {}, sealed=False)
    assert {each.member for each in story.seen_by(BY_DEBT).erasures} == {DEBT, HOUSING}
    assert {each.member for each in story.seen_by(BY_HOUSING).erasures} == {DEBT, HEALTH, HOUSING}

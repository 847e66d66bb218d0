"""Permissions in a case: their life by the log, their uses by the exchange, what ends soon."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.cases.entry import Entry
from connectors.cases.fold import fold
from connectors.cases.view import Permission, Seat
from tests.unit.cases.story import (
    BY_CITIZEN,
    BY_DEBT,
    CITIZEN,
    DEBT,
    HEALTH,
    HOUSING,
    PORTAL,
    Story,
    consent_of,
)


def _one(story: Story, days: int = 0) -> Permission:
    (found,) = story.seen_by(days=days).permissions
    return found


def test_a_permission_has_every_turn_of_its_life_newest_first():
    story = Story()
    grant, _ = story.whole()
    story.move("suspend", grant)
    story.move("resume", grant)
    story.move("withdraw", grant)
    shown = _one(story)
    assert [turn.status for turn in shown.turns] == ["withdrawn", "granted", "suspended", "granted"]
    assert (shown.status, shown.in_force) == ("withdrawn", False)


def test_a_resumption_after_the_withdrawal_changes_nothing():
    story = Story()
    grant, _ = story.whole()
    story.move("withdraw", grant)
    story.move("resume", grant)
    assert _one(story).status == "withdrawn"


def test_the_log_s_order_decides_not_that_of_arrival():
    story = Story()
    grant, _ = story.whole()
    suspend, resume = story.move("suspend", grant), story.move("resume", grant)
    others = [each for each in story.entries if each not in (suspend, resume)]
    for entries in ([*others, suspend, resume], [resume, suspend, *others]):
        assert fold(entries, seat=BY_CITIZEN, now=story.now).permissions[0].status == "granted"
    story.change(suspend, log_index=900)
    assert _one(story).status == "suspended"


def test_a_withdrawal_stands_even_where_its_grant_has_no_place_in_the_log_yet():
    story = Story()
    grant, _ = story.whole()
    story.move("withdraw", grant)
    story.change(grant, log_index=None, state="waiting")
    assert _one(story).status == "withdrawn"


def test_nobody_but_the_portal_that_brought_it_ends_a_permission():
    story = Story()
    grant, _ = story.whole()
    story.say("consent.withdraw", DEBT, [HOUSING, "citizen"], {"consent": consent_of(grant)}, sealed=False)
    assert _one(story).status == "granted"


def test_a_permission_whose_time_is_over_is_expired_at_that_instant():
    story = Story()
    grant, _ = story.whole()
    assert _one(story, days=89).status == "granted"
    shown = _one(story, days=91)
    assert (shown.status, shown.turns[0].at) == ("expired", shown.valid_until)
    assert grant.at < shown.valid_until


def test_a_new_decision_ends_the_one_that_it_supersedes():
    story = Story()
    grant, _ = story.whole()
    newer = story.grant(supersedes=consent_of(grant))
    old = story.seen_by().permission(consent_of(grant))
    assert old is not None
    assert (old.status, old.superseded_by) == ("superseded", consent_of(newer))


def test_what_the_connector_judged_stands_above_what_was_said():
    story = Story()
    grant, _ = story.whole()
    story.here("consent", consent_of(grant), status="granted", proven=False)
    seen = story.seen_by(BY_DEBT)
    assert not seen.permissions[0].in_force
    assert {each.why: each.count for each in seen.hidden}["not_proven"] == 1
    story.entries.pop()
    story.here("consent", consent_of(grant), status="invalidated", proven=True)
    assert _one(story).status == "invalidated"


def test_each_use_is_named_with_who_got_what():
    story = Story()
    grant, record = story.whole()
    (use,) = _one(story).uses
    assert (use.statement, use.source, use.recipient, use.category, use.taken_back) == (
        record.id,
        HOUSING,
        DEBT,
        "housing",
        False,
    )
    body = {"message": record.message, "consent": consent_of(grant), "why": "withdrawn"}
    story.say("delivery.withdrawn", "coordinator", ["citizen"], body, sealed=False)
    assert _one(story).uses[0].taken_back


def test_a_permission_that_ends_within_two_weeks_is_named_and_waits():
    story = Story()
    grant, _ = story.whole()
    assert story.seen_by().permitted.ending == ()
    soon = story.seen_by(days=80)
    assert soon.permitted.ending == (consent_of(grant),)
    assert {each.for_ for each in soon.waiting if each.words == "permission_ending"} == {"citizen", DEBT}


def test_a_permission_given_by_a_delegate_says_so():
    story = Story()
    story.begin()
    story.grant(actor={"kind": "mandate", "id": "mandate-1"})
    shown = _one(story)
    assert (shown.granted_by.kind, shown.granted_by.mandate, shown.granted_by.name) == (
        "delegate",
        "mandate-1",
        "citizen",
    )
    assert shown.granted_by.member == PORTAL


def test_a_question_to_the_citizen_is_open_until_they_answer():
    story = Story()
    story.begin()
    first, second = story.ask_consent(), story.ask_consent()
    assert [each.words for each in story.seen_by().waits_for("citizen")] == ["decide", "decide"]
    grant = story.grant(first)
    story.say("consent.refuse", PORTAL, [DEBT], {}, sealed=False, re=second.message)
    asked = {each.id: (each.state, each.consent) for each in story.seen_by().consent_requests}
    assert asked == {first.id: ("granted", consent_of(grant)), second.id: ("refused", None)}
    assert story.seen_by().waits_for("citizen") == ()


def test_somebody_else_s_refusal_answers_nothing():
    story = Story()
    story.begin()
    asked = story.ask_consent()
    story.say("consent.refuse", HOUSING, [DEBT, "citizen"], {}, sealed=False, re=asked.message)
    assert story.seen_by().consent_requests[0].state == "open"


def test_permissions_are_counted_by_state():
    story = Story()
    grant, _ = story.whole()
    story.move("withdraw", grant)
    story.grant()
    summed = story.seen_by().permitted
    assert (dict(summed.counts), summed.in_force, summed.uses) == ({"granted": 1, "withdrawn": 1}, 1, 1)
    assert story.seen_by(days=timedelta(days=400).days).permitted.in_force == 0


# --- what was asked and not answered ------------------------------------------------------------------


def test_a_question_that_nobody_answered_in_time_waits_for_nobody():
    story = Story()
    story.begin()
    story.ask_consent()
    almost, over = timedelta(days=14, seconds=-1), timedelta(days=14)
    assert story.seen_by(seconds=almost.total_seconds()).consent_requests[0].state == "open"
    later = story.seen_by(seconds=over.total_seconds())
    assert (later.consent_requests[0].state, later.waiting) == ("expired", ())


def test_a_question_can_be_answered_from_when_it_was_admitted():
    story = Story()
    story.begin()
    asked = story.ask_consent()
    known = story.here("consent_request", asked.message, state="open")
    story.change(known, at=asked.at + timedelta(hours=2))
    assert story.seen_by(days=14).consent_requests[0].state == "open"
    assert story.seen_by(days=14, hours=2).consent_requests[0].state == "expired"


def test_a_question_whose_time_the_connector_knows_to_be_over_is_over():
    story = Story()
    story.begin()
    asked = story.ask_consent()
    story.here("consent_request", asked.message, state="expired")
    assert story.seen_by().consent_requests[0].state == "expired"


def test_a_question_that_was_asked_anew_as_offered_is_replaced():
    story = Story()
    story.begin()
    first = story.ask_consent()
    offer = story.offer(first)
    assert [each.state for each in story.seen_by().consent_requests] == ["open"]
    again = story.ask_consent(re=offer.message)
    for seat in (BY_CITIZEN, BY_DEBT):
        seen = story.seen_by(seat)
        assert [each.state for each in seen.consent_requests] == ["open", "replaced"]
        assert [each.about for each in seen.waits_for("citizen")] == [again.message]


def test_nobody_but_who_asked_replaces_their_question():
    story = Story()
    story.begin()
    first = story.ask_consent()
    offer = story.offer(first)
    story.change(story.ask_consent(re=offer.message), sender=HOUSING)
    assert [each.state for each in story.seen_by().consent_requests] == ["open", "open"]


def test_a_resumed_permission_says_so_in_its_life():
    story = Story()
    grant, _ = story.whole()
    story.move("suspend", grant)
    resume = story.move("resume", grant)
    newest = _one(story).turns[0]
    assert (newest.event, newest.status, newest.message) == ("resumed", "granted", resume.message)


def _taken_back(story: Story, entry: Entry, grant: Entry, *boxes: str) -> None:
    body = {"message": entry.message, "consent": consent_of(grant), "why": "suspended"}
    named = {"mailboxes": list(boxes)} if boxes else {}
    story.say("delivery.withdrawn", "coordinator", [CITIZEN], body | named, sealed=False)


def test_what_one_never_got_hides_no_copy_of_another():
    story = Story()
    grant, _ = story.whole()
    note = story.say(
        "note.add", HOUSING, [DEBT, HEALTH, CITIZEN], {"text": "Call."}, basis=story.basis(grant)
    )
    story.move("withdraw", grant)
    _taken_back(story, note, grant, HEALTH)
    board = {each.member for each in story.seen_by().erasures if each.message == note.message}
    assert board == {DEBT}
    _taken_back(story, note, grant, DEBT)
    assert [each for each in story.seen_by().erasures if each.message == note.message] == []


def test_what_was_asked_is_expected_of_nobody_while_the_permission_is_paused():
    story = Story()
    story.begin()
    grant = story.grant(story.ask_consent())
    story.request(grant)
    assert [each.for_ for each in story.seen_by().waiting if each.words == "answer_request"] == [HOUSING]
    story.move("suspend", grant)
    assert [each for each in story.seen_by().waiting if each.words == "answer_request"] == []
    story.move("resume", grant)
    assert [each.for_ for each in story.seen_by().waiting if each.words == "answer_request"] == [HOUSING]


@pytest.mark.parametrize("seat", [BY_CITIZEN, BY_DEBT], ids=["citizen", "agency"])
def test_a_question_that_never_came_stays_with_nobody_when_the_permission_goes_on(seat: Seat):
    story = Story()
    story.begin()
    grant = story.grant(story.ask_consent())
    asked = story.request(grant)
    story.move("suspend", grant)
    body = {"message": asked.message, "consent": consent_of(grant), "why": "suspended"}
    story.say("delivery.withdrawn", "coordinator", [CITIZEN, DEBT], body, sealed=False)
    story.move("resume", grant)
    (request,) = story.seen_by(seat).requests
    assert (request.state, request.reason) == ("failed", "withdrawn_from_mailbox")
    assert [each for each in story.seen_by(seat).waiting if each.words == "answer_request"] == []


def test_a_copy_of_which_the_citizen_was_told_later_is_a_use_and_has_to_go_like_every_other():
    story = Story()
    grant, record = story.whole()
    held = story.release(grant, content={})
    story.change(held, to=(DEBT,), content=None, held="withheld", withheld="l226-2", statement=False)
    story.move("withdraw", grant)
    seen = story.seen_by()
    assert [each.message for each in seen.permissions[0].uses] == [held.message, record.message]
    assert held.message in {each.message for each in seen.erasures if each.member == DEBT}
    assert [each.later for each in seen.looked.lines if each.kind == "release"] == [True, False]
    assert [each.statement for each in seen.records] == [record.id]

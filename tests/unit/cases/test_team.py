"""Who sits in a case, who opened and closed it, requests, the timeline, and what is hidden."""

from __future__ import annotations

from connectors.cases.timeline import page
from connectors.cases.view import Member
from tests.unit.cases.story import (
    BY_CITIZEN,
    BY_DEBT,
    BY_HOUSING,
    CITIZEN,
    DEBT,
    HEALTH,
    HOUSING,
    PORTAL,
    Story,
    consent_of,
)


def _member(story: Story, member: str) -> Member:
    (found,) = [each for each in story.seen_by().team if each.member == member]
    return found


def test_the_citizen_is_first_and_active_once_their_keys_are_attested():
    story = Story()
    story.begin()
    attest = story.entries.pop()
    assert _member(story, PORTAL).status == "joined"
    assert [each.words for each in story.seen_by().waits_for(DEBT)] == ["attest"]
    story.entries.append(attest)
    first = story.seen_by().team[0]
    assert (first.kind, first.status, first.attested_by) == ("citizen", "active", DEBT)


def test_an_organisation_is_invited_joins_leaves_and_may_come_back():
    story = Story()
    story.begin()
    grant = story.grant()
    story.invite(HOUSING, consent_of(grant))
    assert _member(story, HOUSING).status == "invited"
    assert [each.words for each in story.seen_by().waits_for(HOUSING)] == ["join"]
    joined = story.join(HOUSING)
    shown = _member(story, HOUSING)
    assert (shown.status, shown.since, shown.gives, shown.gets) == ("active", joined.at, ("housing",), ())
    assert shown.rests_on is not None
    assert shown.rests_on.id == consent_of(grant)
    story.leave(HOUSING, by=PORTAL)
    ended = _member(story, HOUSING)
    assert (ended.status, ended.ended_by and ended.ended_by.name) == ("ended", "citizen")
    story.invite(HOUSING)
    assert _member(story, HOUSING).status == "invited"


def test_the_seat_as_it_was_proven_here_stands_above_what_was_said():
    story = Story()
    story.begin()
    story.here("seat", f"agency:{HEALTH}", kind="agency", member=HEALTH, status="ended", rests_on=None)
    assert _member(story, HEALTH).status == "ended"


def test_a_citizen_who_came_alone_opened_the_case():
    story = Story()
    seat = {"language": "fr", "seat": {"sealing": {}, "passkeys": []}, "acr": "substantial"}
    story.say("case.open", PORTAL, ["citizen"], seat, sealed=False)
    case = story.seen_by()
    assert case.opened_by is not None
    assert (case.opened_by.name, case.language, case.team[0].status) == ("citizen", "fr", "active")


def test_the_newest_word_decides_whether_a_case_is_closed():
    story = Story()
    story.begin()
    story.say("case.close", DEBT, ["citizen"], {"outcome": "goals_achieved"}, sealed=False)
    closed = story.seen_by()
    assert (closed.status, closed.closed and closed.closed.outcome) == ("closed", "goals_achieved")
    story.say("case.reopen", PORTAL, [DEBT], {"reason": "more"}, sealed=False)
    story.entries.reverse()
    assert (story.seen_by().status, story.seen_by().closed) == ("open", None)


def test_what_is_in_the_log_at_a_place_not_known_yet_stands_where_its_date_says():
    story = Story()
    story.begin()
    closing = story.say("case.close", DEBT, ["citizen"], {}, sealed=False)
    story.say("case.reopen", PORTAL, [DEBT], {"reason": "more"}, sealed=False)
    story.change(closing, log_index=None)
    seen = story.seen_by(BY_DEBT)
    assert seen.status == "open"
    assert [line.words for line in seen.timeline[:2]] == ["case.reopen", "case.close"]


def test_in_a_closed_case_only_what_is_owed_still_waits():
    story = Story()
    _, record = story.whole()
    story.contest(record)
    story.ask_consent()
    story.message(PORTAL, kind="question")
    story.outcome(DEBT, "got_help")  # nobody can say otherwise in a closed case
    story.say("case.close", DEBT, ["citizen"], {}, sealed=False)
    assert [(each.for_, each.words) for each in story.seen_by().waiting] == [
        (HOUSING, "settle_contest"),
        (HOUSING, "confirm_erasure"),  # of what it was asked
        (DEBT, "confirm_erasure"),  # of what it got
    ]


def test_a_request_is_open_partly_answered_and_answered():
    story = Story()
    story.begin()
    grant = story.grant()
    request = story.request(grant, ("housing", "income"))
    assert [each.words for each in story.seen_by().waits_for(HOUSING)] == ["answer_request"]
    record = story.release(grant, request)
    shown = story.seen_by().requests[0]
    assert (shown.state, shown.open_categories, shown.answers) == ("partly", ("income",), (record.id,))
    story.decline(request, ["income"])
    shown = story.seen_by().requests[0]
    assert (shown.state, shown.declines[0].reason) == ("answered", "not_held")
    assert story.seen_by().waits_for(HOUSING) == ()


def test_an_answer_from_somebody_who_was_not_asked_is_none():
    story = Story()
    story.begin()
    grant = story.grant()
    request = story.request(grant)
    body = {"reason": "not_held", "categories": ["housing"]}
    story.say("record.decline", HEALTH, [DEBT, "citizen"], body, sealed=False, re=request.message)
    assert story.seen_by().requests[0].state == "open"


def test_a_request_that_was_rejected_says_why():
    story = Story()
    story.begin()
    request = story.request(story.grant())
    body = {"message": request.message, "reason": "consent_used_up"}
    story.say("message.reject", HOUSING, [DEBT, "citizen"], body, sealed=False, re=request.message)
    shown = story.seen_by().requests[0]
    assert (shown.state, shown.reason) == ("failed", "consent_used_up")


def test_a_source_sees_that_a_request_waits_for_a_person_of_theirs():
    story = Story()
    story.begin()
    request = story.request(story.grant())
    local = {"state": "needs_a_person", "reason": None, "rule": "ask-always", "decided_by": None}
    story.here("request", request.message, **local)
    shown = story.seen_by(BY_HOUSING).requests[0]
    assert (shown.needs_a_person, shown.rule) == (True, "ask-always")


def test_the_timeline_is_newest_first_and_a_type_that_is_not_known_is_a_neutral_line():
    story = Story()
    story.begin()
    unknown = story.say("record.pass", PORTAL, [HOUSING], {"decision": "pass"}, sealed=False)
    on_its_way = story.change(story.note(PORTAL), log_index=None, state="waiting")
    lines = story.seen_by().timeline
    assert [line.message for line in lines[:2]] == [on_its_way.message, unknown.message]
    assert (lines[1].words, lines[1].kind, lines[1].facts) == (
        "other.message",
        "other",
        {"type": "record.pass/1"},
    )
    assert (lines[0].words, lines[0].log_index, lines[0].actor.name) == ("note.add", None, "citizen")


def test_the_timeline_is_shown_a_page_at_a_time_even_when_new_lines_come():
    story = Story()
    story.begin()
    first = page(story.seen_by().timeline, size=3)
    assert (len(first.lines), first.after) == (3, first.lines[-1].message)
    story.note()
    second = page(story.seen_by().timeline, after=first.after, size=3)
    assert (len(second.lines), second.after) == (1, None)
    assert not {line.message for line in first.lines} & {line.message for line in second.lines}
    talk = page(story.seen_by().timeline, kinds=frozenset({"coordination"}))
    assert [line.words for line in talk.lines] == ["note.add"]


def test_what_is_hidden_is_counted_with_its_reason():
    story = Story()
    _, record = story.whole()
    story.erase(record, "case_closed")
    story.note(PORTAL)
    story.here("aside", "x", count=2)
    found = {each.why: each.count for each in story.seen_by(BY_HOUSING).hidden}
    assert found["erased_case_closed"] == 1
    assert found["not_acceptable"] == 2
    assert found["other_organisations"] == 1
    assert "other_organisations" not in {each.why for each in story.seen_by().hidden}


def test_an_id_that_another_sender_took_hides_nothing():
    story = Story()
    story.begin()
    note = story.note(DEBT)
    story.change(story.note(PORTAL), id=note.id, message=note.message)
    assert len(story.seen_by(BY_DEBT).notes) == 2
    assert len(story.seen_by(BY_CITIZEN).timeline) == 6


def test_what_was_shown_first_waits_for_the_citizen_s_word_while_its_permission_lives():
    story = Story()
    story.begin()
    grant = story.grant()
    look = story.change(story.release(grant, story.request(grant)), to=(CITIZEN,), basis=None)
    assert [(each.for_, each.words, each.about) for each in story.seen_by().waiting] == [
        (CITIZEN, "preview", look.message)
    ]
    paused = story.move("suspend", grant)
    assert [each.words for each in story.seen_by().waiting] == ["preview"]  # it can be stopped at any time
    story.say("record.pass", PORTAL, [HOUSING], {"decision": "stop"}, sealed=False, re=look.message)
    assert story.seen_by().waiting == ()
    story.entries.pop()
    story.change(paused, type="consent.withdraw/1")
    assert "preview" not in {each.words for each in story.seen_by().waiting}
